"""The clocks of tickets: met, stopped, rung, and reported."""
