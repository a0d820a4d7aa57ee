"""Two nodes on one PostgreSQL: each item goes out once, whoever takes it."""

import time
from collections import Counter
from collections.abc import Callable

import pytest

from tests.integration.send.conftest import Sending


def test_two_nodes_never_send_an_item_twice(make_house: Callable[..., Sending], postgres_url: str):
    first = make_house(url=postgres_url, start=False)
    second = make_house(url=postgres_url, start=False)
    numbers = [first.queue(to=f"{number}@acme.example", kind="reply", automatic=False) for number in range(60)]
    for node in (first, second):
        node.house.start()
        node.house.worker.wake()
    assert {first.ended(number).state for number in numbers} == {"sent"}
    taken = Counter(each.recipient for each in first.smarthost.taken)
    assert len(taken) == 60
    assert set(taken.values()) == {1}


def test_a_node_whose_clock_is_ahead_ends_nothing_as_too_late(
    make_house: Callable[..., Sending], postgres_url: str, monkeypatch: pytest.MonkeyPatch
):
    node = make_house(url=postgres_url, start=False)
    number = node.queue()
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + 30 * 24 * 3600 * 10**9)
    node.house.start()
    assert node.ended(number).state == "sent"
    (said,) = (one for one in node.call("status")["problems"] if "clock" in one)
    assert said.startswith("This machine's clock is 30d ahead of the database's")
