"""Kill the daemon again and again while clients send, then look for each acknowledged message: none lost, none doubled.

    .venv/bin/python -m tests.bench.kill_loop --kills 100 --store sqlite
    .venv/bin/python -m tests.bench.kill_loop --kills 100 --store postgresql

Clients send on several connections. At a random moment, during start as well, `kill -9` goes to the whole process
group; the daemon is started again. A message without an answer is sent again, the very same bytes, as mail servers do
(RFC 5321 4.5.4.1). At the end, when the queue has drained, each message must be one entry of one ticket, whole, and
each repeat must be a duplicate of it.
"""

import argparse
import base64
import hashlib
import json
import random
import smtplib
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.harness.desk import Daemon, Desk, wait_until
from tests.harness.stores import section

RECIPIENT = "support@example.com"
# Above this an intake is a file first and a row that points at it: the other half of the accept path.
LARGE = 300_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run: how often to kill, and what to send meanwhile."""

    kills: int
    clients: int = 8
    seed: int = 1
    pause: float = 0.05  # of a client between two messages: bounds what must drain at the end
    drain_within: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message and what must be found of it."""

    token: str
    message_id: str
    sender: str
    raw: bytes
    attachment_sha256: str | None


@dataclass(slots=True)
class Book:
    """What the clients know: each queue id that answered for a message."""

    messages: dict[str, Sent] = field(default_factory=dict)
    queue_ids: dict[str, list[str]] = field(default_factory=dict)
    attempts: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    enough: threading.Event = field(default_factory=threading.Event)  # begin no other message
    abandoned: threading.Event = field(default_factory=threading.Event)  # the run has failed: do not wait for answers


@dataclass(slots=True)
class Outcome:
    """What was found at the end; `wrong` has a sentence for each thing that must not be."""

    kills: int
    acknowledged: int
    attempts: int
    kills_before_listening: int
    duplicates: int
    threaded: int
    quarantined: int
    seconds: float
    wrong: list[str]

    def __str__(self) -> str:
        return (
            f"{self.kills} kills ({self.kills_before_listening} before it listened) in {self.seconds:.0f} s: "
            f"{self.acknowledged} messages acknowledged after {self.attempts} attempts, {self.threaded} joined, "
            f"{self.duplicates} repeats marked as duplicates, {self.quarantined} in quarantine; "
            f"{len(self.wrong)} lost, doubled or damaged"
        )


class Client(threading.Thread):
    """Sends message after message; each until it is acknowledged."""

    def __init__(self, number: int, plan: Plan, book: Book, port: "Port") -> None:
        super().__init__(name=f"client-{number}")
        self._number, self._plan, self._book, self._port = number, plan, book, port
        self._random = random.Random(f"{plan.seed}-{number}")
        self._previous: Sent | None = None

    def run(self) -> None:
        serial = 0
        while not self._book.enough.is_set():
            sent = self._compose(serial)
            with self._book.lock:
                self._book.messages[sent.token] = sent
            if not self._until_acknowledged(sent):
                return
            self._previous, serial = sent, serial + 1
            time.sleep(self._plan.pause * self._random.random() * 2)

    def _compose(self, serial: int) -> Sent:
        token = f"token-{self._plan.seed}-{self._number}-{serial}-{self._random.getrandbits(40):010x}"
        message_id = f"<{token}@client.example>"
        # Every fourth message answers the one before: it joins that ticket, so jobs of one ticket compete.
        answers = self._previous if serial % 4 == 3 else None
        sender = answers.sender if answers else f"user{self._number}-{serial}@client.example"
        head = [
            f"From: <{sender}>", f"To: <{RECIPIENT}>", f"Message-ID: {message_id}", f"Subject: Report {token}",
            "Date: Tue, 13 Jan 2026 16:00:00 +0000", "MIME-Version: 1.0",
            *([f"In-Reply-To: {answers.message_id}"] if answers else []),
        ]  # fmt: skip
        if serial % 10 != 5:
            lines = [*head, "Content-Type: text/plain; charset=utf-8", "", f"Begin {token}", "Words.", f"End {token}"]
            return self._sent(token, message_id, sender, lines, None)
        data = self._random.randbytes(LARGE)
        parts = [
            'Content-Type: multipart/mixed; boundary="cut"', "", "--cut", "Content-Type: text/plain", "",
            f"Begin {token}", f"End {token}", "--cut", "Content-Type: application/octet-stream",
            'Content-Disposition: attachment; filename="data.bin"', "Content-Transfer-Encoding: base64", "",
            *base64.encodebytes(data).decode("ascii").splitlines(), "--cut--",
        ]  # fmt: skip
        return self._sent(token, message_id, sender, [*head, *parts], hashlib.sha256(data).hexdigest())

    @staticmethod
    def _sent(token: str, message_id: str, sender: str, lines: list[str], sha256: str | None) -> Sent:
        raw = "\r\n".join([*lines, ""]).encode("utf-8")
        return Sent(token=token, message_id=message_id, sender=sender, raw=raw, attachment_sha256=sha256)

    def _until_acknowledged(self, sent: Sent) -> bool:
        give_up = time.monotonic() + self._plan.drain_within
        while time.monotonic() < give_up and not self._book.abandoned.is_set():
            try:
                answer = self._send(sent)
            except (OSError, smtplib.SMTPException) as error:
                if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500:
                    self._refuse(sent, repr(error))
                    return False
                time.sleep(0.02)
                continue
            with self._book.lock:
                self._book.queue_ids.setdefault(sent.token, []).append(answer.split()[-1])
            return True
        self._refuse(sent, "never acknowledged")
        return False

    def _send(self, sent: Sent) -> str:
        with smtplib.SMTP("127.0.0.1", self._port.number(), timeout=30) as connection:
            with self._book.lock:
                self._book.attempts[sent.token] += 1
            connection.ehlo("client.example")
            connection.mail(sent.sender)
            code, text = connection.rcpt(RECIPIENT)
            if code != 250:
                raise smtplib.SMTPResponseException(code, text)
            code, text = connection.data(sent.raw)
            if code != 250:
                raise smtplib.SMTPResponseException(code, text)
            return text.decode("ascii")

    def _refuse(self, sent: Sent, why: str) -> None:
        with self._book.lock:
            self._book.refused.append(f"{sent.token}: {why}")


class Port:
    """Where the daemon's present life listens."""

    def __init__(self) -> None:
        self._number = 0

    def number(self) -> int:
        """The port; OSError while nothing listens."""
        if not self._number:
            raise ConnectionRefusedError
        return self._number

    def move(self, number: int) -> None:
        """Say that it is another now; 0: none."""
        self._number = number


def kill_loop(desk: Desk, plan: Plan) -> Outcome:
    """Run the plan on a desk of its own and say what was found."""
    started, chance = time.monotonic(), random.Random(plan.seed)
    book, port = Book(), Port()
    clients = [Client(number, plan, book, port) for number in range(plan.clients)]
    daemon = desk.start()
    port.move(daemon.ports["smtp"])
    for client in clients:
        client.start()
    early = 0
    try:
        for _ in range(plan.kills):
            daemon, listened = _live_and_die(desk, daemon, port, chance)
            early += not listened
        daemon.wait_ready()
        port.move(daemon.ports["smtp"])
        book.enough.set()
        for client in clients:
            client.join()
        # Idle before it is asked: a question each moment would be work for the store, too.
        wait_until(desk.settled, within=plan.drain_within, what="every intake done or dead", every=1.0)
        rows, tickets = desk.json("intake", "list"), desk.json("tickets", "export")
        code = daemon.stop()
    finally:
        book.enough.set()
        book.abandoned.set()
        daemon.kill()
        for client in clients:
            client.join()
    wrong = [*_refusals(book, code), *_lost_or_doubled(book, rows, tickets)]
    statuses = Counter(row["status"] for row in rows)
    return Outcome(
        kills=plan.kills, kills_before_listening=early,
        acknowledged=len(book.queue_ids), attempts=book.attempts.total(),
        duplicates=statuses["duplicate"], threaded=statuses["threaded"], quarantined=statuses["quarantined"],
        seconds=time.monotonic() - started, wrong=wrong,
    )  # fmt: skip


def _live_and_die(desk: Desk, daemon: Daemon, port: Port, chance: random.Random) -> tuple[Daemon, bool]:
    """Kill the daemon some time after it listens, or at one in six during its start; start the next."""
    within_start = chance.random() < 1 / 6
    if not within_start:
        daemon.wait_ready()
        port.move(daemon.ports["smtp"])
    time.sleep(chance.uniform(0.001, 1.0 if within_start else 0.5))
    port.move(0)
    daemon.kill()
    listened = bool(daemon.events("listening"))
    return desk.start(wait=False), listened


def _refusals(book: Book, exit_code: int) -> Iterable[str]:
    yield from book.refused
    if exit_code != 0:
        yield f"the last daemon ended with {exit_code} on SIGTERM"


def _lost_or_doubled(book: Book, rows: list[dict[str, Any]], tickets: list[dict[str, Any]]) -> Iterable[str]:
    """Compare what was acknowledged with what is there."""
    by_id = {row["id"]: row for row in rows}
    if len(by_id) != len(rows):
        yield "a queue id stands twice in the intake"
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for ticket in tickets:
        for entry in ticket["entries"]:
            token = next((word for word in (entry["text"] or "").split() if word.startswith("token-")), "")
            found.setdefault(token, []).append((ticket["ref"], entry))
    for token, sent in book.messages.items():
        if token not in book.queue_ids:
            continue  # never acknowledged: already in `refused`
        places = found.pop(token, [])
        answered = [by_id.get(queue_id) for queue_id in book.queue_ids[token]]
        yield from _of_one(sent, places, answered)
    for token, places in found.items():
        if token not in book.messages:
            yield f"{len(places)} entries of nobody's message {token!r}"


def _of_one(
    sent: Sent, places: list[tuple[str, dict[str, Any]]], answered: list[dict[str, Any] | None]
) -> Iterable[str]:
    """One message: its entry, whole, and the row behind each 250 that was given for it."""
    if None in answered:
        yield f"{sent.token}: acknowledged, and no row has its queue id"
    rows = [row for row in answered if row is not None]
    held = any(row["status"] == "quarantined" for row in rows)
    if len(places) != (0 if held else 1):
        yield f"{sent.token}: {len(places)} entries on {[ref for ref, _ in places]}, rows {rows}"
    for ref, entry in places:
        if f"Begin {sent.token}" not in entry["text"] or f"End {sent.token}" not in entry["text"]:
            yield f"{sent.token}: its text is not whole: {entry['text']!r}"
        digests = [attachment["sha256"] for attachment in entry["attachments"]]
        if digests != ([sent.attachment_sha256] if sent.attachment_sha256 else []):
            yield f"{sent.token}: its attachment is not what was sent"
        for row in rows:
            if row["status"] not in ("filed", "threaded", "duplicate") or row["ticket"] != ref:
                yield f"{sent.token}: the entry is on {ref}, the row says {row['status']} {row['ticket']}"


def main() -> int:
    """The command line; exit 1 when anything was lost, doubled or damaged."""
    options = argparse.ArgumentParser(prog="kill_loop", description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--clients", type=int, default=8)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--store", choices=["sqlite", "postgresql"], default="sqlite", help="its server is made, too")
    options.add_argument("--folder", type=Path, help="keep the desk there (default: a folder that goes at the end)")
    options.add_argument("--json", action="store_true", help="the figures as one JSON object")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="kill-loop-") as temporary, section(given.store) as changes:
        desk = Desk.init(given.folder or Path(temporary) / "desk", changes)
        outcome = kill_loop(desk, Plan(kills=given.kills, clients=given.clients, seed=given.seed))
    if given.json:
        print(json.dumps({name: getattr(outcome, name) for name in Outcome.__slots__}))
    else:
        print(outcome, *outcome.wrong[:50], sep="\n")
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
