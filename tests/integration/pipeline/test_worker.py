"""Lanes, retries, death and shutdown of jobs, with a real store and handlers of the test's own."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from inboxd import worker
from inboxd.errors import Interrupted, PermanentFailure
from inboxd.until_stored import until_stored
from inboxd.worker import Lane, Worker
from store import intake, jobs
from store.errors import StoreUnavailable
from store.open import Store
from store.schema import jobs as table

LANES = (Lane(name="mail", hands=2, lease_seconds=60), Lane(name="speech", hands=1, lease_seconds=60))


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with Store.open(store_url, role="daemon", create=True) as opened:
        yield opened


@pytest.fixture
def start(store: Store) -> Iterator[Callable[..., Worker]]:
    running: list[Worker] = []

    def begin(**handlers: Callable[[jobs.Job], None]) -> Worker:
        run = Worker(store, handlers, claimant="host:boot:1:1:x", lanes=LANES, stopping=threading.Event())
        running.append(run)
        run.start()
        run.wake()
        return run

    yield begin
    for run in running:
        run.stop()


def _add(store: Store, kind: str, *, lane: str = "mail", queue_id: str | None = None, **more: int) -> None:
    def add(txn: object) -> None:
        if queue_id is not None:
            intake.add(
                txn, id=queue_id, channel="email", source="support@example.com", origin_key=None, envelope={},
                raw=b"x", blob=None, sha256="0" * 64, size=1, received_at=1,
            )  # fmt: skip
        jobs.add(txn, kind=kind, lane=lane, intake_id=queue_id, **more)

    store.write(add)


def _finish(store: Store) -> Callable[[jobs.Job], None]:
    return lambda job: store.write(lambda txn: jobs.finish(txn, job))


def _until(true: Callable[[], bool]) -> None:
    for _ in range(3000):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it never came true")


def _dead(store: Store, lane: str = "mail") -> int:
    with store.read() as connection:
        return sum(each.dead for each in jobs.counts(connection) if each.lane == lane)


def test_a_slow_recording_does_not_hold_up_a_mail(store, start):
    release, done = threading.Event(), threading.Event()

    def speak(job: jobs.Job) -> None:
        release.wait(30)
        _finish(store)(job)

    def mail(job: jobs.Job) -> None:
        _finish(store)(job)
        done.set()

    _add(store, "speak", lane="speech")
    _add(store, "mail")
    start(speak=speak, mail=mail)
    assert done.wait(30)
    release.set()


def test_what_fails_is_tried_again_later_with_its_reason_kept(store, start, monkeypatch):
    monkeypatch.setattr(worker, "BACKOFF", (0,))
    tries: list[int] = []

    def fail_twice(job: jobs.Job) -> None:
        tries.append(job.attempt)
        if len(tries) < 3:
            raise RuntimeError("not yet")
        assert job.error == "RuntimeError: not yet"
        _finish(store)(job)

    _add(store, "mail")
    run = start(mail=fail_twice)
    _until(lambda: run.wake() or len(tries) == 3)
    assert tries == [1, 2, 3]


def test_what_fails_for_good_is_dead_at_once_and_its_message_is_in_quarantine(store, start):
    def fail(_job: jobs.Job) -> None:
        raise PermanentFailure("no attempt will do")

    _add(store, "mail", queue_id="Q1")
    start(mail=fail)
    _until(lambda: _dead(store) == 1)
    with store.read() as connection:
        row = intake.get(connection, "Q1")
    assert (row.status, row.state) == ("quarantined", "dead")
    assert "no attempt will do" in row.reason


def test_the_last_of_the_allowed_failures_is_the_end(store, start, monkeypatch):
    monkeypatch.setattr(worker, "BACKOFF", (0,))

    def fail(_job: jobs.Job) -> None:
        raise RuntimeError("never")

    _add(store, "mail", queue_id="Q1")
    run = start(mail=fail)
    _until(lambda: run.wake() or _dead(store) == 1)
    with store.read() as connection:
        assert intake.get(connection, "Q1").attempts == worker.FAILURES_ALLOWED


def test_a_job_that_took_its_process_along_too_often_is_not_run_again(store, start):
    _add(store, "mail", queue_id="Q1", max_attempts=1)
    store.write(lambda txn: jobs.claim(txn, lane="mail", claimant="gone:boot:1:1:x", lease_seconds=0))
    ran = threading.Event()
    start(mail=lambda _job: ran.set())
    _until(lambda: _dead(store) == 1)
    assert not ran.is_set()


def test_a_bad_job_stops_neither_its_lane_nor_the_others(store, start):
    done = threading.Event()

    def bad(_job: jobs.Job) -> None:
        raise KeyError("bad")

    def good(job: jobs.Job) -> None:
        _finish(store)(job)
        done.set()

    for _ in range(5):
        _add(store, "bad")
    _add(store, "good")
    start(bad=bad, good=good)
    assert done.wait(30)


def test_a_stop_lets_running_jobs_end_and_gives_the_others_back(store, start):
    began, release = threading.Event(), threading.Event()

    def slow(job: jobs.Job) -> None:
        began.set()
        release.wait(30)
        _finish(store)(job)

    for _ in range(6):
        _add(store, "slow")
    run = start(slow=slow)
    assert began.wait(30)
    threading.Timer(0.2, release.set).start()
    run.stop()
    with store.read() as connection:
        lane = jobs.counts(connection)[0]
    assert lane.running == 0
    assert lane.dead == 0
    assert lane.ready >= 2


def test_a_job_that_lasts_longer_than_its_lease_is_not_begun_a_second_time(store, monkeypatch):
    release, tries = threading.Event(), list[int]()

    def slow(job: jobs.Job) -> None:
        tries.append(job.attempt)
        release.wait(30)
        _finish(store)(job)

    # One waits behind the other for the only hand that is free: its lease runs, too.
    _add(store, "slow")
    _add(store, "slow")
    lane = Lane(name="mail", hands=1, lease_seconds=2)
    monkeypatch.setattr(worker._LaneRun, "_room", 2)
    run = Worker(store, {"slow": slow}, claimant="host:boot:1:1:x", lanes=[lane], stopping=threading.Event())
    run.start()
    run.wake()
    claimed_until = _leases_end(store)
    # Renewed to well beyond the end of what was claimed: another worker finds nothing that is free.
    _until(lambda: run.wake() or _leases_end(store) > claimed_until + 2000)
    assert store.write(lambda txn: jobs.claim(txn, lane="mail", claimant="other:boot:1:1:x", lease_seconds=60)) == []
    release.set()
    _until(lambda: _state(store) == (0, 0))
    run.stop()
    assert tries == [1, 1]


def _leases_end(store: Store) -> int:
    """Wait for two leases, and give when the earlier one ends."""
    found: list[int] = []
    query = select(table.c.lease_until).where(table.c.lease_until.is_not(None))

    def two() -> bool:
        with store.read() as connection:
            found[:] = connection.scalars(query)
        return len(found) == 2

    _until(two)
    return min(found)


def test_an_interrupted_job_waits_for_the_next_start(store, start):
    def interrupted(_job: jobs.Job) -> None:
        raise Interrupted("the daemon stops")

    _add(store, "slow")
    run = start(slow=interrupted)
    _until(lambda: _state(store) == (1, 0))
    run.stop()
    assert _dead(store) == 0


def _state(store: Store) -> tuple[int, int]:
    with store.read() as connection:
        lanes = jobs.counts(connection)
    return (lanes[0].ready, lanes[0].running) if lanes else (0, 0)


class _Impatient(threading.Event):
    """Is never waited for."""

    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set()


class _Failing:
    """A store that is away as often and for the reasons that are named."""

    def __init__(self, *reasons: str) -> None:
        self._reasons = list(reasons)

    def write(self, _change: object) -> list[object]:
        if self._reasons:
            raise StoreUnavailable(self._reasons.pop(0))
        return []


def test_a_store_that_is_away_is_said_once_for_each_reason_and_when_it_is_back():
    away = _Failing("full", "full", "full", "gone", "gone")
    run = Worker(away, {}, claimant="host:boot:1:1:x", lanes=(), stopping=_Impatient())
    with capture_logs() as log:
        for _ in range(8):
            run.claim(LANES[0], 1)
    assert [(line["event"], line.get("error")) for line in log] == [
        ("claim_failed", "full"),
        ("claim_failed", "gone"),
        ("claim_trouble_over", None),
    ]


def test_how_a_job_ended_is_not_stored_is_said_once_for_each_reason():
    with capture_logs() as log:
        until_stored(_Failing("full", "full", "gone", "full"), lambda _txn: None, _Impatient())
    assert [line["error"] for line in log] == ["full", "gone", "full"]
