"""The mail that inboxd sends to itself, and the alarm when it does not come back."""
