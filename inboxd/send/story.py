"""The story of an item that goes out: queued, sending, and then sent, failed or suppressed.

`sending` is committed right before the first byte that cannot be taken back, `sent` right after the other side's word;
a store that cannot be written then is waited for. A crash between the two leaves `sending`: the next try goes out under
the same Message-ID with the same bytes. Nothing else can send an item twice: one job has it, by lease, and the lease is
longer than a try may take.
"""

import random
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import structlog

from inboxd import outbox
from inboxd.errors import Interrupted
from inboxd.intake.door import now_ms
from inboxd.letters import undelivered
from inboxd.policy.policy import PolicyHolder
from inboxd.send.carrier import Carrier, Later, Never, Withdrawn
from inboxd.until_stored import until_stored
from store import clock_steps, jobs, ticket_links
from store import errors as store_errors
from store import outbox as rows
from store.errors import NotFound
from store.jobs import Job
from store.outbox import OutboxItem

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.open import Store

# Seconds until the second, third, … try; the last one from then on.
BACKOFF: Final = (30, 60, 120, 300, 600, 900, 1800, 3600)
# Who is on call wants to know before the night is over.
PAGE_BACKOFF: Final = (10, 20, 40, 60, 120, 300)
# RFC 5321 4.5.4.1: four or five days, then whoever wrote it is told.
GIVE_UP_MS: Final = 4 * 24 * outbox.HOUR_MS
# Who waits for a way out that is closed asks no more seldom than this; who waits for one that is not there, than that.
LONGEST_SECONDS: Final = 900.0
IDLE_SECONDS: Final = 3600.0
# Longer than a try may take (smtp_submission.transfer): connecting, each reply, the mail itself, the word after it.
LEASE_SECONDS: Final = 1800

HELD_BY_MODE: Final = "held: outgoing.mode is hold; `inboxd outbox release` lets it go"
NO_CARRIER: Final = "waits: nothing here takes it out"
NO_OUTGOING: Final = "waits: the configuration has no section outgoing"

log = structlog.get_logger("inboxd.send")


class SendStory:
    """Handles jobs of kind `send`."""

    def __init__(
        self,
        store: "Store",
        policy: PolicyHolder,
        carriers: Mapping[str, Carrier],
        *,
        hold: bool,
        stopping: threading.Event,
        heed_clock: Callable[[], None],
    ) -> None:
        """`carriers` by scheme: `mail`, `tel`, `sms`, `https`. `hold`: nothing but pages goes before its release.

        `heed_clock` is called before anything is judged too late: perhaps the clock was set forward a moment ago.
        """
        self._store = store
        self._policy = policy
        self._carriers = carriers
        self._hold = hold
        self._stopping = stopping
        self._heed_clock = heed_clock
        # By scheme, until when (monotonic) its way out counts as closed, and why.
        self._closed: dict[str, tuple[float, str]] = {}

    def __call__(self, job: Job) -> None:
        """Carry out the item of a job, or put it off; its state and its job end in one transaction."""
        with self._store.read() as connection:
            item = _of(connection, job, for_update=False)
        if item is None:
            self._store.write(lambda txn: jobs.finish(txn, job))
            return
        if item.not_after is not None and now_ms() > item.not_after and self._passed(item.created_at) > _within(item):
            self._end(job, item, "suppressed", _too_late(item))
            return
        if item.held_at is not None or (self._hold and item.kind != "page" and item.released_at is None):
            self._park(job, item)
            return
        self._try(job, item)

    def try_again(self) -> None:
        """Let what waits after a failure try at once: somebody has mended something, or the daemon has just begun."""
        self._closed.clear()
        self._store.write(outbox.try_waiting_again)

    def _try(self, job: Job, item: OutboxItem) -> None:
        scheme = scheme_of(item.to_address)
        carrier = self._carriers.get(scheme)
        if carrier is None:
            self._wait(job, item, NO_OUTGOING if scheme == "mail" else NO_CARRIER, seconds=IDLE_SECONDS)
            return
        closed_until, why = self._closed.get(scheme, (0.0, ""))
        if closed_until > time.monotonic():
            # The longer it has waited, the longer it can: ten thousand items must not each ask twice a minute.
            waited = self._passed(job.created_at) / 1000
            self._wait(job, item, why, seconds=min(max(closed_until - time.monotonic(), waited / 4), LONGEST_SECONDS))
            return
        try:
            carrier(item, lambda: self._begin(job))
        except Withdrawn:
            self._store.write(lambda txn: jobs.finish(txn, job))
        except Never as never:
            self._end(job, item, "failed", f"{never}{_doubt(item)}")
        except Later as later:
            if later.everyone:
                self._closed[scheme] = (time.monotonic() + later.closed_seconds, str(later))
            self._later(job, item, later)
        except (store_errors.StoreError, Interrupted):
            raise
        except Exception as error:
            # A mistake of ours, or a server's that nobody foresaw: the item is tried again like any other.
            log.exception("send_broke", item=item.id)
            self._later(job, item, Later(f"an error of inboxd's own: {type(error).__name__}: {error}"))
        else:
            self._closed.pop(scheme, None)
            self._end(job, item, "sent", None)

    def _passed(self, at: int) -> int:
        """Return how many ms have passed since the clock showed `at`, however it was set since then."""
        self._heed_clock()
        with self._store.read() as connection:
            return clock_steps.age(connection, at)

    def _begin(self, job: Job) -> OutboxItem:
        """Commit that the item may have gone out from now on. Raises Withdrawn, LeaseLost."""
        return self._store.write(lambda txn: _begin(txn, job))

    def _end(self, job: Job, item: OutboxItem, state: rows.State, reason: str | None) -> None:
        tried, policy = state != "suppressed", self._policy.current
        missed = state != "sent" and item.kind in undelivered.MISSED

        def end(txn: "Connection") -> bool:
            jobs.finish(txn, job)  # first: when the lease is lost, all of this is rolled back
            # The ticket before the item, as whoever takes a reply back: two at once must not wait for each other.
            ticket = ticket_links.locked(txn, item.ticket_id) if missed and item.ticket_id is not None else None
            if _of(txn, job) is None:
                return False
            rows.change(
                txn,
                item.id,
                state=state,
                reason=reason,
                sent_at=now_ms() if state == "sent" else None,
                attempts=item.attempts + tried,
                job_id=None,
                next_try_at=None,
                held_at=None,
            )
            if ticket is not None:
                what, why = f"{item.kind} not sent", f"to {item.to_address}, {reason}"
                undelivered.say(txn, policy, ticket, item, what=what, why=why, at=now_ms())
            return True

        # Where the disk filled meanwhile, what a server has taken must not go out again when there is room.
        if not until_stored(self._store, end, self._stopping):
            return
        if state == "sent":
            log.info("sent", item=item.id, kind=item.kind, ref=item.ticket_ref)
        elif state == "failed":
            log.error("send_failed", item=item.id, kind=item.kind, ref=item.ticket_ref, reason=reason)
        else:
            log.warning("suppressed", item=item.id, kind=item.kind, ref=item.ticket_ref, reason=reason)

    def _later(self, job: Job, item: OutboxItem, later: Later) -> None:
        attempts = item.attempts + 1
        if now_ms() - job.created_at > GIVE_UP_MS and self._passed(job.created_at) > GIVE_UP_MS:
            doubt = _doubt(item, unknown=later.unknown)
            self._end(job, item, "failed", f"given up after {attempts} tries: {later}{doubt}")
            return
        steps = PAGE_BACKOFF if item.kind == "page" else BACKOFF
        seconds = steps[min(attempts, len(steps)) - 1]
        self._wait(job, item, str(later), seconds=seconds, attempts=attempts, unknown=later.unknown)

    def _wait(
        self, job: Job, item: OutboxItem, reason: str, *, seconds: float, attempts: int = 0, unknown: bool = False
    ) -> None:
        # Not all of them at the same moment again.
        seconds *= random.uniform(0.9, 1.2)  # noqa: S311 - it spreads load and guards nothing
        # What may have gone out stays `sending` until somebody has said what became of it.
        state: rows.State = "sending" if unknown or item.state == "sending" else "queued"

        def put_off(txn: "Connection") -> None:
            if _of(txn, job) is None:
                jobs.finish(txn, job)
                return
            jobs.retry(txn, job, error=reason, delay_seconds=seconds, counted=False)
            rows.change(
                txn,
                item.id,
                state=state,
                reason=reason,
                attempts=max(attempts, item.attempts),
                next_try_at=now_ms() + int(seconds * 1000),
            )

        self._store.write(put_off)
        said = {"item": item.id, "kind": item.kind, "again_in": round(seconds), "reason": reason}
        if item.reason != reason:
            log.warning("not_sent", **said)
        else:
            # Ten thousand that wait for one server must not bury, try after try, what else needs a person.
            log.info("not_sent", **said)

    def _park(self, job: Job, item: OutboxItem) -> None:
        """Let an item wait for a person; what ends late ends while it waits, too."""

        def park(txn: "Connection") -> bool:
            now = _of(txn, job)
            if now is None:
                jobs.finish(txn, job)
            elif now.held_at is None and now.released_at is not None:
                jobs.give_back(txn, job)  # released in this very moment
            else:
                if now.not_after is None:
                    jobs.finish(txn, job)
                else:
                    delay = (_within(now) - clock_steps.age(txn, now.created_at)) / 1000 + 1
                    jobs.retry(txn, job, error="held", delay_seconds=delay, counted=False)
                if now.held_at is None:
                    rows.change(txn, now.id, held_at=now_ms(), reason=HELD_BY_MODE, next_try_at=None)
                return True
            return False

        if self._store.write(park):
            log.info("held", item=item.id, kind=item.kind, ref=item.ticket_ref)


def scheme_of(to: str) -> str:
    """Return by which way an item goes: `mail`, `tel`, `sms` or `https`."""
    if outbox.is_mail(to):
        return "mail"
    scheme = to.partition(":")[0]
    return "https" if scheme == "http" else scheme


def _of(connection: "Connection", job: Job, *, for_update: bool = True) -> OutboxItem | None:
    """Give the item that a job may carry out; None when another job has it, or nothing is left to do."""
    try:
        item = rows.get(connection, int(job.payload["item"]), for_update=for_update)
    except NotFound:
        return None
    return item if item.job_id == job.id and item.state in {"queued", "sending"} else None


def _begin(txn: "Connection", job: Job) -> OutboxItem:
    jobs.extend(txn, job, LEASE_SECONDS)
    item = _of(txn, job)
    if item is None or item.held_at is not None:
        raise Withdrawn(f"the item of job {job.id} was taken back")
    rows.change(txn, item.id, state="sending", reason=None, dated_at=item.dated_at or now_ms())
    return rows.get(txn, item.id)


def _doubt(item: OutboxItem, *, unknown: bool = False) -> str:
    return " An earlier try may have arrived." if unknown or item.state == "sending" else ""


def _within(item: OutboxItem) -> int:
    """Return in how many ms after its cause an item has to go."""
    assert item.not_after is not None
    return item.not_after - item.created_at


def _too_late(item: OutboxItem) -> str:
    if item.state == "sending":
        return "too late: it was not known to be sent within its time; an earlier try may have arrived"
    return "too late: it was not sent within its time"
