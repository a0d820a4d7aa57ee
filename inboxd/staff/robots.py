"""Answers to notices that perhaps no person wrote: vacation notes and their like that carry no mark.

What is marked (RFC 3834, the vendors' headers) is known before. The rest is told from people's answers by no sign that
is certain, so nothing is dropped by these: its author is asked.
"""

from typing import TYPE_CHECKING, Final

from inboxd import addresses
from inboxd.judging.judge_message import Judged
from inboxd.message import kinds
from inboxd.staff.staff_entries import TOLD_STAFF, Author
from store import outbox as items
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

# Shorter answers are written in no time.
_LONG: Final = 40  # characters
# 120 words a minute, without a second for reading what is answered.
_FASTEST: Final = 10  # characters a second
_SOON_MS: Final = 60_000
_DAY_MS: Final = 24 * 3_600_000


def sign(txn: "Connection", judged: Judged, ticket: Ticket, text: str) -> str | None:
    """Return in words what speaks for a program as the author of an answer; None where nothing does."""
    if kinds.reads_like_one(judged.message.subject or "", text):
        return "It reads like a note of absence"
    answered = [each for each in items.by_message_id(txn, judged.message.in_reply_to) if each.kind in TOLD_STAFF]
    of_ticket = [each for each in items.list_(txn, ticket_id=ticket.id) if each.kind in TOLD_STAFF]
    # What is answered line by line was typed by nobody.
    quoted = {line.strip("> ") for each in (*answered, *of_ticket) for line in each.text.splitlines()}
    typed = sum(len(line) for line in text.splitlines() if line.strip("> ") not in quoted)
    # The time of a mailbox may be whole seconds, and our word that a mail is gone may come after its answer.
    gone = (each.sent_at or each.dated_at for each in answered or of_ticket)
    waited = [judged.at - each for each in gone if each is not None]
    soon = [max(each, 0) for each in waited if abs(each) < _SOON_MS]
    if soon and typed >= _LONG and typed > min(soon) / 1000 * _FASTEST:
        return "It was here sooner after the notice than anybody could have typed it"
    return None


def told(txn: "Connection", ticket: Ticket, author: Author, *, at: int) -> int:
    """Count the mails of a day that told an author what became of his mails about a ticket. `at` in ms."""
    key = addresses.key(author.address)
    return sum(
        each.kind == "notice" and each.in_reply_to is not None and each.to_key == key and each.created_at > at - _DAY_MS
        for each in items.list_(txn, ticket_id=ticket.id)
    )
