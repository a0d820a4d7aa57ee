"""The ticks: they go on, whatever one of them meets, and end when they are told to."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from inboxd import schedule
from inboxd.schedule import Schedule


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DUE_SECONDS", "SWEEP_SECONDS", "WATCH_SECONDS"):
        monkeypatch.setattr(schedule, name, 0.01)


class _Counted:
    """A tick that says when it came so often."""

    def __init__(self, enough: int = 3) -> None:
        self.came = threading.Event()
        self._left = enough

    def __call__(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self.came.set()


@pytest.fixture
def running() -> Iterator[list[Schedule]]:
    started: list[Schedule] = []
    yield started
    for one in started:
        one.stop()


def test_each_tick_comes_again_and_again(running):
    ticks = {name: _Counted() for name in ("due", "look", "sweep", "watch")}
    running.append(Schedule(**ticks))
    running[0].start()
    assert all(tick.came.wait(30) for tick in ticks.values())


def test_one_that_fails_comes_again(running):
    counted = _Counted()

    def fails() -> None:
        counted()
        raise RuntimeError("the store is away")

    running.append(Schedule(due=fails, look=_Counted(), sweep=_Counted()))
    running[0].start()
    assert counted.came.wait(30)


def test_one_that_takes_its_time_holds_up_no_other(running):
    due, release = _Counted(), threading.Event()
    running.append(Schedule(due=due, look=lambda: release.wait(30) and None, sweep=_Counted()))
    running[0].start()
    assert due.came.wait(30)
    release.set()


def test_none_comes_after_the_stop():
    one = Schedule(due=_Counted(), look=_Counted(), sweep=_Counted())
    assert not one.running
    one.start()
    assert one.running
    one.stop()
    assert not one.running


def test_a_clock_that_is_set_back_stops_none(running, monkeypatch):
    ahead = 3600.0
    monkeypatch.setattr(schedule, "_ahead", lambda: ahead)
    due = _Counted()
    one = Schedule(due=due, look=_Counted(), sweep=_Counted())
    for job in one._scheduler.get_jobs():  # what an hour back means to it: none is wanted for an hour
        job.modify(next_run_time=datetime.now(UTC) + timedelta(hours=1))
    running.append(one)
    one.start()
    assert not due.came.wait(0.1)
    ahead = 0.0
    assert due.came.wait(30)


def test_a_clock_that_is_set_right_by_half_a_century_brings_one_tick(running):
    due = _Counted()
    one = Schedule(due=due, look=_Counted(), sweep=_Counted())
    for job in one._scheduler.get_jobs():
        job.modify(next_run_time=datetime(1970, 1, 1, tzinfo=UTC))
        assert len(job._get_run_times(datetime.now(UTC))) == 1
    running.append(one)
    one.start()
    assert due.came.wait(30)
