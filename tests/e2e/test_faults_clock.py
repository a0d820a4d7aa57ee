"""The wall clock steps while the daemon runs, a day forwards and two days back: work goes on."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.desk import Daemon, Desk
from tests.harness.ledger import Ledger
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
