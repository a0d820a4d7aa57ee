"""What keeps the daemon from starting, and what does not."""

from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from inboxd import daemon
from store import recovery
from store.errors import StoreUnavailable


def test_a_store_that_has_no_room_for_what_was_half_done_keeps_no_daemon_from_starting(monkeypatch: pytest.MonkeyPatch):
    def full(_store: Any) -> recovery.Recovered:
        raise StoreUnavailable("database or disk is full")

    monkeypatch.setattr(recovery, "recover", full)
    house: Any = SimpleNamespace(store=None, clock=SimpleNamespace(look=lambda: None))
    with capture_logs() as lines:
        daemon._recover_if_possible(house)
    assert [(line["event"], line["error"]) for line in lines] == [("not_recovered", "database or disk is full")]
    # The sweep of each hour is the schedule's, which says what failed.
    with pytest.raises(StoreUnavailable):
        daemon._recover(house)
