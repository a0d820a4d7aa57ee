"""Answers to notices that perhaps no person wrote: vacation notes and their like that carry no mark.

What is marked (RFC 3834, the vendors' headers) is known before. Words are no sign that is certain, so nothing is
dropped by them: its author is asked.
"""

from inboxd.judging.judge_message import Judged
from inboxd.message import kinds


def sign(judged: Judged, text: str) -> str | None:
    """Return in words what speaks for a program as the author of an answer; None where nothing does.

    How soon it came says nothing: people paste what they have written a hundred times.
    """
    if kinds.reads_like_one(judged.message.subject or "", text):
        return "It reads like a note of absence"
    return None
