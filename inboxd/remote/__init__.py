"""What every exchange with a far server needs: limits of time, lines of HTTP, and words for what went wrong."""
