"""A ticket that goes on where a closed one ended: each names the other."""

from typing import TYPE_CHECKING

from store import ticket_links, tickets
from store.ticket_links import Link
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection


def link(txn: "Connection", ticket: Ticket, followed: Ticket, *, at: int, why: str, why_there: str) -> None:
    """Say on both tickets that the new one goes on where the other one ended, `why_there` on that. `at` in ms."""
    ticket_links.add(txn, Link(ticket_id=ticket.id, other_id=followed.id, kind="linked", at=at, by="inboxd"))
    for one, other, said in ((ticket, followed, why), (followed, ticket, why_there)):
        tickets.event(txn, one.id, at=at, actor="inboxd", what=f"linked with {other.ref}", why=said)
