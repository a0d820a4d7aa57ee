"""The story of a clock's moment: it is due soon, or it is breached; an event on the ticket, and a notice where asked.

The job stood in the store since the ticket did, so a daemon that was away catches up. What it does hangs on the clocks
as they stand then: a job that comes too early, too late or twice tells nothing twice.
"""

from typing import TYPE_CHECKING, Any, Final

from inboxd.clocks import clocks
from inboxd.intake.door import moment, now_ms
from inboxd.letters import notices
from inboxd.policy.policy import Policy, PolicyHolder
from rules.decision import ClockMoment
from store import jobs, tickets
from store.jobs import Job
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.open import Store

_WHAT: Final[dict[ClockMoment, str]] = {"due": "due", "breach": "breached"}


class ClockStory:
    """Handles jobs of kind `clock`."""

    def __init__(self, store: "Store", policy: PolicyHolder) -> None:
        self._store = store
        self._policy = policy

    def __call__(self, job: Job) -> None:
        """Tell what has come to pass on the ticket of a job, and write the job for what comes next."""
        policy = self._policy.current
        self._store.write(lambda txn: _ring(txn, job, policy))


def _ring(txn: "Connection", job: Job, policy: Policy) -> None:
    jobs.finish(txn, job)
    ticket = tickets.get_by_id(txn, int(job.payload["ticket"]), for_update=True)
    # The job was claimed by the database's clock: where ours lags behind, its own time has come nevertheless.
    now = max(now_ms(), job.due_at or 0)
    rung = tuple(_rung(txn, ticket, clock, now, policy) for clock in ticket.clocks)
    if rung != ticket.clocks:
        ticket = tickets.update(txn, ticket.id, at=now, clocks=rung)
    clocks.watch(txn, ticket)


def _rung(txn: "Connection", ticket: Ticket, clock: dict[str, Any], now: int, policy: Policy) -> dict[str, Any]:
    passed = clocks.passed(clock, now)
    if not passed:
        return clock
    # When nobody was there to say that it is due soon, that it is breached says enough.
    what = passed[-1]
    at = clock["warn_at"] if what == "due" else clock["due_at"]
    due = f"{moment(clock['due_at']).astimezone(policy.zone):%Y-%m-%d %H:%M %Z}"
    why = f"Due at {due}." if what == "due" else f"It was due at {due}."
    tickets.event(txn, ticket.id, at=at, actor="inboxd", what=f"{_WHAT[what]} {clock['name']}", why=why)
    if what in clock["notice"]:
        said = (
            f"{clock['name']} is due at {due}" if what == "due" else f"{clock['name']} was due at {due} and is not met"
        )
        notices.to_staff(txn, policy, ticket, sentences=(said,), at=at)
    return {**clock, "told": [*clock["told"], *passed]}
