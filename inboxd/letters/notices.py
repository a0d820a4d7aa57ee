"""Notices to the people of a queue: few, and never in answer to a program."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from inboxd import outbox
from inboxd.letters import compose
from inboxd.letters.compose import About
from inboxd.policy.policy import Policy
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

TEMPLATE = "notice"


def to_staff(txn: "Connection", policy: Policy, ticket: Ticket, *, sentences: Sequence[str], at: int) -> int:
    """Queue a notice to everybody who takes those of the ticket's queue; return how many.

    `sentences` say what happened; the first one is the subject. `at` (ms) is the time of the cause.
    """
    said = " ".join(sentences)
    written = 0
    for member in policy.office.staff_of(ticket.queue):
        letter = compose.letter(
            policy,
            About(ticket=ticket),
            kind="notice",
            template=TEMPLATE,
            to=member.addresses[0],
            to_name=member.name,
            at=at,
            values={"what": said},
        )
        outbox.queue(txn, letter)
        written += 1
    return written
