"""The smarthost: a session with it, secured and signed in, for whoever has mail to hand over."""

from inboxd.smtp_submission.session import Abilities, Submission, connect
from inboxd.smtp_submission.transfer import AnswerLost, Mail, transfer

__all__ = ["Abilities", "AnswerLost", "Mail", "Submission", "connect", "transfer"]
