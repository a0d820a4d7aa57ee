"""One connection: reads commands, lets the lies have their say, answers."""

import contextlib
import socket
import ssl
import struct
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from tests.harness.lying_imap.answers import Answer
from tests.harness.lying_imap.command import Command, read_command
from tests.harness.lying_imap.commands import Commands

if TYPE_CHECKING:
    from tests.harness.lying_imap import LyingImap

_TICK = 0.02  # how often an idling session looks for news and for the server's end


class Gone(Exception):
    """The line is closed, by whom ever."""


class Session:
    """One client's connection."""

    def __init__(self, server: "LyingImap", sock: socket.socket) -> None:
        self._server, self._sock = server, sock
        self._buffer = b""
        self._commands = Commands(
            server.folders, user=server.user, password=server.password, capabilities=server.capabilities, ask=self._ask
        )
        self._secure = server.tls == "implicit"

    def live(self) -> None:
        """Answer until the line is closed."""
        try:
            if self._secure:
                self._encrypt()
            self._tell(Command(tag=b"*", name="GREETING", arguments=[], text=b""), self._commands.greeting)
            while True:
                command = read_command(self._line, self._exactly, lambda: self._send(b"+ go on\r\n"))
                self._server.count(command)
                if command.name == "IDLE":
                    self._idle(command)
                else:
                    self._tell(command, partial(self._commands.answer, command))
                if command.name == "LOGOUT":
                    raise Gone
                if command.name == "STARTTLS" and not self._secure and "STARTTLS" in self._server.capabilities:
                    self._encrypt()
                    self._secure = True
        except (Gone, OSError):
            pass
        finally:
            self._sock.close()

    def reset(self) -> None:
        """Close with a reset, as a machine does that has forgotten the connection; from any thread."""
        with contextlib.suppress(OSError):
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._sock.shutdown(socket.SHUT_RDWR)  # wakes the thread that reads from it
        self._sock.close()

    # The wire

    def _encrypt(self) -> None:
        context = self._server.context
        assert context is not None
        try:
            self._sock = context.wrap_socket(self._sock, server_side=True)
        except ssl.SSLError as error:
            raise Gone from error
        self._sock.settimeout(_TICK)

    def _more(self) -> bool:
        """Take what has come in; tell whether something has. Raises Gone."""
        try:
            chunk = self._sock.recv(65536)
        except TimeoutError:
            if self._server.closing.is_set():
                raise Gone from None
            return False
        if not chunk:
            raise Gone
        self._buffer += chunk
        return True

    def _line(self) -> bytes:
        while b"\r\n" not in self._buffer:
            self._more()
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line

    def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._more()
        body, self._buffer = self._buffer[:size], self._buffer[size:]
        return body

    def _send(self, data: bytes) -> None:
        self._sock.settimeout(30)
        try:
            self._sock.sendall(data)
        finally:
            self._sock.settimeout(_TICK)

    def _tell(self, command: Command, execute: Callable[[], Answer]) -> None:
        """Answer a command, by a lie where one is due."""
        lie = self._server.lie_for(command)
        self._finish(execute() if lie is None else lie.tell(command, execute))

    def _finish(self, answer: Answer) -> None:
        """Send an answer, and do what follows it."""
        self._send(answer.encoded())
        if answer.end == "cut":
            raise Gone
        while answer.end == "hang":
            self._more()
            self._buffer = b""

    def _ask(self) -> bytes:
        self._send(b"+ \r\n")
        return self._line()

    def _idle(self, command: Command) -> None:
        """RFC 2177: news until DONE. A lie comes before the continuation, which then follows it."""
        lie = self._server.lie_for(command)
        if lie is not None:
            self._finish(lie.tell(command, Answer))
        self._send(b"+ idling\r\n")
        while b"\r\n" not in self._buffer:
            self._more()
            if news := b"".join(self._commands.news()):
                self._send(news)
        self._line()
        self._send(command.tag + b" OK done\r\n")
