"""A clock that is set back holds up nothing that waits for a while."""

import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from inboxd.clock_watch import ClockWatch
from store import clock, health, jobs
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


def test_a_clock_set_forward_and_one_that_drifts_change_nothing(store, set_clock):
    watch = ClockWatch(store, of_the_day=("due",))
    _waiting(store)
    for by in (-1_000, -2_000, HOUR // 10):
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
