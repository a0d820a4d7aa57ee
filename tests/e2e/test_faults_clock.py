"""The wall clock steps while the daemon runs, hours and months, forwards and back: work goes on, nothing is late."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.kill_loop_send import outgoing
from tests.harness.desk import Daemon, Desk, wait_until
from tests.harness.ledger import Ledger
from tests.harness.smarthost import Smarthost
from tests.plugins.needs import needs


def library() -> Path:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found or shutil.which("faketime") is None:
        needs("faketime", "apt-get install faketime")
    return found[0]


class Clock:
    """The daemon's time of day; its monotonic clock goes on as ever."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.step("+0")

    def step(self, offset: str) -> None:
        """Set it off from the true time, as faketime(1) writes it."""
        # Renamed into place: the daemon may be reading it.
        fresh = self._file.with_suffix(".new")
        fresh.write_text(offset + "\n")
        fresh.rename(self._file)

    def environment(self) -> dict[str, str]:
        return {
            **os.environ, "LD_PRELOAD": str(library()), "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
        }  # fmt: skip


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path / "clock")


@pytest.fixture
def stepped(desk: Desk, clock: Clock) -> Iterator[Daemon]:
    running = Desk(folder=desk.folder, environment=clock.environment()).start()
    yield running
    running.kill()


@pytest.fixture
def smarthost() -> Iterator[Smarthost]:
    with Smarthost().running() as running:
        yield running


def test_mail_is_accepted_and_filed_whichever_way_the_clock_steps(desk: Desk, clock: Clock, stepped: Daemon) -> None:
    ledger, port = Ledger(), stepped.ports["smtp"]
    received: dict[str, str] = {}
    for offset in ("+0", "+1d", "-1d", "+0"):
        clock.step(offset)
        for number in range(5):
            queue_id = ledger.deliver(port, f"report {number} at {offset}{len(received)}").queue_id
        received[f"{len(received)} {offset}"] = desk.json("intake", "show", queue_id)[0]["received_at"]
        assert ledger.audit(desk, within=60) == []
    now, tomorrow, yesterday, again = received.values()
    assert yesterday < now < again < tomorrow, "the clock was not stepped"
    assert stepped.stop() == 0


def test_what_waits_to_go_out_goes_out_once_whichever_way_the_clock_steps(
    desk: Desk, clock: Clock, smarthost: Smarthost
) -> None:
    desk.change({"outgoing": outgoing(smarthost)})
    running = Desk(folder=desk.folder, environment=clock.environment()).start()
    ledger = Ledger()
    try:
        for number, (offset, event) in enumerate([("+40d", "forward"), ("-3h", "back"), ("+0", "forward")], 1):
            smarthost.answer("DATA", "451 4.3.0 come again")
            ledger.deliver(running.ports["smtp"], f"report {number}")
            wait_until(lambda: not smarthost.answers["DATA"], within=30, what="a receipt put off")
            before = len(running.events(f"clock_set_{event}"))
            clock.step(offset)
            wait_until(
                lambda event=event, before=before: len(running.events(f"clock_set_{event}")) > before,  # type: ignore[misc]
                within=30, what=f"the clock seen set {event}",
            )  # fmt: skip
            if number == 1:
                assert "This machine's clock was set forward by 40d" in desk.run("status")
        desk.run("reload")  # which lets what was put off try at once
        wait_until(lambda: len(running.events("sent")) == 3, within=120, what="every receipt sent", every=0.2)
        assert len(smarthost.taken) == len(ledger.raw) == 3
        assert ledger.audit(desk) == []
        assert running.stop() == 0
    finally:
        running.kill()
