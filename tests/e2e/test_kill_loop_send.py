"""Sending under kills: three of them. `tests/bench/kill_loop_send.py` does more."""

import pytest

from tests.bench.kill_loop_send import kill_loop, outgoing
from tests.harness.desk import Desk
from tests.harness.smarthost import Smarthost

pytestmark = pytest.mark.timeout(300)


def test_three_kills_lose_no_mail_and_double_none_but_in_the_window(desk: Desk) -> None:
    with Smarthost(pause=0.02).running() as smarthost:
        desk.change({"outgoing": outgoing(smarthost)})
        outcome = kill_loop(desk, smarthost, kills=3, seed=7)
    assert outcome.wrong == [], str(outcome)
    assert outcome.mails == 75
