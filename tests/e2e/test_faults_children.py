"""`kill -9` for every child the daemon starts, again and again, while mails and voicemails go in."""

import os
import random
import signal
import struct
import threading
import wave
from pathlib import Path

from tests.harness.desk import Daemon, Desk
from tests.harness.ledger import Ledger
from tests.harness.processes import below

MAILS, VOICEMAILS = 50, 3


class Killer(threading.Thread):
    """Kills the children of a process, whichever there are, several times a second."""

    def __init__(self, pid: int) -> None:
        super().__init__()
        self._pid, self._chance = pid, random.Random(9)
        self.enough = threading.Event()
        self.killed: set[int] = set()

    def run(self) -> None:
        # Sometimes before they have done anything, sometimes in the middle of their work.
        while not self.enough.wait(self._chance.uniform(0.05, 0.8)):
            for child in below(self._pid):
                self.killed.add(child)
                try:
                    os.kill(child, signal.SIGKILL)
                except ProcessLookupError:
                    continue  # it ended by itself just now


def beep(path: Path, hertz: int) -> Path:
    """A recording without words, unlike any other."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(
            b"".join(struct.pack("<h", 8000 if place * hertz // 8000 % 2 else -8000) for place in range(16000))
        )
    return path


def test_children_that_are_killed_all_the_time_lose_and_double_neither_mail_nor_voicemail(
    desk: Desk, daemon: Daemon, tmp_path: Path
) -> None:
    ledger, killer = Ledger(), Killer(daemon.pid)
    recordings = [str(beep(tmp_path / f"{number}.wav", 400 + number)) for number in range(VOICEMAILS)]

    def send() -> None:
        for number in range(MAILS):
            ledger.deliver(daemon.ports["smtp"], f"report {number}")
            killer.enough.wait(0.2)

    sender = threading.Thread(target=send)
    sender.start()
    killer.start()
    try:
        outcomes = desk.json("ingest", "--caller", "+15550101", "--called", "+15550190", *recordings, timeout=240)
        sender.join()
    finally:
        killer.enough.set()
        killer.join()
        sender.join()
    in_hand = len(daemon.events("worker_died"))
    assert len(killer.killed) > 10, "nothing was tried: hardly a child was killed"
    assert daemon.process.poll() is None
    assert [outcome["status"] for outcome in outcomes] == ["filed"] * VOICEMAILS
    tickets = [ticket for ticket in desk.json("tickets", "export") if ticket["channel"] == "voicemail"]
    assert sorted(ticket["ref"] for ticket in tickets) == sorted(outcome["ticket"]["ref"] for outcome in outcomes)
    # Heard at last, or said to be unheard: never left open.
    assert all(ticket["entries"][0]["transcript"] is not None for ticket in tickets)
    wrong = ledger.audit(desk)
    mails = [ticket["entries"][0] for ticket in desk.json("tickets", "export") if ticket["channel"] == "email"]
    unread = sum(not entry["text"] for entry in mails)
    print(f"{len(killer.killed)} children killed, {in_hand} with a message in hand; {unread} of {MAILS} filed unread")
    assert [line for line in wrong if "nobody's message" not in line] == []
    assert daemon.stop() == 0
