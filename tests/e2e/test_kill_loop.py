"""The first promise, tried: ten kills in the middle of everything. `tests/bench/kill_loop.py` does more of them."""

from pathlib import Path

import pytest

from tests.bench.kill_loop import Outcome, Plan, kill_loop
from tests.harness.desk import Desk

pytestmark = pytest.mark.timeout(600)

TEN_KILLS = Plan(kills=10, clients=8, seed=7)


def hold(outcome: Outcome) -> None:
    assert outcome.wrong == [], str(outcome)
    assert outcome.quarantined == 0, str(outcome)
    # The loop has not tried anything unless messages were under way while it killed.
    assert outcome.acknowledged > 20, str(outcome)
    assert outcome.attempts > outcome.acknowledged, str(outcome)


def test_ten_kills_lose_and_double_nothing_on_sqlite(desk: Desk) -> None:
    hold(kill_loop(desk, TEN_KILLS))


def test_ten_kills_lose_and_double_nothing_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    desk = Desk.init(tmp_path / "desk", {"store": {"url": postgres_url, "blobs": None}})
    hold(kill_loop(desk, TEN_KILLS))
