"""

listening receiver in a loop of its own thread, an acceptor that keeps its promises, and a client of bare
bytes.
"""

import asyncio
import contextlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import LogCapture

from inboxd.intake.envelope import Envelope, Spool
from inboxd.smtp_receiver import Receiver, SmtpOptions
from tests.plugins.needs import needs

IN_MEMORY = 256 * 1024


class FileSpool:
    """A body that moves into a file when it grows, as the daemon's does."""

    def __init__(self, acceptor: "DeskAcceptor") -> None:
        self._acceptor = acceptor
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed by discard
        self.size = 0
        self.discarded = False

    def write(self, chunk: bytes) -> None:
        if self._acceptor.fail_write is not None:
            raise self._acceptor.fail_write
        self._file.write(chunk)
        self.size += len(chunk)

    def discard(self) -> None:
        self.discarded = True
        self._file.close()
        if self._acceptor.fail_discard is not None:
            raise self._acceptor.fail_discard

    def read(self) -> bytes:
        self._file.seek(0)
        return self._file.read()


@dataclass
class DeskAcceptor:
    """Keeps what it accepts; can be told to fail at each step, and to be slow."""

    accepted: list[tuple[Envelope, bytes]] = field(default_factory=list)
    spools: list[FileSpool] = field(default_factory=list)
    fail_spool: Exception | None = None
    fail_write: Exception | None = None
    fail_discard: Exception | None = None
    fail_accept: BaseException | None = None
    began: threading.Event = field(default_factory=threading.Event)
    finished: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.go_on.set()

    def spool(self) -> FileSpool:
        if self.fail_spool is not None:
            raise self.fail_spool
        self.spools.append(FileSpool(self))
        return self.spools[-1]

    async def accept(self, envelope: Envelope, spool: Spool) -> str:
        assert isinstance(spool, FileSpool)
        self.began.set()
        if not self.go_on.is_set():
            await asyncio.to_thread(self.go_on.wait, 60)
        if self.fail_accept is not None:
            raise self.fail_accept
        self.accepted.append((envelope, spool.read()))
        self.finished.set()
        return f"Q{len(self.accepted)}"


class Talk:
    """One connection, spoken by hand."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._held = b""

    def say(self, data: bytes) -> None:
        self.socket.sendall(data)

    def hear(self) -> str:
        """One reply, all its lines; "" when the server has closed."""
        lines = []
        while True:
            while b"\r\n" not in self._held:
                try:
                    more = self.socket.recv(65536)
                except ConnectionResetError:
                    more = b""
                if not more:
                    return ""
                self._held += more
            line, _, self._held = self._held.partition(b"\r\n")
            lines.append(line.decode("ascii"))
            if line[3:4] != b"-":
                return "\n".join(lines)

    def hear_all(self) -> list[str]:
        """All replies until the server closes."""
        replies = []
        while reply := self.hear():
            replies.append(reply)
        return replies

    def ask(self, line: str | bytes) -> str:
        self.say((line.encode("latin-1") if isinstance(line, str) else line) + b"\r\n")
        return self.hear()

    def greet(self, word: str = "EHLO client.example") -> "Talk":
        assert self.hear().startswith("220 ")
        assert self.ask(word).startswith("250")
        return self

    def begin(self, sender: str = "<customer@example.org>", recipient: str = "<support@example.com>") -> "Talk":
        """MAIL, RCPT and DATA, up to 354."""
        assert self.ask(f"MAIL FROM:{sender}").startswith("250")
        assert self.ask(f"RCPT TO:{recipient}").startswith("250")
        assert self.ask("DATA").startswith("354")
        return self

    def send(self, body: bytes) -> str:
        """A whole transaction; the reply to its end."""
        self.begin().say(body + b"\r\n.\r\n")
        return self.hear()

    def reset(self) -> None:
        """Vanish with a RST, as a crashed host's peer sees it."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.socket.close()

    def close(self) -> None:
        self.socket.close()


class Desk:
    """A running receiver."""

    def __init__(self, options: SmtpOptions) -> None:
        self.acceptor = DeskAcceptor()
        self.log = LogCapture()
        self.loop_complaints: list[dict[str, Any]] = []
        self._talks: list[Talk] = []
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda _, context: self.loop_complaints.append(context))
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        logger = structlog.wrap_logger(structlog.PrintLogger(), processors=[self.log])
        self.receiver = Receiver(options, self.acceptor, logger)
        self.drained = False
        try:
            self.run(self.receiver.start("127.0.0.1", 0))
        except BaseException:
            self.stop()
            raise
        self.port = self.receiver.addresses[0][1]

    def run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def call(self) -> Talk:
        """A new connection, greeting not yet read."""
        self._talks.append(Talk(self.port))
        return self._talks[-1]

    def session(self) -> Talk:
        """A new session past EHLO."""
        return self.call().greet()

    def drain(self, seconds: float = 20) -> None:
        self.run(self.receiver.drain(seconds))

    def start_to_drain(self) -> threading.Thread:
        """Drain in another thread; returns when the port is closed."""
        drain = threading.Thread(target=self.drain)
        drain.start()
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
            except ConnectionResetError:
                # It stood in the queue of the port when that was closed.
                continue
            except ConnectionRefusedError:
                return drain

    def wait_until(self, condition: Callable[[], object], seconds: float = 20.0) -> None:
        """Let the receiver's thread go on until the condition holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "did not happen in time"
            time.sleep(0.005)

    def events(self, word: str) -> list[Any]:
        return [entry for entry in self.log.entries if entry["event"] == word]

    @property
    def bodies(self) -> list[bytes]:
        return [body for _, body in self.acceptor.accepted]

    def stop(self) -> None:
        self.acceptor.go_on.set()
        self.acceptor.fail_discard = None
        for talk in self._talks:
            talk.close()
        with contextlib.suppress(Exception):
            self.drain(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        for spool in self.acceptor.spools:
            spool.discard()
        self._loop.close()


@pytest.fixture
def open_desk() -> Iterator[Callable[..., Desk]]:
    """Start a receiver with the desk's usual options, or others given by name."""
    desks: list[Desk] = []

    def start(**options: Any) -> Desk:
        usual: dict[str, Any] = {
            "hostname": "mail.example.com",
            "recipients": ("support@example.com", "Sales@Example.COM"),
            "max_size": 1_000_000,
        }
        desks.append(Desk(SmtpOptions(**(usual | options))))
        return desks[-1]

    yield start
    for desk in desks:
        desk.stop()
        assert desk.loop_complaints == []


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    """A receiver with the usual options."""
    return open_desk()


def make_certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate for `name` and its key."""
    if shutil.which("openssl") is None:
        needs("openssl", "apt-get install openssl")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subprocess.run(
        ["openssl", "req", "-x509", *kind, "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    return certificate, key


@pytest.fixture
def certificate_maker() -> Callable[[Path, str], tuple[Path, Path]]:
    """Makes self-signed certificates."""
    return make_certificate


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate and key for mail.example.com."""
    return make_certificate(tmp_path_factory.mktemp("certificate"), "mail.example.com")
