"""Mail that inboxd writes of itself: how it is composed, who takes notices, and who gets no answer."""
