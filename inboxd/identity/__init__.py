"""Who it seems to be: by address, by number, by what is said, and who it only looks like."""
