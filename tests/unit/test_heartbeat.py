"""The watchdog's pings and the words to the service manager, without a service manager."""

import asyncio
import socket
import threading
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from inboxd import heartbeat
from inboxd.service_manager import notify, reloading, watchdog_seconds


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.settimeout(60)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield sock


def test_a_store_that_gives_no_answer_stops_the_pings_until_it_does(manager: socket.socket) -> None:
    stuck, answer = threading.Event(), threading.Event()
    answers = iter([None, "stuck", None])

    def not_ready() -> None:
        if next(answers, None) == "stuck":
            stuck.set()
            assert answer.wait(60)

    async def watch() -> None:
        beating = asyncio.create_task(heartbeat.beat(not_ready, lambda _: "Ready", 0.03))
        await asyncio.to_thread(stuck.wait, 60)
        assert manager.recv(4096) == b"WATCHDOG=1\nSTATUS=Ready"
        manager.setblocking(False)
        with pytest.raises(BlockingIOError):
            manager.recv(4096)
        answer.set()
        manager.settimeout(60)
        assert await asyncio.to_thread(manager.recv, 4096) == b"WATCHDOG=1\nSTATUS=Ready"
        beating.cancel()

    asyncio.run(watch())


def test_without_a_watchdog_the_status_is_told_and_nothing_pings(manager: socket.socket) -> None:
    async def watch() -> None:
        beating = asyncio.create_task(heartbeat.beat(lambda: "disk full", lambda trouble: f"No: {trouble}", None))
        assert await asyncio.to_thread(manager.recv, 4096) == b"STATUS=No: disk full"
        beating.cancel()

    asyncio.run(watch())


def test_a_reload_is_said_with_the_time_of_the_manager_s_clock(manager: socket.socket) -> None:
    reloading()
    said = dict(line.split("=") for line in manager.recv(4096).decode().splitlines())
    assert said["RELOADING"] == "1"
    assert said["MONOTONIC_USEC"].isdigit()


def test_a_manager_that_is_gone_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    with capture_logs() as said:
        notify("READY=1")
    assert [each["event"] for each in said] == ["not_notified"]


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "me"}, None),
    ],
)
def test_the_watchdog_is_the_one_that_this_process_was_given(
    environment: dict[str, str], seconds: float | None
) -> None:
    assert watchdog_seconds(environment) == seconds
