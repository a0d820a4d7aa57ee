"""The smarthost: a session with it, secured and signed in, for whoever has mail to hand over."""

from inboxd.smtp_submission.session import Abilities, Submission, connect

__all__ = ["Abilities", "Submission", "connect"]
