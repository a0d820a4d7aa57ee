"""The control socket: commands speak to a running daemon over HTTP on a Unix socket (docs/commands.md)."""
