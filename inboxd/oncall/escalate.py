"""The story of a page that nobody has acknowledged: when the wait is over, the next step is taken."""

from typing import TYPE_CHECKING

from inboxd.oncall import paging
from inboxd.policy.policy import PolicyHolder
from store import jobs
from store.jobs import Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from store.open import Store


class EscalationStory:
    """Handles jobs of kind `escalate`."""

    def __init__(self, store: "Store", policy: PolicyHolder, *, wake: "Callable[[], None]") -> None:
        """`wake` is called when there may be items to send, so that they do not wait for the clock."""
        self._store = store
        self._policy = policy
        self._wake = wake

    def __call__(self, job: Job) -> None:
        """Take the next step of the page of a job, unless it was taken or somebody has it."""
        policy = self._policy.current

        def write(txn: "Connection") -> None:
            jobs.finish(txn, job)  # first: when the lease is lost, all of this is rolled back
            paging.escalate(txn, policy, int(job.payload["page"]), int(job.payload["step"]))

        self._store.write(write)
        self._wake()
