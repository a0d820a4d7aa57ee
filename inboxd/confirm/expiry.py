"""The end of a question that nobody answered: a job that was given its time when the question was put."""

from typing import TYPE_CHECKING, Final

import structlog

from inboxd.intake.door import now_ms
from inboxd.letters import notices
from inboxd.policy.policy import Policy, PolicyHolder
from store import clock_steps, confirmations, jobs, ticket_links, tickets
from store.confirmations import Confirmation
from store.jobs import Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from store.open import Store

log = structlog.get_logger("inboxd.confirm")

KIND: Final = "confirmation-expires"


def plan(txn: "Connection", number: int, ticket_id: int, expires_at: int) -> None:
    """Queue the end of a question."""
    jobs.add(txn, kind=KIND, lane="mail", ticket_id=ticket_id, payload={"confirmation": number}, due_at=expires_at + 1)


class Expiry:
    """Handles jobs of kind `confirmation-expires`."""

    def __init__(self, store: "Store", policy: PolicyHolder, *, heed_clock: "Callable[[], None]") -> None:
        """`heed_clock` is called before time is judged."""
        self._store = store
        self._policy = policy
        self._heed_clock = heed_clock

    def __call__(self, job: Job) -> None:
        """End a question that is still open."""
        policy = self._policy.current
        self._heed_clock()
        ref = self._store.write(lambda txn: _expire(txn, job, policy))
        if ref is not None:
            log.info("confirmation_expired", ref=ref)


def _expire(txn: "Connection", job: Job, policy: Policy) -> str | None:
    jobs.finish(txn, job)
    number = int(job.payload["confirmation"])
    ticket = ticket_links.locked(txn, confirmations.get(txn, number).ticket_id)
    # Only now: the answer may have been filed while this waited for the ticket.
    asked: Confirmation = confirmations.get(txn, number)
    if asked.state != "asked":
        return None
    ends = asked.expires_at + clock_steps.set_forward_since(txn, asked.asked_at)
    if ends != asked.expires_at and ends >= now_ms():
        # Only the clock has gone on so far: whoever was asked has not had the time.
        plan(txn, asked.id, asked.ticket_id, ends)
        return None
    # The time at which it ended, whenever this job came to run.
    at = asked.expires_at
    confirmations.end(txn, asked.id, "expired", at=at)
    why = f"{asked.to_address} did not answer within seven days."
    tickets.event(txn, ticket.id, at=at, actor="inboxd", what="confirmation expired", why=why)
    if ticket.status != "closed":
        notices.to_staff(txn, policy, ticket, sentences=("Nobody confirmed.", why), at=at)
    return ticket.ref
