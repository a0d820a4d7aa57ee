"""Memory of the process, measured from outside on a receiver in a process of its own."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MEGABYTE = 1 << 20
SERVER = """
import asyncio, sys, tempfile
import structlog
from inboxd.smtp_receiver import Receiver, SmtpOptions

class Spool:
    def __init__(self):
        self.file, self.size = tempfile.SpooledTemporaryFile(max_size=256 * 1024), 0
    def write(self, chunk):
        self.file.write(chunk)
        self.size += len(chunk)
    def discard(self):
        self.file.close()

class Acceptor:
    spool = Spool
    async def accept(self, envelope, spool):
        return f"size-{spool.size}"

async def main():
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    options = SmtpOptions(hostname="mail.example.com", recipients=("support@example.com",), max_size=26214400)
    receiver = Receiver(options, Acceptor(), structlog.get_logger())
    await receiver.start("127.0.0.1", 0)
    print(receiver.addresses[0][1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await receiver.drain(5)

asyncio.run(main())
"""


@pytest.fixture
def server():
    """Port and pid of a receiver in its own process."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield int(process.stdout.readline()), process.pid
    finally:
        process.stdin.close()
        process.wait(30)
        process.stdout.close()
    assert process.returncode == 0


def megabytes(pid, field):
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    line = next(line for line in status.splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024


def data_session(port):
    talk = socket.create_connection(("127.0.0.1", port), timeout=120)
    file = talk.makefile("rb")
    file.readline()
    for command in (b"MAIL FROM:<a@b.example>", b"RCPT TO:<support@example.com>", b"DATA"):
        if command.startswith(b"MAIL"):
            talk.sendall(b"HELO c\r\n")
            file.readline()
        talk.sendall(command + b"\r\n")
        last = file.readline()
    assert last.startswith(b"354")
    return talk, file


def send(port, block, count):
    """Send `block` so often and the end; the reply, whenever it comes."""
    talk, file = data_session(port)
    with talk, file:
        try:
            for _ in range(count):
                talk.sendall(block)
            talk.sendall(b"\r\n.\r\n")
        except ConnectionError:
            pass
        talk.shutdown(socket.SHUT_WR)
        return file.read()


@pytest.mark.parametrize(
    ("name", "block", "count", "reply"),
    [
        ("400 MB without a line end", b"A" * MEGABYTE, 400, b"552 5.3.4 Message too big\r\n"),
        ("10 MB of bare CRLF", b"\r\n" * (MEGABYTE // 2), 10, b"250 2.0.0 size-10485762\r\n"),
        ("25 MB of text", (b"A" * 74 + b"\r\n") * (MEGABYTE // 76), 25, None),
        ("35 MB of text", (b"A" * 74 + b"\r\n") * (MEGABYTE // 76), 35, b"552 5.3.4 Message too big\r\n"),
        ("20 MB of almost the end", b"\r\n.\r" * (MEGABYTE // 4), 20, b"250 2.0.0 size-15728642\r\n"),
    ],
)
def test_a_hostile_or_large_body_does_not_grow_the_process_by_64_mb(server, name, block, count, reply):
    port, pid = server
    # One small message first, so that what every message needs is not counted.
    assert send(port, b"x", 1).startswith(b"250")
    before = megabytes(pid, "VmRSS")
    answer = send(port, block, count)
    assert answer == reply or (reply is None and answer.startswith(b"250 2.0.0 size-2"))
    grown = megabytes(pid, "VmHWM") - before
    assert grown <= 64, f"{name}: grew by {grown:.0f} MB"
    # And the next client is served.
    assert send(port, b"x", 1).startswith(b"250")


def test_thirty_clients_with_large_bodies_at_once_do_not_grow_the_process_by_64_mb(server):
    port, pid = server
    assert send(port, b"x", 1).startswith(b"250")
    before = megabytes(pid, "VmRSS")
    sessions = [data_session(port) for _ in range(30)]
    for _ in range(8):
        for talk, _file in sessions:
            talk.sendall(b"A" * MEGABYTE)
    for talk, file in sessions:
        with talk, file:
            talk.sendall(b"\r\n.\r\n")
            assert file.readline() == b"250 2.0.0 size-8388610\r\n"
    assert megabytes(pid, "VmHWM") - before <= 64
