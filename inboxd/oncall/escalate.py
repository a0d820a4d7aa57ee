"""The story of a page that nobody has acknowledged: when the wait is over, the next step is taken."""

from typing import TYPE_CHECKING, Final

import structlog

from inboxd.intake.door import now_ms
from inboxd.oncall import paging
from inboxd.policy.policy import PolicyHolder
from store import jobs
from store.errors import LeaseLost, StoreError
from store.jobs import Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from store.open import Store


# Some minutes by the worker's pauses: somebody sleeps while a step fails, so people hear of it soon.
_FAILURES_ALLOWED: Final = 4

log = structlog.get_logger("inboxd.escalate")


class EscalationStory:
    """Handles jobs of kind `escalate`."""

    def __init__(
        self, store: "Store", policy: PolicyHolder, *, wake: "Callable[[], None]", heed_clock: "Callable[[], None]"
    ) -> None:
        """`wake` is called when there may be items to send, so that they do not wait; `heed_clock` before each step."""
        self._store = store
        self._policy = policy
        self._wake = wake
        self._heed_clock = heed_clock

    def __call__(self, job: Job) -> None:
        """Take the next step of the page of a job, unless it was taken or somebody has it.

        A step that fails again and again is dead, and says so on the ticket and to staff.
        """
        self._heed_clock()
        try:
            self._store.write(lambda txn: self._step(txn, job))
        except Exception as error:
            # Whatever it is, a page that stands still must not do so in silence. A store that is away for a moment,
            # and a job that is another's by now, are the worker's to judge, as are the first failures. The end is ours:
            # the job's death and what people hear of it are one transaction, so that no crash parts them.
            passes = isinstance(error, LeaseLost) or (isinstance(error, StoreError) and error.temporary)
            if passes or job.failures + 1 < _FAILURES_ALLOWED:
                raise
            log.error("paging_stands_still", page=job.payload["page"], exc_info=error)
            why = f"{type(error).__name__}: {error}"
            self._store.write(lambda txn: self._bury(txn, job, why))
        self._wake()

    def _step(self, txn: "Connection", job: Job) -> None:
        jobs.finish(txn, job)  # first: when the lease is lost, all of this is rolled back
        paging.escalate(txn, self._policy.current, int(job.payload["page"]), int(job.payload["step"]))

    def _bury(self, txn: "Connection", job: Job, why: str) -> None:
        jobs.bury(txn, job, error=why)
        paging.stands_still(txn, self._policy.current, int(job.payload["page"]), why, at=now_ms())
