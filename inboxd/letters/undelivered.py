"""What somebody waits for and will not get: its ticket says so, and staff hear of it."""

from typing import TYPE_CHECKING, Final

from inboxd.letters import notices
from inboxd.policy.policy import Policy
from store import tickets
from store.outbox import Kind, OutboxItem
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

MISSED: Final[frozenset[Kind]] = frozenset({"reply", "confirmation"})
"""Of other mail nobody has to know: a program wrote it, and nothing waits for it."""


def say(txn: "Connection", policy: Policy, ticket: Ticket, item: OutboxItem, *, what: str, why: str, at: int) -> None:
    """Note `what` became of a mail on its ticket, and give staff a notice where somebody misses it. `at` in ms."""
    tickets.event(txn, ticket.id, at=at, actor="inboxd", what=what, why=why)
    if item.kind in MISSED:
        # Of a copy nobody is to think that who asked has no answer.
        which = f"The {item.kind}" if item.shown_to is None else f"A copy of the {item.kind}"
        notices.to_staff(txn, policy, ticket, sentences=[f"{which} did not arrive: {why.rstrip('.')}."], at=at)
