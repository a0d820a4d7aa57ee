"""Message-IDs for threading, and fingerprints that say a message came before."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select

from store.schema import entries, fingerprints, messages
from store.sql import insert_or_ignore
from store.text import key

_PAGE = 500

_TICKETS: Final = (
    select(messages.c.message_id, messages.c.ticket_id)
    .where(messages.c.message_id.in_(bindparam("asked", expanding=True)))
    .order_by(messages.c.id)
)
_ANSWERS: Final = (
    select(entries.c.id)
    .join(messages, messages.c.entry_id == entries.c.id)
    .where(messages.c.message_id == bindparam("asked"), entries.c.kind == "reply")
    .limit(1)
)
_HOLDER: Final = select(fingerprints.c.intake_id).where(fingerprints.c.fingerprint == bindparam("fingerprint"))


def remember(
    txn: Connection,
    *,
    message_id: str | None,
    ticket_id: int,
    entry_id: int | None = None,
    intake_id: str | None = None,
) -> None:
    """Note that a Message-ID belongs to a ticket. Said twice, it is noted once; a mail without one is no matter."""
    if message_id is None:
        return
    row = {"message_id": key(message_id), "ticket_id": ticket_id, "entry_id": entry_id, "intake_id": intake_id}
    txn.execute(insert_or_ignore(txn, messages), row)


def find_tickets(txn: Connection, message_ids: Sequence[str]) -> list[int]:
    """Give the tickets that hold any of these Message-IDs, each once, in the order of the ids that were asked for."""
    asked = list(dict.fromkeys(key(message_id) for message_id in message_ids))
    found: dict[str, list[int]] = {}
    for start in range(0, len(asked), _PAGE):
        for message_id, ticket_id in txn.execute(_TICKETS, {"asked": asked[start : start + _PAGE]}):
            found.setdefault(message_id, []).append(ticket_id)
    return list(dict.fromkeys(ticket for message_id in asked for ticket in found.get(message_id, ())))


def is_of_answer(txn: Connection, message_id: str | None) -> bool:
    """Tell whether a mail of this Message-ID stands as an answer on a ticket."""
    return message_id is not None and txn.execute(_ANSWERS, {"asked": key(message_id)}).first() is not None


def claim_fingerprint(txn: Connection, fingerprint: str, intake_id: str) -> str | None:
    """Claim a message's fingerprint for an intake. None: it is this intake's now; else the intake that came first.

    Two transactions that claim the same at once: the second waits for the first one's end.
    """
    row = {"fingerprint": key(fingerprint), "intake_id": intake_id}
    claimed = insert_or_ignore(txn, fingerprints, "intake_id")
    while txn.execute(claimed, row).first() is None:
        holder = txn.execute(_HOLDER, {"fingerprint": row["fingerprint"]}).scalar()
        if holder is not None:
            return None if holder == intake_id else str(holder)
        # It was let go between the two statements: now it is free.
    return None


def release_fingerprint(txn: Connection, intake_id: str) -> None:
    """Let the fingerprints of an intake go, for one that is replayed or was no message after all."""
    txn.execute(delete(fingerprints).where(fingerprints.c.intake_id == intake_id))
