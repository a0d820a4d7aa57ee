"""Small messages over SMTP: what the dialogue itself costs, beside aiosmtpd's own in the same run.

    python tests/bench/bench_smtp.py [--connections 20] [--seconds 4] [--size 2000] [--rounds 3]

Both servers throw the messages away and run in a process of their own; the client is a third. Shown are messages per
second (which the client's own cost limits) and the server's CPU time for each message (which it does not).
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TICKS = os.sysconf("SC_CLK_TCK")


async def serve_ours() -> int:
    """inboxd's receiver, with an acceptor that keeps nothing."""
    import structlog

    from inboxd.smtp_receiver import Receiver, SmtpOptions

    class Spool:
        def __init__(self) -> None:
            self.chunks: list[bytes] = []
            self.size = 0

        def write(self, chunk: bytes) -> None:
            self.chunks.append(chunk)
            self.size += len(chunk)

        def discard(self) -> None:
            self.chunks = []

    class Acceptor:
        spool = Spool

        async def accept(self, envelope: object, spool: Spool) -> str:
            return "discarded"

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    options = SmtpOptions(hostname="mail.example.com", recipients=("support@example.com",), max_size=26214400)
    receiver = Receiver(options, Acceptor(), structlog.get_logger())
    await receiver.start("127.0.0.1", 0)
    return receiver.addresses[0][1]


async def serve_aiosmtpd() -> int:
    """The library as it comes, under the same loop."""
    from aiosmtpd.smtp import SMTP

    class Handler:
        async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802
            return "250 discarded"

    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Handler(), hostname="mail.example.com", loop=loop), "127.0.0.1", 0)
    return int(server.sockets[0].getsockname()[1])


def serve(which: str) -> None:
    """Serve until stdin closes."""

    async def run() -> None:
        port = await (serve_ours() if which == "inboxd" else serve_aiosmtpd())
        print(port, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)

    asyncio.run(run())
    os._exit(0)


class Client(asyncio.Protocol):
    """One connection: waits for each reply, as most clients do, and comes again when its messages are sent."""

    def __init__(self, messages: int, body: bytes, done: Callable[[], bool], finished: Callable[[], None]) -> None:
        transaction = [b"MAIL FROM:<customer@example.org>\r\n", b"RCPT TO:<support@example.com>\r\n", b"DATA\r\n", body]
        self._script = iter([b"EHLO client.example\r\n", *transaction * messages, b"QUIT\r\n", b""])
        self._body, self._done, self._finished = body, done, finished
        self._last = b""
        self.sent = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        # A reply of several lines arrives whole on loopback; its last line has a blank after the code.
        line = data.rstrip(b"\r\n").rpartition(b"\n")[2]
        if line[3:4] != b" ":
            return
        assert line[:1] in b"23", line
        if self._last is self._body:
            self.sent += 1
        self._last = b"QUIT\r\n" if self._done() and self._last is self._body else next(self._script)
        if line.startswith(b"221"):
            self._transport.close()
        else:
            self._transport.write(self._last)

    def connection_lost(self, exc: Exception | None) -> None:
        self._finished()


async def press(port: int, connections: int, messages: int, seconds: float, size: int) -> tuple[int, float]:
    """Keep so many connections busy; return messages sent and seconds taken."""
    loop = asyncio.get_running_loop()
    body = b"Subject: bench\r\n\r\n" + b"A line of text that is as long as lines are.\r\n" * (size // 46) + b".\r\n"
    end = time.monotonic() + seconds
    total = 0

    async def one() -> None:
        nonlocal total
        while time.monotonic() < end:
            finished = loop.create_future()
            _, client = await loop.create_connection(
                lambda done=finished: Client(
                    messages, body, lambda: time.monotonic() >= end, lambda: done.done() or done.set_result(None)
                ),
                "127.0.0.1",
                port,
            )
            await finished
            total += client.sent

    began = time.monotonic()
    await asyncio.gather(*(one() for _ in range(connections)))
    return total, time.monotonic() - began


def cpu(pid: int) -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    per_second: float
    cpu_ms: float


def measure(which: str, arguments: argparse.Namespace, messages: int) -> Figure:
    """One server under load."""
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve", which], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert server.stdin is not None
    assert server.stdout is not None
    with server.stdout, server.stdin:
        port = int(server.stdout.readline())
        asyncio.run(press(port, arguments.connections, messages, 0.3, arguments.size))
        before = cpu(server.pid)
        sent, took = asyncio.run(press(port, arguments.connections, messages, arguments.seconds, arguments.size))
        spent = cpu(server.pid) - before
    server.wait(30)
    return Figure(per_second=sent / took, cpu_ms=1000 * spent / sent)


def main() -> None:
    """Measure both, alternating, and print medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--size", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve", choices=["inboxd", "aiosmtpd"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        return serve(arguments.serve)
    print(f"{arguments.connections} connections, {arguments.size} bytes, median of {arguments.rounds} rounds")
    for messages in (1, 50):
        figures: dict[str, list[Figure]] = {"inboxd": [], "aiosmtpd": []}
        for _ in range(arguments.rounds):
            for which, list_ in figures.items():
                list_.append(measure(which, arguments, messages))
        medians = {
            which: (
                statistics.median(figure.per_second for figure in list_),
                statistics.median(figure.cpu_ms for figure in list_),
            )
            for which, list_ in figures.items()
        }
        for which, (per_second, cpu_ms) in medians.items():
            print(f"{messages:3} a connection  {which:9} {per_second:7.0f} msg/s  {cpu_ms:6.3f} ms CPU/msg")
        ours, stock = medians["inboxd"], medians["aiosmtpd"]
        print(f"{messages:3} a connection  ratio     {ours[0] / stock[0]:7.2f} x      {ours[1] / stock[1]:6.3f} x")
    return None


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
