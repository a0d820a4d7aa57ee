"""The ends of a message that becomes no ticket of its own: a duplicate, or held by a rule. Both keep its bytes."""

from typing import TYPE_CHECKING, Any, Literal

from rules.decision import Disposal
from store import intake as rows
from store import messages, tickets

if TYPE_CHECKING:
    from sqlalchemy import Connection

Becomes = Literal["entry", "report", "nothing"]


def duplicate(
    txn: "Connection", intake_id: str, fingerprint: str, *, becomes: Becomes, author: str | None = None
) -> dict[str, Any] | None:
    """Claim a fingerprint for an intake; where another has it, conclude as its duplicate and return what to log.

    What `becomes` an entry of a ticket, by its `author` where that is known, is no duplicate of what became none, or
    nobody's: headers that a fingerprint leaves out make a receipt, a bounce, an automatic answer or nobody's words of a
    mail, and whoever sends such a copy first must not swallow the real one.
    """
    while (first := messages.claim_fingerprint(txn, fingerprint, intake_id)) is not None:
        if becomes == "nothing" or _has_its_place(txn, first, becomes, author):
            break
        messages.release_fingerprint(txn, first)
    if first is None:
        return None
    return twin(txn, intake_id, first, f"The same message as {first}.")


def _has_its_place(txn: "Connection", first: str, becomes: Becomes, author: str | None) -> bool:
    row = rows.get(txn, first)
    if row.ticket_id is None or becomes == "report":
        return row.ticket_id is not None
    entry = tickets.entry_of_intake(txn, first)
    nobodys = entry is not None and entry.kind == "email" and entry.author is None
    return row.status != "ignored" and not (nobodys and author is not None)


def twin(txn: "Connection", intake_id: str, first: str, reason: str) -> dict[str, Any]:
    """Conclude an intake as a duplicate of another and return what to log."""
    ticket_id = rows.get(txn, first).ticket_id
    rows.conclude(txn, intake_id, status="duplicate", reason=reason, ticket_id=ticket_id, duplicate_of=first)
    return {"status": "duplicate", "duplicate_of": first}


def held(txn: "Connection", intake_id: str, disposal: Disposal) -> dict[str, Any]:
    """Conclude as a rule wants it, quarantined or rejected, and return what to log."""
    status: Literal["quarantined", "rejected"] = "quarantined" if disposal.kind == "quarantine" else "rejected"
    rows.conclude(txn, intake_id, status=status, reason=disposal.reason)
    return {"status": status, "reason": disposal.reason}
