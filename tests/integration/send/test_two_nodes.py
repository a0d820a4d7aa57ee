"""Two nodes on one PostgreSQL: each item goes out once, whoever takes it."""

from collections import Counter
from collections.abc import Callable

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
