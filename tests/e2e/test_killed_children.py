"""A killed worker and a killed speech child lose and double nothing."""

import importlib.util
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.harness.desk import Daemon, Desk, wait_until
from tests.harness.mails import hand_in, mail
from tests.harness.processes import forked, running


@pytest.fixture
def recording() -> Path:
    """Ten seconds of speech that the recogniser's package ships."""
    spec = importlib.util.find_spec("moonshine_voice")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "assets/beckett.wav"


def a_child(daemon: Daemon, module: str) -> int:
    """Wait until the daemon has a child that runs `module` and give its number."""
    wait_until(lambda: bool(running(daemon.pid, module)), within=60, what=f"a child that runs {module}")
    return running(daemon.pid, module)[0]


def a_recogniser(daemon: Daemon) -> int:
    """Wait until the daemon hears a recording and give the number of the process that does."""
    wait_until(lambda: bool(forked(daemon.pid, "transcribe.child")), within=60, what="a recording that is heard")
    return forked(daemon.pid, "transcribe.child")[0]


def test_a_worker_killed_with_a_message_in_hand_loses_and_doubles_nothing(desk: Desk, daemon: Daemon) -> None:
    hand_in(daemon.ports["smtp"], mail("First"))
    worker = a_child(daemon, "inboxd.worker_child")
    # Stopped, it takes the next message and never answers: it dies with that message in its hand.
    os.kill(worker, signal.SIGSTOP)
    hand_in(daemon.ports["smtp"], mail("Second"))
    hand_in(daemon.ports["smtp"], mail("Third"))
    os.kill(worker, signal.SIGKILL)
    hand_in(daemon.ports["smtp"], mail("Fourth"))
    wait_until(desk.settled, within=60, what="every intake done", every=0.2)
    assert {row["status"] for row in desk.json("intake", "list")} == {"filed"}
    assert sorted(ticket["subject"] for ticket in desk.json("tickets", "list")) == [
        "First",
        "Fourth",
        "Second",
        "Third",
    ]


def test_a_killed_speech_child_is_tried_again_and_the_ticket_gets_its_words(
    desk: Desk, daemon: Daemon, recording: Path
) -> None:
    ingest = ["ingest", "--caller", "+15550100", "--called", "+15550190", str(recording)]
    with subprocess.Popen(desk.command(*ingest), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as command:
        os.kill(a_recogniser(daemon), signal.SIGKILL)
        assert command.wait(120) == 0
    tickets = desk.json("tickets", "list")
    assert len(tickets) == 1

    def words() -> str:
        entries = desk.json("tickets", "show", tickets[0]["ref"])[0]["entries"]
        assert len(entries) == 1
        return (entries[0]["transcript"] or {}).get("text") or ""

    wait_until(lambda: "try again" in words().lower(), within=120, what="the words of the recording", every=0.5)


def test_a_stop_gives_a_recording_under_way_back_and_the_next_start_hears_it(
    desk: Desk, daemon: Daemon, recording: Path
) -> None:
    ingest = ["ingest", "--caller", "+15550100", "--called", "+15550190", str(recording)]
    with subprocess.Popen(desk.command(*ingest), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as command:
        child = a_recogniser(daemon)
        assert daemon.stop() == 0
        assert not Path(f"/proc/{child}").exists()
        command.wait(120)
    again = desk.start()
    try:
        wait_until(desk.settled, within=120, what="the recording heard", every=0.2)
        (ticket,) = desk.json("tickets", "list")
        (entry,) = desk.json("tickets", "show", ticket["ref"])[0]["entries"]
        assert "try again" in entry["transcript"]["text"].lower()
        assert again.stop() == 0
    finally:
        again.kill()
