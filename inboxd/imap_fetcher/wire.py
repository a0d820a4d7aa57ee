"""imapclient and imaplib with bounds: every wait ends, and a server cannot make us hold more than was asked for."""

import imaplib
import socket
import ssl
import sys
from collections.abc import Callable
from typing import IO, Any, Final, cast

from imapclient import IMAPClient, SocketTimeout

CONNECT_SECONDS: Final = 15
READ_SECONDS: Final = 60

# What a server may say in one answer beside the bodies that were asked for.
_SMALL_TALK: Final = 32 * 1024 * 1024

_BUFFER: Final = 128 * 1024


class _Imap(imaplib.IMAP4):
    """imaplib's side of the line. `allowance` is what is left of the bytes that the answer under way may have."""

    def __init__(
        self, host: str, port: int, context: ssl.SSLContext | None, opened: Callable[[socket.socket], None]
    ) -> None:
        self._context = context
        self._opened = opened
        self.allowance = _SMALL_TALK
        super().__init__(host, port, timeout=CONNECT_SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        line = socket.create_connection((self.host, self.port), timeout)
        try:
            # Registered before the handshake, so that a stop can end that, too.
            self._opened(line)
            if self._context is not None:
                line = self._context.wrap_socket(line, server_hostname=self.host)
                self._opened(line)
        except BaseException:
            # Whatever ends it is told on; no line may stay open behind it.
            line.close()
            raise
        return line

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        """Connect, and read in large pieces: after each one, this thread would queue up behind the busy ones again."""
        super().open(host, port, timeout)
        if sys.version_info < (3, 14):  # later ones have a buffer of their own
            self.file.close()
            self.file = cast("IO[bytes]", self.sock.makefile("rb", buffering=_BUFFER))

    def read(self, size: int) -> bytes:
        """Read a literal. imaplib would make room for whatever size the server names."""
        self._spend(size)
        return super().read(size)

    def readline(self) -> bytes:
        """Read a line."""
        try:
            line = super().readline()
        except self.abort:
            raise
        except self.error as error:
            # One beyond imaplib's limit. What is left of it would be taken for the next answer.
            raise self.abort(*error.args) from None
        self._spend(len(line))
        return line

    def _spend(self, size: int) -> None:
        self.allowance -= size
        if self.allowance < 0:
            raise self.abort("the server sends more than was asked for")


class Client(IMAPClient):  # type: ignore[misc] # the package has no types
    """imapclient on such a line. `opened` hears of the socket as soon as there is one, and when TLS replaces it."""

    def __init__(
        self, host: str, port: int, *, context: ssl.SSLContext | None, opened: Callable[[socket.socket], None]
    ) -> None:
        self._context = context
        self._opened = opened
        # Whether the server spoke of new mail while it answered something else: it will not say so again.
        self.heard_of_mail = False
        timeout = SocketTimeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        super().__init__(host, port, ssl=context is not None, ssl_context=context, timeout=timeout)
        # imapclient turns on that every line is made into text for a log, people's mail included.
        self._imap.debug = 0

    def _create_IMAP4(self) -> _Imap:  # noqa: N802 - imapclient's name
        return _Imap(self.host, self.port, self._context, self._opened)

    def secure(self, context: ssl.SSLContext) -> None:
        """Switch to TLS (RFC 9051 6.2.1). The server's capabilities are asked anew below it."""
        self.starttls(context)
        self._opened(self.socket())

    def begin(self, bodies: int = 0) -> Any:
        """Give imaplib's object for a command whose answer may hold this many bytes of bodies.

        What the server said unasked is forgotten: imaplib would keep it for as long as the line lasts.
        """
        self._imap.allowance = _SMALL_TALK + bodies
        if self._imap.state != "NONAUTH":
            self.capabilities()  # it may still stand among the answers, from signing in
            self.heard_of_mail = self.heard_of_mail or "EXISTS" in self._imap.untagged_responses
            self._imap.untagged_responses.clear()
        return self._imap
