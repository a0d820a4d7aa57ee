"""What the desk's own people change, by command or by mail."""
