"""What staff and scripts do: the operations behind the command line and the control socket."""
