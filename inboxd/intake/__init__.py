"""What comes in: the one door, the door for imports, and what a channel knows beside the bytes."""
