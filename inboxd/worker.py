"""Runs the jobs: one lane for mail, one for speech, so that a long recording never holds up a mail.

A lane is one claimer and a few hands. The claimer takes as many ready jobs as there are free hands in one transaction,
and renews the leases of those that are long under way; a hand runs one job to its end. A job finishes inside its own
transaction, fenced by claimant and attempt, so that a lease that ran out cannot file anything twice. What fails is
tried again, later each time, and ends as dead with the reason: never deleted.
"""

import errno
import queue
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from inboxd import logs
from inboxd.errors import Interrupted, NotYet, PermanentFailure
from inboxd.until_stored import until_stored
from store import errors as store_errors
from store import intake as rows
from store import jobs
from store.jobs import Job

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.open import Store

# Seconds until the second, third, … attempt. Unknown errors count as temporary: the same mail read by a mended daemon
# is worth more than a quick verdict.
BACKOFF = (5, 30, 120, 600, 1800, 3600)
FAILURES_ALLOWED = 8
# A job that lasts, or waits for its hand, keeps its lease for so many times its length: without that one that takes
# longer is begun again and again, and never ends. A hand that hangs for good holds it no longer.
LEASES_AT_MOST = 10

# No space, no memory, no more files or processes. EIO is none of these: it may be one blob's own bad sector.
_MACHINE_TROUBLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EAGAIN, errno.EMFILE, errno.ENFILE})

Handler = Callable[[Job], None]

log = structlog.get_logger("inboxd.worker")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """How many jobs of a kind run side by side, and for how long one may be silent before another may take it.

    `of_intakes`: it works on what comes in, and is woken by each arrival. What goes out waits for `wake`: a claim is a
    transaction, and arrivals are many.
    """

    name: str
    hands: int
    lease_seconds: int
    of_intakes: bool = True


class Worker:
    """The lanes of this process. `only` confines it to the jobs of given intakes (an `ingest` without a daemon)."""

    def __init__(
        self,
        store: "Store",
        handlers: Mapping[str, Handler],
        *,
        claimant: str,
        lanes: Collection[Lane],
        stopping: threading.Event,
        only: Collection[str] | None = None,
    ) -> None:
        self._store = store
        self._handlers = handlers
        self._claimant = claimant
        self._only = only
        self.stopping = stopping
        # By lane, why its last claim failed.
        self._claim_trouble: dict[str, str] = {}
        self._lanes = [_LaneRun(self, lane) for lane in lanes]

    def start(self) -> None:
        """Start claiming."""
        for lane in self._lanes:
            lane.start()

    def wake(self) -> None:
        """Say that there may be work. Cheap; from any thread."""
        for lane in self._lanes:
            lane.wake()

    def arrived(self) -> None:
        """Say that something came in. Cheap; from any thread."""
        for lane in self._lanes:
            if lane.of_intakes:
                lane.wake()

    def stop(self) -> None:
        """Claim no more, let running jobs end, give back what was claimed and not begun."""
        self.stopping.set()
        self.wake()
        for lane in self._lanes:
            lane.join()

    def claim(self, lane: Lane, limit: int) -> list[Job]:
        """Take up to `limit` ready jobs of a lane; none while the store is away."""
        only = None if self._only is None else tuple(self._only)
        try:
            claimed = self._store.write(
                lambda txn: jobs.claim(
                    txn,
                    lane=lane.name,
                    claimant=self._claimant,
                    lease_seconds=lane.lease_seconds,
                    limit=limit,
                    intake_ids=only,
                )
            )
        except Exception as error:  # noqa: BLE001 - logged, and tried again: else the lane stands still for good
            self._say_claim_failed(lane, error)
            self.stopping.wait(1.0)
            return []
        if self._claim_trouble.pop(lane.name, None) is not None:
            log.info("claim_trouble_over", lane=lane.name)
        return claimed

    def _say_claim_failed(self, lane: Lane, error: Exception) -> None:
        """Log a change, not each try: the log may lie on the disk that is full."""
        if self._claim_trouble.get(lane.name) == repr(error):
            return
        self._claim_trouble[lane.name] = repr(error)
        if isinstance(error, store_errors.StoreError):
            log.error("claim_failed", lane=lane.name, error=str(error))
        else:
            log.error("claim_failed", lane=lane.name, exc_info=error)

    def renew(self, lane: Lane, under_way: Collection[Job]) -> None:
        """Hold on to jobs that are under way; while the store is away they hold for as long as their lease does."""
        try:
            self._store.write(lambda txn: jobs.extend_all(txn, under_way, lane.lease_seconds))
        except store_errors.StoreError as error:
            log.error("leases_not_renewed", lane=lane.name, error=str(error))
        except Exception as error:
            # The claimer's boundary, as in `claim`.
            log.error("leases_not_renewed", lane=lane.name, exc_info=error)

    def run(self, job: Job) -> None:
        """Run one job to its end; whatever it raises ends here, in the log and in the job."""
        of = {} if job.intake_id is None else {"queue_id": job.intake_id}
        with logs.bound(**of, job=job.id, kind=job.kind):
            if job.exhausted:
                # Nobody lived to count these failures but the claims: perhaps the job itself ends the process. The
                # limit is very wide, since each kill of the daemon takes along what it had claimed and not begun.
                self._failed(job, PermanentFailure(f"its process ended {job.attempt - 1} times while it ran"))
                return
            started = time.monotonic()
            try:
                self._handlers[job.kind](job)
            except store_errors.LeaseLost:
                # Somebody else has the job now; what we did was rolled back.
                log.warning("lease_lost")
            except Exception as error:  # noqa: BLE001 - the boundary: a bad item must stop neither lane nor daemon
                self._failed(job, error)
            else:
                log.debug("job_done", seconds=round(time.monotonic() - started, 3))

    def _failed(self, job: Job, error: Exception) -> None:
        if isinstance(error, Interrupted):
            log.info("job_interrupted")
            self.give_back(job)
            return
        if isinstance(error, NotYet):
            why, seconds = str(error), error.seconds
            log.info("job_waits", why=why, seconds=seconds)
            self._until_stored(lambda txn: jobs.retry(txn, job, error=why, delay_seconds=seconds, counted=False))
            return
        # A store that is away or a full disk says nothing of the job: that never makes it dead, nor wait for long.
        waits = _is_our_trouble(error)
        failures = job.failures + 1
        permanent = isinstance(error, PermanentFailure) or (failures >= FAILURES_ALLOWED and not waits)
        log.error("job_failed", failures=failures, dead=permanent, exc_info=error)
        reason = f"{type(error).__name__}: {error}"
        if permanent:
            self._until_stored(lambda txn: _bury(txn, job, reason))
            return
        delay = BACKOFF[0] if waits else BACKOFF[min(failures, len(BACKOFF)) - 1]
        self._until_stored(lambda txn: jobs.retry(txn, job, error=reason, delay_seconds=delay, counted=not waits))

    def give_back(self, job: Job) -> None:
        """Return a job that was claimed and not begun."""
        self._until_stored(lambda txn: jobs.give_back(txn, job))

    def _until_stored(self, change: "Callable[[Connection], None]") -> None:
        """Write, again and again while the store is away; a stop leaves the rest to the lease."""
        with suppress(store_errors.StoreError):
            until_stored(self._store, change, self.stopping)


def _is_our_trouble(error: Exception) -> bool:
    """Tell whether an error is the machine's of this moment and would have met any other job, too."""
    if isinstance(error, store_errors.StoreError):
        return error.temporary
    return isinstance(error, OSError) and error.errno in _MACHINE_TROUBLE


def _bury(txn: "Connection", job: Job, reason: str) -> None:
    """Let a job die. The message it was to file goes to quarantine, where staff see it and can replay it."""
    jobs.bury(txn, job, error=reason)
    if job.intake_id is not None and rows.get(txn, job.intake_id).status is None:
        rows.conclude(txn, job.intake_id, status="quarantined", reason=reason)


class _LaneRun:
    """The threads of one lane."""

    def __init__(self, worker: Worker, lane: Lane) -> None:
        self._worker = worker
        self._lane = lane
        self.of_intakes = lane.of_intakes
        self._claimed: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._changed = threading.Condition()
        # By number and attempt: claimed and not over, and since when (monotonic).
        self._under_way: dict[tuple[int, int], tuple[Job, float]] = {}
        self._work_waits = True
        self._renew_at = time.monotonic() + self._renewal_seconds
        self._threads = [threading.Thread(target=self._claim_loop, name=f"{lane.name}-claimer")]
        self._threads += [
            threading.Thread(target=self._hand_loop, name=f"{lane.name}-{number}") for number in range(lane.hands)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def wake(self) -> None:
        with self._changed:
            self._work_waits = True
            self._changed.notify_all()

    def _claim_loop(self) -> None:
        while not self._worker.stopping.is_set():
            with self._changed:
                # As many again as there are hands wait in memory, so that no hand idles during a claim's commit.
                # A claim of one costs as much as a claim of ten, so it waits for several places, never for a hand.
                self._changed.wait_for(self._is_wanted, timeout=self._renew_at - time.monotonic())
                wanted, free = self._is_wanted(), self._room - len(self._under_way)
                self._work_waits = self._work_waits and not wanted
            if self._worker.stopping.is_set():
                break
            self._renew_when_due()
            if not wanted:
                continue
            claimed = self._worker.claim(self._lane, free)
            now = time.monotonic()
            with self._changed:
                self._under_way |= {(job.id, job.attempt): (job, now) for job in claimed}
                # A full catch says that more may wait; an empty one, that the next wake-up tells.
                self._work_waits = self._work_waits or len(claimed) == free
            for job in claimed:
                self._claimed.put(job)
        for _ in range(self._lane.hands):
            self._claimed.put(None)

    def _is_wanted(self) -> bool:
        return self._worker.stopping.is_set() or (self._work_waits and self._has_places)

    def _renew_when_due(self) -> None:
        now = time.monotonic()
        if now < self._renew_at:
            return
        self._renew_at = now + self._renewal_seconds
        since, until = now - LEASES_AT_MOST * self._lane.lease_seconds, now - self._renewal_seconds
        with self._changed:
            long_under_way = [job for job, at in self._under_way.values() if since < at <= until]
        if long_under_way:
            self._worker.renew(self._lane, long_under_way)

    @property
    def _renewal_seconds(self) -> float:
        # Two renewals may fail before the lease ends.
        return self._lane.lease_seconds / 4

    @property
    def _room(self) -> int:
        return self._lane.hands * 2 if self._lane.hands > 1 else 1

    @property
    def _has_places(self) -> bool:
        return self._room - len(self._under_way) >= max(1, self._lane.hands // 2)

    def _hand_loop(self) -> None:
        while (job := self._claimed.get()) is not None:
            try:
                if self._worker.stopping.is_set():
                    self._worker.give_back(job)
                else:
                    self._worker.run(job)
            except Exception as error:
                # The hand's boundary: the job comes back when its lease has ended.
                log.error("job_state_lost", job=job.id, exc_info=error)
            with self._changed:
                self._under_way.pop((job.id, job.attempt), None)
                self._changed.notify_all()
