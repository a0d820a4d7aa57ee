"""Memory of the real daemon while clients send what is large, endless or empty. The figures are printed (`-s`)."""

import os
import random
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.harness.desk import Daemon, Desk, wait_until
from tests.harness.ledger import Ledger
from tests.harness.processes import below, forget_peak, resident

MEGABYTE = 1 << 20
GROWTH = 64 * MEGABYTE
WORKER = 256 * MEGABYTE
IDLE = 150 * MEGABYTE


def proportional(pid: int) -> int:
    """Bytes a process holds, with its share of what it shares with others (Pss)."""
    found = re.search(r"^Pss:\s+(\d+) kB$", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024


@contextmanager
def bounded(daemon: Daemon, what: str) -> Iterator[None]:
    """Hold the daemon's peak inside the block to `GROWTH` above what it has at its beginning."""
    before = resident(daemon.pid, "VmRSS")
    forget_peak(daemon.pid)
    yield
    grown = resident(daemon.pid) - before
    print(f"{what}: the daemon grew by {grown / MEGABYTE:.1f} MB from {before / MEGABYTE:.1f} MB")
    assert grown <= GROWTH


def pour(port: int, chunk: bytes, total: int) -> bytes:
    """Send so much of one body, or as much as is taken, and give the last that was heard."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        hello = (b"EHLO client.example", b"MAIL FROM:<someone@client.example>", b"RCPT TO:<support@example.com>")
        for line in (*hello, b"DATA"):
            client.recv(4096)
            client.sendall(line + b"\r\n")
        assert client.recv(4096).startswith(b"354")
        # Cut off, as it may be: it said more than anybody wants to hear.
        with suppress(OSError):
            for _ in range(total // len(chunk)):
                client.sendall(chunk)
            client.sendall(b"\r\n.\r\n")
        with suppress(OSError):
            return client.recv(4096)
    return b""


def warm(daemon: Daemon, ledger: Ledger) -> None:
    """Have all lazy imports done before anything is measured."""
    for number in range(5):
        ledger.deliver(daemon.ports["smtp"], f"warm {number}")


def test_four_hundred_megabytes_without_a_line_end_cost_no_memory(desk: Desk, daemon: Daemon) -> None:
    ledger = Ledger()
    warm(daemon, ledger)
    with bounded(daemon, "400 MB without a line end"):
        assert not pour(daemon.ports["smtp"], b"x" * MEGABYTE, 400 * MEGABYTE).startswith(b"250")
    ledger.deliver(daemon.ports["smtp"], "afterwards")
    assert ledger.audit(desk) == []


def test_ten_megabytes_of_empty_lines_are_a_message_that_costs_no_memory(desk: Desk, daemon: Daemon) -> None:
    ledger = Ledger()
    warm(daemon, ledger)
    with bounded(daemon, "10 MB of line ends"):
        answer = pour(daemon.ports["smtp"], b"\r\n" * 50_000, 10_000_000)
        assert answer.startswith(b"250"), answer
        wait_until(desk.settled, within=120, what="it has its place", every=0.5)
    (row,) = [row for row in desk.json("intake", "list") if row["size"] > MEGABYTE]
    assert row["status"] == "filed"


def heavy(subject: str, size: int) -> bytes:
    """A message of about so many bytes on the wire: words, a page, and four files of noise that no one can shrink."""
    chance = random.Random(size)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "someone@client.example", "support@example.com", subject
    message["Date"], message["Message-ID"] = "Tue, 13 Jan 2026 16:00:00 +0000", "<heavy@client.example>"
    message.set_content("The scans, as you asked.\n" * 200)
    message.add_alternative("<p>The <b>scans</b>, as you asked.</p>\n" * 200, subtype="html")
    for number, kind in enumerate(("pdf", "zip", "octet-stream", "pdf")):
        data = chance.randbytes(size // 4 * 3 // 4 * 100 // 102)
        message.add_attachment(data, maintype="application", subtype=kind, filename=f"scan {number}.{kind}")
    return message.as_bytes()


def test_a_message_of_25_megabytes_is_filed_and_holds_little_memory_in_daemon_and_worker(
    desk: Desk, daemon: Daemon
) -> None:
    ledger = Ledger()
    warm(daemon, ledger)
    raw = heavy("heavy", 25_000_000)
    assert 24_000_000 < len(raw) < 26_214_400
    wait_until(desk.settled, within=60, what="the first ones are filed", every=0.2)
    with bounded(daemon, "a message of 25 MB"):
        ledger.deliver(daemon.ports["smtp"], "heavy", raw)
        wait_until(desk.settled, within=120, what="it has its place", every=0.2)
    peaks = [resident(child) for child in below(daemon.pid)]
    print("worker peak:", ", ".join(f"{one / MEGABYTE:.1f} MB" for one in peaks))
    assert peaks
    assert max(peaks) <= WORKER
    assert ledger.audit(desk) == []
    (ticket,) = [ticket for ticket in desk.json("tickets", "export") if ticket["subject"] == "heavy"]
    assert [attachment["filename"] for attachment in ticket["entries"][0]["attachments"]] == [
        "scan 0.pdf", "scan 1.zip", "scan 2.octet-stream", "scan 3.pdf",
    ]  # fmt: skip


@pytest.mark.parametrize("when", ["fresh", "after work"])
def test_an_idle_daemon_with_its_workers_is_small(desk: Desk, daemon: Daemon, when: str) -> None:
    ledger = Ledger()
    if when == "after work":
        warm(daemon, ledger)
        assert ledger.audit(desk) == []
    group = [daemon.pid, *below(daemon.pid)]
    assert {os.getpgid(pid) for pid in group} == {daemon.pid}
    # Resident memory counts what the processes share once for each of them.
    whole = sum(map(proportional, group))
    print(
        f"idle, {when}: {len(group)} processes, {whole / MEGABYTE:.1f} MB in all, "
        f"{sum(resident(pid, 'VmRSS') for pid in group) / MEGABYTE:.1f} MB as the sum of their resident sizes"
    )
    assert whole <= IDLE
