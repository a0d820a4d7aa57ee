"""A mail that is larger than its mailbox allows: its ticket says how large it is, and where the whole of it lies."""

from typing import TYPE_CHECKING

from store import tickets
from store.intake import Intake

if TYPE_CHECKING:
    from sqlalchemy import Connection


def say(txn: "Connection", intake: Intake, ticket_id: int, *, at: int) -> None:
    """Note it on the ticket, in the transaction that files the mail; nothing for a whole mail."""
    envelope = intake.envelope
    whole = envelope.get("whole_size")
    if whole is None:
        return
    why = (
        f"Only the first {intake.size:,} of {whole:,} bytes of mail {intake.id} were fetched (`max_size` of mailbox "
        f"{envelope['mailbox']}). The whole mail lies there, untouched: folder {envelope['folder']}, "
        f"UID {envelope['uid']}."
    )
    tickets.event(txn, ticket_id, at=at, actor="inboxd", what="fetched in part", why=why)
