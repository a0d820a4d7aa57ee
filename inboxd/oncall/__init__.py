"""Waking somebody: pages, how they leave the house, and how they are answered."""
