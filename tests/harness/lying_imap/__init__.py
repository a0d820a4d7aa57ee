"""An IMAP4rev1 server on loopback that speaks the true protocol (RFC 3501, with IDLE, UIDPLUS, MOVE) and lies on order.

One user, folders in memory, a thread for each connection. `lie` says what is untrue, where and how often; all else is
as a good server does it. What came in is counted, so that a test can tell a client that spins from one that waits.
"""

import contextlib
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

from tests.harness.lying_imap.answers import Lie, Tell
from tests.harness.lying_imap.command import Command
from tests.harness.lying_imap.folders import Folders
from tests.harness.lying_imap.session import Session

TRUE = ("IMAP4rev1", "IDLE", "UIDPLUS", "MOVE", "UNSELECT", "AUTH=PLAIN", "SASL-IR")


class LyingImap:
    """A server; a context manager. `folders` holds what lies there, `commands` counts what was asked."""

    def __init__(
        self,
        *folders: str,
        tls: Literal["none", "implicit", "starttls"] = "none",
        context: ssl.SSLContext | None = None,
        capabilities: Sequence[str] = TRUE,
    ) -> None:
        self.folders = Folders(*(folders or ("INBOX",)))
        self.tls, self.context = tls, context
        self.capabilities = [*capabilities, *(["STARTTLS"] if tls == "starttls" else [])]
        self.user, self.password = "support", "a password"
        self.commands: Counter[str] = Counter()
        self.connections = 0
        self.closing = threading.Event()
        self._lies: list[Lie] = []
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._sessions: list[Session] = []
        self._sock = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._sock.getsockname()[1]

    def __enter__(self) -> Self:
        self._start(self._accept, self._sock)
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.vanish()
        for thread in self._threads:
            thread.join(10)

    def lie(self, at: str, tell: Tell, *, times: int | None = 1, skip: int = 0, text: bytes = b"") -> Lie:
        """Answer commands named `at` (`UID FETCH`; `GREETING` is one, too) by `tell`, as `Lie` says."""
        lie = Lie(at=at, tell=tell, times=times, skip=skip, text=text.upper())
        with self._lock:
            self._lies.append(lie)
        return lie

    def tell_the_truth(self) -> None:
        """No more lies."""
        with self._lock:
            self._lies.clear()

    def lie_for(self, command: Command) -> Lie | None:
        """The lie that is due at this command."""
        with self._lock:
            return next((lie for lie in self._lies if lie.due(command)), None)

    def count(self, command: Command) -> None:
        """Write down what was asked."""
        with self._lock:
            self.commands[command.name] += 1

    def asked(self) -> int:
        """How many commands came in up to now."""
        with self._lock:
            return self.commands.total()

    def reset_lines(self) -> None:
        """Reset every connection; new ones are taken."""
        with self._lock:
            sessions, self._sessions = self._sessions, []
        for session in sessions:
            session.reset()

    def vanish(self) -> None:
        """Listen no more and reset every connection; `return_` listens at the same port again."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._sock.close()
        self.reset_lines()

    def return_(self) -> None:
        """Listen again after `vanish`."""
        give_up = time.monotonic() + 10
        while True:
            try:
                self._sock = socket.create_server(("127.0.0.1", self.port))
            except OSError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.05)
            else:
                break
        self._start(self._accept, self._sock)

    def _start(self, target: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True, name="lying-imap")
        self._threads.append(thread)
        thread.start()

    def _accept(self, listening: socket.socket) -> None:
        while not self.closing.is_set():
            try:
                sock, _ = listening.accept()
            except OSError:
                return
            sock.settimeout(0.02)
            session = Session(self, sock)
            with self._lock:
                self.connections += 1
                self._sessions.append(session)
            self._start(session.live)
