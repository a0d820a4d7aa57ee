"""Old mail, filed quietly: what came in before this desk was there shall be found here, and wake nobody.

Such a mail has `history` in its envelope. It is filed under its own date as a ticket that is closed from the start,
without clocks; nothing is sent for it and nobody paged. It may join a ticket of old mail, which stays closed, or an
open one by the usual rights; the status of a ticket that people work on never changes by it.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from inboxd.intake.door import moment
from inboxd.message import own_date
from rules.decision import Decision
from store import intake as rows

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from inboxd.message import Message
    from inboxd.message.own_date import OwnDate, Source
    from store.intake import Intake
    from store.tickets import Ticket

JOINED: Final = "Old mail: the ticket's status stays as it is."

_BY: Final[dict["Source", str]] = {
    "date": "as its Date field says",
    "received": "when the last server took it in: its Date field says nothing plausible",
    "kept": "as the place it was kept in says: no field of it says a plausible one",
}


def is_old(envelope: dict[str, Any]) -> bool:
    """Whether the envelope of an intake row says that this is old mail."""
    return bool(envelope.get("history"))


def date_of(message: "Message", intake: "Intake") -> "OwnDate":
    """Return the own date of a mail. The row's received time is that of the place it was kept in."""
    return own_date.choose(
        date=message.date,
        received=message.received,
        kept=moment(intake.received_at),
        # Not the moment of this look: a replay decides the same.
        now=moment(intake.accepted_at),
    )


def quiet(decision: Decision) -> Decision:
    """Return what the rules decide without what it would set going: nobody is waiting for an answer any more."""
    return replace(decision, clocks=(), acknowledge="off", template=None, confirm=False, notices=(), tell=(), page=None)


def said(source: "Source | None") -> dict[str, Any]:
    """Return what a trace keeps of it; `source` None: a recording, which names no date of its own."""
    return {"date_by": source}


def explained(kept: dict[str, Any]) -> str:
    """Return the sentence that `why` shows of what a trace kept."""
    when = "" if kept["date_by"] is None else f" {_BY[kept['date_by']]},"
    return f"Old mail: filed quietly under its own date,{when} closed from the start, no clocks, nothing sent."


def again(decision: Decision, body: dict[str, Any]) -> Decision:
    """Return a later decision as the first one was filed: quietly where the trace `body` says that this is old mail."""
    return quiet(decision) if body.get("history") else decision


def closed(at: int) -> dict[str, Any]:
    """Return the columns of a ticket that is closed from the start; `at` is its own date in milliseconds."""
    return {"status": "closed", "closed_at": at}


def joined(ticket: "Ticket", at: int) -> dict[str, Any]:
    """Return the columns that an old mail of `at` changes on a ticket it joins: a closed one closes with its last."""
    return {"closed_at": max(ticket.closed_at or at, at)} if ticket.status == "closed" else {}


def opened(txn: "Connection", ticket: "Ticket") -> bool:
    """Whether a ticket was opened by old mail."""
    envelope = rows.envelope_of_ticket(txn, ticket.id)
    return envelope is not None and is_old(envelope)
