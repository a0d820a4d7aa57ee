"""A clock that is set back holds up nothing that waits for a while; one that is set forward ends nothing."""

import io
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from inboxd.clock_watch import ClockWatch
from store import clock, clock_steps, health, jobs, recovery
from store.open import Store
from store.schema import jobs as table

HOUR = 3_600_000


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/inboxd.db", role="daemon", create=True) as opened:
        yield opened


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    real = time.time_ns
    return lambda by_ms: monkeypatch.setattr(time, "time_ns", lambda: real() + by_ms * 1_000_000)


def _waiting(store: Store) -> None:
    """Three jobs that are due in an hour: at a time of day, in an hour from now, and one that was tried before."""
    soon = clock.now_ms() + HOUR
    for kind in ("due", "escalate"):
        store.write(lambda txn, kind=kind: jobs.add(txn, kind=kind, lane="mail", due_at=soon) and None)
    store.write(lambda txn: jobs.add(txn, kind="due", lane="mail") and None)
    (job,) = store.write(lambda txn: jobs.claim(txn, lane="mail", claimant="a:b:1:1:x", lease_seconds=60))
    store.write(lambda txn: jobs.retry(txn, job, error="e", delay_seconds=HOUR / 1000))


def _waits(store: Store) -> list[int]:
    """For how many hours each of the three waits."""
    with store.read() as connection:
        due = connection.scalars(select(table.c.due_at).order_by(table.c.id)).all()
    return [round((at - clock.now_ms()) / HOUR) for at in due]


def test_what_waits_for_a_while_waits_as_long_as_before_and_the_rest_for_its_time(store, set_clock):
    watch = ClockWatch(store, of_the_day=("due",))
    _waiting(store)
    watch.look()
    assert _waits(store) == [1, 1, 1]
    set_clock(-5 * HOUR)
    watch.look()
    assert _waits(store) == [6, 1, 1]
    watch.look()
    assert _waits(store) == [6, 1, 1]


def test_a_clock_set_forward_hurries_nothing_that_waits_for_a_while(store, set_clock):
    watch = ClockWatch(store, of_the_day=("due",))
    _waiting(store)
    set_clock(30 * 24 * HOUR)
    watch.look()
    assert _waits(store) == [1 - 30 * 24, 1, 1]
    watch.look()
    set_clock(0)
    watch.look()
    assert _waits(store) == [1, 1, 1]


def test_what_was_due_before_the_step_or_is_written_after_it_stays(store, set_clock):
    watch = ClockWatch(store, of_the_day=())
    for due in (-1, 1, 100):
        store.write(lambda txn, due=due: jobs.add(txn, kind="send", lane="mail", due_at=clock.now_ms() + due * HOUR))
    set_clock(50 * HOUR)
    store.write(lambda txn: jobs.add(txn, kind="send", lane="mail", due_at=clock.now_ms() + HOUR))
    watch.look()
    assert _waits(store) == [-51, 1, 50, 1]


def test_a_clock_that_drifts_changes_nothing(store, set_clock):
    watch = ClockWatch(store, of_the_day=("due",))
    _waiting(store)
    for by in (-1_000, -2_000, 2_000):
        set_clock(by)
        before = _waits(store)
        watch.look()
        assert _waits(store) == before


def test_a_clock_set_back_while_nothing_ran_is_noticed_at_the_start_once(store, set_clock):
    store.write(health.prove_writable)
    _waiting(store)
    set_clock(-5 * HOUR)
    for _ in range(2):
        ClockWatch(store, of_the_day=("due",)).begin()
        assert _waits(store) == [6, 1, 1]


def test_a_store_that_is_away_is_told_when_it_is_back(store, set_clock, tmp_path):
    watch = ClockWatch(store, of_the_day=("due",))
    _waiting(store)
    set_clock(-5 * HOUR)
    (tmp_path / "inboxd.db").rename(tmp_path / "away.db")
    watch.look()
    (tmp_path / "away.db").rename(tmp_path / "inboxd.db")
    watch.look()
    assert _waits(store) == [6, 1, 1]


def _age(store: Store, at: int) -> int:
    """How many hours have passed since then, as the store knows."""
    with store.read() as connection:
        return round(clock_steps.age(connection, at) / HOUR)


def test_time_that_was_only_set_has_not_passed(store, set_clock):
    watch, before = ClockWatch(store, of_the_day=()), clock.now_ms()
    watch.begin()
    set_clock(5 * HOUR)
    assert _age(store, before) == 5
    watch.look()
    between = clock.now_ms()
    assert _age(store, before) == _age(store, between) == 0
    assert _age(store, before - 2 * HOUR) == 2
    set_clock(7 * HOUR)
    watch.look()
    assert [_age(store, at) for at in (before, between)] == [0, 0]
    # What was taken back counts no more: time that passes from now on has passed.
    set_clock(0)
    watch.look()
    assert _age(store, before - 30 * HOUR) == 30


def test_a_step_while_nothing_ran_is_told_from_time_that_passed_by_the_time_since_boot(store, set_clock, monkeypatch):
    before = clock.now_ms()
    ClockWatch(store, of_the_day=()).begin()
    since_boot = time.clock_gettime_ns
    # A day without a daemon, and then one that was only set.
    monkeypatch.setattr(time, "clock_gettime_ns", lambda which: since_boot(which) + 24 * HOUR * 1_000_000)
    set_clock(48 * HOUR)
    ClockWatch(store, of_the_day=()).begin()
    assert _age(store, before) == 24


def test_after_another_boot_time_that_was_not_seen_counts_as_passed(store, set_clock, monkeypatch):
    before = clock.now_ms()
    ClockWatch(store, of_the_day=()).begin()
    set_clock(48 * HOUR)
    monkeypatch.setattr(clock_steps, "boot_id", lambda: "another")
    ClockWatch(store, of_the_day=()).begin()
    assert _age(store, before) == 48


def test_a_step_forward_makes_no_file_old_that_is_about_to_be_named(store, set_clock):
    watch = ClockWatch(store, of_the_day=())
    watch.begin()
    name = store.blobs.put(io.BytesIO(b"on its way"))
    set_clock(5 * HOUR)
    watch.look()
    assert recovery.recover(store).swept.blobs == 0
    assert store.blobs.missing({name}) == set()
