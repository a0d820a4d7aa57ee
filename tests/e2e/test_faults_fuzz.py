"""Bytes that no mail program would send, through the real daemon: each ends in its place. The bench sends more."""

from pathlib import Path

from tests.bench.fuzz_pipeline import feed, mutated_messages, originals_in, random_messages
from tests.harness.desk import Daemon, Desk

COUNT = 200


def test_random_bytes_are_filed_or_named_and_leave_no_traceback(desk: Desk, daemon: Daemon) -> None:
    outcome = feed(desk, daemon, random_messages(COUNT, seed=3))
    assert outcome.wrong == [], str(outcome)
    assert outcome.statuses.total() == COUNT
    assert daemon.stop() == 0


def test_spoilt_real_messages_are_filed_or_named_and_leave_no_traceback(
    desk: Desk, daemon: Daemon, shared: Path
) -> None:
    outcome = feed(desk, daemon, mutated_messages(originals_in(shared / "corpus"), COUNT, seed=3))
    assert outcome.wrong == [], str(outcome)
    assert outcome.statuses.total() == COUNT
    assert daemon.stop() == 0
