"""Which ticket a message belongs to, and how one ticket goes into another."""
