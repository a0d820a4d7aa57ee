"""What somebody waits for and will not get: its ticket says so, and staff hear of it."""

from typing import TYPE_CHECKING, Final

from inboxd.letters import notices
from inboxd.policy.policy import Policy
from store import tickets
from store.outbox import Kind
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

MISSED: Final[frozenset[Kind]] = frozenset({"reply", "confirmation"})
"""Of other mail nobody has to know: a program wrote it, and nothing waits for it."""


def say(
    txn: "Connection", policy: Policy, ticket: Ticket, kind: Kind, *, what: str, why: str, at: int
) -> None:  # fmt: skip
    """Note `what` became of a mail on its ticket, and give staff a notice where somebody misses it. `at` in ms."""
    tickets.event(txn, ticket.id, at=at, actor="inboxd", what=what, why=why)
    if kind in MISSED:
        notices.to_staff(txn, policy, ticket, sentences=[f"The {kind} did not arrive: {why.rstrip('.')}."], at=at)
