"""One ticket goes into another: its entries belong there from now on, and its reference leads there.

The same for a person who merges two (`tickets merge`) and for a call whose words turn out to name a ticket.
"""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from inboxd import filing
from inboxd.clocks import clocks
from inboxd.clocks.clocks import Calendars
from inboxd.oncall import paging
from store import confirmations, ticket_links, tickets
from store.ticket_links import Link
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who merges: `name` stands on the link, `actor` in the events. `calendars` are those the clocks stop by."""

    name: str
    actor: str
    calendars: Calendars


def merge(
    txn: "Connection", gone: Ticket, stays: Ticket, *, by: By, at: int, why: str | None = None, **undo: Any
) -> None:
    """Move entries, questions and page of `gone` and close it, with an event on both that names the other, and `why`.

    `undo` is added to what `tickets undo` puts back. Both tickets are to be locked. `at` in milliseconds.
    """
    numbers = [each.id for each in tickets.entries(txn, gone.id)]
    questions = [each.id for each in confirmations.of_ticket(txn, gone.id)]
    last = max((each.id for each in tickets.entries(txn, stays.id)), default=0)
    ticket_links.move_entries(txn, numbers, stays.id)
    confirmations.move(txn, questions, stays.id)
    ticket_links.add(txn, Link(ticket_id=gone.id, other_id=stays.id, kind="merged", at=at, by=by.name))
    close(txn, gone, by=by, at=at)
    back = {
        "kind": "merge",
        "into": stays.id,
        "entries": numbers,
        "status": gone.status,
        "closed_at": gone.closed_at,
        "clocks": list(gone.clocks),
        "questions": questions,
        "last": last,
        **_page(paging.merged(txn, gone, stays, at=at)),
        "actions": [list(stays.actions_allowed), stays.actions_blocked],
        **undo,
    }
    take_away(txn, gone, stays, by=by, at=at)
    tickets.event(txn, gone.id, at=at, actor=by.actor, what=f"merged into {stays.ref}", why=why, undo=back)
    # Whoever merges may undo it on either of the two; what a call's words did is no step of the people at work here.
    there = None if by.actor == "inboxd" else {"kind": "there", "ticket": gone.id}
    tickets.event(txn, stays.id, at=at, actor=by.actor, what=f"took in {gone.ref}", why=why, undo=there)


def _page(moved: paging.Moved | None) -> dict[str, Any]:
    return {"page": None} if moved is None else asdict(moved)


def close(txn: "Connection", ticket: Ticket, *, by: By, at: int) -> None:
    """Close a ticket that another one stands for now; nobody waits for an answer on it."""
    running = clocks.moved(ticket.clocks, "closed", at, by.calendars)
    tickets.update(txn, ticket.id, at=at, status="closed", closed_at=at, **clocks.columns(ticket, running))


def take_away(txn: "Connection", gone: Ticket, stays: Ticket, *, by: By, at: int) -> None:
    """Let nothing be done on a ticket that was not to be done on the one that it takes in: proof covers its own."""
    columns = filing.without(stays, gone.actions_blocked or {})
    if columns["actions_allowed"] != tuple(stays.actions_allowed):
        tickets.update(txn, stays.id, at=at, **columns)
        why = f"{gone.ref}, which it took in, did not allow that."
        filing.say_withheld(txn, stays, columns, at=at, why=why, actor=by.actor)
