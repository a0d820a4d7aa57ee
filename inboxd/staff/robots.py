"""Answers to notices that perhaps no person wrote: vacation notes and their like that carry no mark.

What is marked (RFC 3834, the vendors' headers) is known before. Words are no sign that is certain, so nothing is
dropped by them: its author is asked.
"""

from typing import TYPE_CHECKING, Final

from inboxd import addresses
from inboxd.judging.judge_message import Judged
from inboxd.message import kinds
from inboxd.staff.staff_entries import Author
from store import outbox as items
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

_DAY_MS: Final = 24 * 3_600_000


def sign(judged: Judged, text: str) -> str | None:
    """Return in words what speaks for a program as the author of an answer; None where nothing does.

    How soon it came says nothing: people paste what they have written a hundred times.
    """
    if kinds.reads_like_one(judged.message.subject or "", text):
        return "It reads like a note of absence"
    return None


def told(txn: "Connection", ticket: Ticket, author: Author, *, at: int) -> int:
    """Count the mails of a day that told an author what became of his mails about a ticket. `at` in ms."""
    key = addresses.key(author.address)
    return sum(
        each.kind == "notice" and each.in_reply_to is not None and each.to_key == key and each.created_at > at - _DAY_MS
        for each in items.list_(txn, ticket_id=ticket.id)
    )
