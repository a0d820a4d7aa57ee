"""smtplib with bounds: every wait ends, and a server cannot make us hold more than a reply is."""

import smtplib
import socket
import ssl
import time
from typing import Any, Final

CONNECT_SECONDS: Final = 15.0
# RFC 5321 4.5.3.2 wants minutes for some replies; nothing before the first mail takes them.
REPLY_SECONDS: Final = 60.0
_REPLY_BYTES: Final = 64 * 1024
_AT_ONCE: Final = 8192


class _Replies:
    """What the server says; no reply may be longer, or take longer, than any honest one.

    Read from the socket itself: below a file each byte that drips in has a time limit of its own.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._held = bytearray()
        self._bytes = 0
        self._until = 0.0

    def begin(self, seconds: float) -> None:
        self._bytes, self._until = _REPLY_BYTES, time.monotonic() + seconds

    def readline(self, limit: int) -> bytes:
        while b"\n" not in self._held and len(self._held) < limit:
            left = self._until - time.monotonic()
            if left <= 0:
                raise TimeoutError("timed out")
            self._sock.settimeout(left)
            some = self._sock.recv(_AT_ONCE)
            if not some:
                break
            self._held += some
        end = self._held.find(b"\n") + 1
        line = bytes(self._held[: min(end or len(self._held), limit)])
        del self._held[: len(line)]
        self._bytes -= len(line)
        if self._bytes < 0:
            raise OSError("the server's reply has no end")
        return line

    def close(self) -> None:
        self._held.clear()


class Line(smtplib.SMTP):
    """A connection; `context` given: TLS from the first byte. Raises OSError, smtplib's exceptions."""

    def __init__(self, host: str, port: int, *, context: ssl.SSLContext | None, hostname: str) -> None:
        self._context = context
        self._reply_seconds = CONNECT_SECONDS
        super().__init__(host, port, local_hostname=hostname, timeout=CONNECT_SECONDS)
        self.wait(REPLY_SECONDS)

    def wait(self, seconds: float) -> None:
        """Wait so long for each reply from now on, and for what is sent to be taken."""
        self._reply_seconds = seconds
        if self.sock is not None:
            self.sock.settimeout(seconds)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        line = socket.create_connection((host, port), timeout)
        if self._context is None:
            return line
        try:
            return self._context.wrap_socket(line, server_hostname=host)
        except BaseException:
            # Whatever ends it is told on; no line may stay open behind it.
            line.close()
            raise

    def getreply(self) -> tuple[int, bytes]:
        """Read one reply."""
        if self.file is None:
            assert self.sock is not None
            self.file: Any = _Replies(self.sock)
        self.file.begin(self._reply_seconds)
        try:
            return super().getreply()
        finally:
            self.wait(self._reply_seconds)
