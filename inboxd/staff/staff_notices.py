"""Mails to an author of staff about his own mail: what became of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from inboxd import addresses
from inboxd.judging.judge_message import Judged
from inboxd.letters import notices
from inboxd.staff.staff_entries import Author
from store import outbox as items
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

_DAY_MS: Final = 24 * 3_600_000
_MOST: Final = 5


def tell(
    txn: "Connection", judged: Judged, ticket: Ticket, author: Author, sentences: Sequence[str], *, at: int
) -> None:  # fmt: skip
    """Write to the author of a mail what became of it."""
    notices.to_author(
        txn,
        judged.policy,
        ticket,
        to=author.address,
        to_name=author.name,
        in_reply_to=judged.message.message_id,
        sentences=sentences,
        at=at,
    )


def left(txn: "Connection", ticket: Ticket, author: Author, *, at: int) -> int:
    """Return how many more such mails about a ticket its author may get within a day. `at` in milliseconds.

    What answers each of them is a program, and would go round in a circle with us.
    """
    key = addresses.key(author.address)
    told = sum(
        each.kind == "notice" and each.in_reply_to is not None and each.to_key == key and each.created_at > at - _DAY_MS
        for each in items.list_(txn, ticket_id=ticket.id)
    )
    return max(0, _MOST - told)
