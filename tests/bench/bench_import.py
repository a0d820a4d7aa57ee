"""An import of a whole mailbox into a real daemon: messages a second, CPU a message, and the memory of both processes.

    .venv/bin/python -m tests.bench.bench_import [--messages 5000] [--store sqlite] [--no-daemon] [--smtp 2000]

Makes an mbox of 2 kB mails (every third answers an earlier one), imports it with `ingest --history` and prints resident
memory at several marks; the import must add up, and a second run of the command must answer `duplicate` for each.
`--smtp` sends so many of the like by SMTP to the same daemon, on eight connections, to compare the CPU of a message.
"""

import argparse
import os
import queue
import re
import smtplib
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.harness.desk import Desk, wait_until
from tests.plugins.postgres import PostgresServer

MARKS = 8
BODY_BYTES = 1500
FIRST = datetime(2012, 3, 5, 9, tzinfo=UTC)
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process group has used: CPU seconds of all of it, and resident MiB of its first process."""

    cpu: float
    resident: float


def mail(number: int, *, day: datetime = FIRST, domain: str = "acme.example") -> bytes:
    """Write a mail of 2 kB; every third answers one of the mails before it."""
    at = day + timedelta(minutes=7 * number)
    answers = f"In-Reply-To: <{number - 2}@{domain}>\n" if number % 3 == 2 else ""
    line = f"Number {number}: the printer on the second floor shows a red light and prints nothing.\n"
    return (
        f"Received: from mail.{domain} (mail.{domain} [192.0.2.1]) by mx.example.com with ESMTPS id {number:08x};"
        f" {at:%a, %d %b %Y %H:%M:%S} +0000\n"
        f"From: Operations <ops@{domain}>\nTo: support@example.com\nSubject: Printer {number} does not print\n"
        f"Date: {at:%a, %d %b %Y %H:%M:%S} +0000\nMessage-ID: <{number}@{domain}>\n{answers}"
        "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
        + line
        * (BODY_BYTES // len(line))
    ).encode()


def write_mbox(path: Path, messages: int) -> None:
    """Write the mailbox."""
    with path.open("wb") as file:
        for number in range(messages):
            at = FIRST + timedelta(minutes=7 * number)
            file.write(f"From ops@acme.example {at:%a %b %d %H:%M:%S %Y}\n".encode() + mail(number) + b"\n")


def spent(pid: int) -> Spent:
    """Ask the kernel what a process and its children, ended and alive, have used."""
    cpu = 0.0
    waiting = [pid]
    resident = 0.0
    while waiting:
        each = waiting.pop()
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            children = Path(f"/proc/{each}/task/{each}/children").read_text().split()
            status = Path(f"/proc/{each}/status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        cpu += sum(int(value) for value in fields[11:15]) / _TICK
        if each == pid and (found := re.search(r"VmRSS:\s+(\d+)", status)):
            resident = int(found[1]) / 1024
        for thread in Path(f"/proc/{each}/task").iterdir():
            children += (thread / "children").read_text().split() if thread.name != str(each) else []
        waiting += [int(child) for child in children]
    return Spent(cpu=cpu, resident=resident)


def follow(command: list[str], daemon_pid: int | None, messages: int) -> tuple[dict[str, int], float, float]:
    """Run an import to its end, print marks; return the summary's numbers, seconds, and CPU seconds of the command."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    ours = spent(process.pid)
    for done, _ in enumerate(process.stdout, start=1):
        if done % max(1, messages // MARKS) == 0:
            ours = spent(process.pid)
            theirs = "" if daemon_pid is None else f"   daemon {spent(daemon_pid).resident:6.1f} MiB"
            seconds = time.monotonic() - began
            print(f"{done:8} in {seconds:7.1f} s  {done / seconds:6.1f}/s   command {ours.resident:6.1f} MiB{theirs}")
    said = process.stderr.read().decode()
    if process.wait():
        sys.exit(f"the import failed:\n{said}")
    numbers = {word: int(number) for number, word in re.findall(r"(\d+) ([a-z]+)", said.splitlines()[-1])}
    return numbers, time.monotonic() - began, ours.cpu


def send(port: int, messages: int) -> None:
    """Send mails by SMTP on eight connections."""
    waiting: queue.SimpleQueue[int | None] = queue.SimpleQueue()
    for number in (*range(messages), *[None] * 8):
        waiting.put(number)

    def session() -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            while (number := waiting.get()) is not None:
                raw = mail(number, domain="other.example")
                client.sendmail("ops@other.example", ["support@example.com"], raw)

    sessions = [threading.Thread(target=session) for _ in range(8)]
    for each in sessions:
        each.start()
    for each in sessions:
        each.join()


def waiting(desk: Desk) -> int:
    """Tell how many messages are not through: of a hundred thousand nobody wants a list."""
    return int(desk.json("status")[0]["intake"]["waiting"])


def main() -> None:
    """Make the mailbox, import it twice, compare."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--messages", type=int, default=5000)
    options.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    options.add_argument("--no-daemon", action="store_true")
    options.add_argument("--smtp", type=int, default=0)
    options.add_argument("--again", action=argparse.BooleanOptionalAction, default=True)
    chosen = options.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="inboxd-bench-")))
        changes: dict[str, dict[str, object]] = {}
        if chosen.store == "postgresql":
            server = stack.enter_context(PostgresServer.running())
            changes["store"] = {"url": server.url("postgres"), "blobs": None}
        desk = Desk.init(folder / "desk", changes)
        write_mbox(folder / "old.mbox", chosen.messages)
        daemon = None if chosen.no_daemon else desk.start()
        try:
            pid = None if daemon is None else daemon.pid
            before = None if pid is None else spent(pid)
            command = desk.command("--json", "ingest", "--history", str(folder / "old.mbox"))
            numbers, seconds, cpu = follow(command, pid, chosen.messages)
            assert numbers["filed"] + numbers["threaded"] == numbers["messages"] == chosen.messages, numbers
            threaded = numbers["threaded"]
            print(f"import: {chosen.messages / seconds:.1f} messages/s; {threaded} threaded")
            if daemon is not None and before is not None:
                theirs = (spent(daemon.pid).cpu - before.cpu) * 1000 / chosen.messages
                print(f"CPU a message: daemon {theirs:.2f} ms, command {cpu * 1000 / chosen.messages:.2f} ms")
            if chosen.again:
                numbers, seconds, _ = follow(command, pid, chosen.messages)
                assert numbers["duplicate"] == chosen.messages, numbers
                print(f"again:  {chosen.messages / seconds:.1f} messages/s, all duplicates")
            if daemon is not None and chosen.smtp:
                before, began = spent(daemon.pid), time.monotonic()
                send(daemon.ports["smtp"], chosen.smtp)
                wait_until(lambda: not waiting(desk), within=600, what="all mails through", every=0.5)
                theirs = (spent(daemon.pid).cpu - before.cpu) * 1000 / chosen.smtp
                seconds = time.monotonic() - began
                print(f"SMTP:   {chosen.smtp / seconds:.1f} messages/s; CPU a message: daemon {theirs:.2f} ms")
        finally:
            if daemon is not None:
                daemon.stop(within=120)


if __name__ == "__main__":
    main()
