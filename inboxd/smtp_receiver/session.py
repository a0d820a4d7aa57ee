"""One client's session: aiosmtpd's protocol object with our own reading, times, limits and end."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import structlog
from aiosmtpd.smtp import SMTP

from inboxd.intake.envelope import Acceptor
from inboxd.smtp_receiver import replies
from inboxd.smtp_receiver.certificate import Certificate
from inboxd.smtp_receiver.clean import printable
from inboxd.smtp_receiver.options import SmtpOptions
from inboxd.smtp_receiver.recipients import Recipients
from inboxd.smtp_receiver.sessions import Sessions, group_of
from inboxd.smtp_receiver.wire import SessionOver, Wire, as_transport

# RFC 5321 4.5.3.1.4 and .6 ask for 512 and more with extensions; the longest line that our grammar takes is
# shorter.
MAX_COMMAND: Final = 2048
# A line that does not end is not read for ever.
MAX_ENDLESS: Final = 64 * 1024
# What a browser says when a web page makes it post to a mail port: the rest of the post would be taken for
# commands.
NOT_SMTP: Final = frozenset({"GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT", "HOST:", "USER-AGENT:"})
JUNK: Final = frozenset({"NOOP", "RSET", "VRFY", "HELP", "EHLO", "HELO"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """What all sessions of a listener share."""

    options: SmtpOptions
    recipients: Recipients
    acceptor: Acceptor
    sessions: Sessions
    certificate: Certificate | None
    log: structlog.typing.FilteringBoundLogger


class _NoHooks:
    """The handler that aiosmtpd asks for: it looks for hooks and mechanisms in dir(handler), and finds none."""

    def __dir__(self) -> list[str]:
        return []


_NO_HOOKS: Final = _NoHooks()


class Session(SMTP):
    """Connection, command loop and end of a session; the verbs stand in `Dialogue`.

    aiosmtpd makes the session and envelope objects, starts `_handle_client` and finds the verbs. Its own
    command loop is replaced: it keeps no limits, answers our faults with 500 and their text, cancels a commit
    when the client leaves, and costs most of a message's time.
    """

    # aiosmtpd looks for verbs and authentication mechanisms in dir(self). A list of what we serve keeps AUTH,
    # which it would offer by itself, out of the dialogue, and saves a look at 150 attributes for each
    # connection.
    verbs: ClassVar[tuple[str, ...]] = ()

    def __init__(self, listener: Listener, loop: asyncio.AbstractEventLoop) -> None:
        self._listener = listener
        self._wire = Wire(loop, listener.options)
        self._buffer = b""
        self._at = 0
        self._errors = 0
        self._junk = 0
        self._in_command = False
        self._client_port: int | None = None
        self._helo: str | None = None
        self._tls: str | None = None
        self._half_close = True
        self._messages = 0
        self._began = time.monotonic()
        self.client = ""
        self.group = ""
        super().__init__(
            _NO_HOOKS, data_size_limit=listener.options.max_size, hostname=listener.options.hostname, loop=loop
        )

    def __dir__(self) -> list[str]:
        return list(self.verbs)

    # The network's calls. None of them touches the task that talks: a client that leaves must not break a
    # commit.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the session."""
        self.client, self._client_port = _address_of(transport.get_extra_info("peername"))
        self.group = group_of(self.client)
        self._wire.attach(as_transport(transport))
        super().connection_made(transport)
        task = self._handler_coroutine
        assert task is not None
        self._listener.sessions.keep(task)

    def data_received(self, data: bytes) -> None:
        """Hand bytes to the wire."""
        self._wire.feed(data)

    def eof_received(self) -> bool:
        """Keep our half open: a client may close its own half and still wait for its 250.

        TLS cannot do that.
        """
        self._wire.feed_end()
        return self._half_close

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - why it went changes nothing
        """Free the place; the task finds out when it reads."""
        self._wire.lose()
        self._listener.sessions.release(self)
        self.transport = None

    def pause_writing(self) -> None:
        """Pass back pressure on."""
        self._wire.pause_writing()

    def resume_writing(self) -> None:
        """Pass it on."""
        self._wire.resume_writing()

    def _reset_timeout(self, duration: float | None = None) -> None:
        """Do nothing: the wire keeps time."""

    # What the register asks.

    def idle_since(self) -> float | None:
        """Since when the client has said nothing between two commands; None in all other states."""
        return self._wire.last_heard if self._in_command and self._wire.waiting else None

    def dismiss(self, reply: str) -> None:
        """End it at the next command; a message under way is heard and answered first."""
        if self._in_command:
            self._wire.end(reply)

    def abort(self) -> None:
        """Cut the connection."""
        self._wire.abort()

    # The session's life.

    async def push(self, status: str | bytes) -> None:
        """Put a reply in line; it is sent when all input that came with its command is worked through."""
        text = status if isinstance(status, str) else status.decode("ascii")
        if text[:3] in replies.ERROR_CODES:
            self._errors += 1
        self._wire.write(text.encode("ascii") + b"\r\n")

    def log_fields(self) -> dict[str, Any]:
        """Give what each line of this session's log says."""
        return {"client": self.client, "helo": self._helo}

    async def handle_exception(self, error: Exception) -> str:
        """Log what went wrong in our own code and say no more than that: temporary, and without its text."""
        self._listener.log.error("session_failed", **self.log_fields(), exc_info=error)
        return replies.fault(error)

    async def _handle_client(self) -> None:
        """Live through the session. Runs until the connection is gone."""
        try:
            sending = await self._until_the_end()
            await self._wire.close(sending=sending)
            self._listener.log.debug(
                "disconnection",
                **self.log_fields(),
                messages=self._messages,
                seconds=round(time.monotonic() - self._began, 3),
            )
        finally:
            # Both do nothing after a good end; a loop that is torn down cancels us anywhere.
            self._wire.abort()
            self._listener.sessions.release(self)

    async def _until_the_end(self) -> bool:
        """Talk, and put the last reply in line. Return whether the client may still be sending."""
        log = self._listener.log
        verdict = self._listener.sessions.admit(self, self.loop.time())
        if verdict != "admitted":
            log.warning("refused", **self.log_fields(), reason=f"connections-{verdict}")
            await self.push(replies.TOO_MANY_CONNECTIONS)
            return False
        log.debug("connection", **self.log_fields())
        try:
            await self.push(f"220 {self.hostname} ESMTP")
            await self._talk()
        except SessionOver as over:
            if over.reply is not None:
                log.info("cut", **self.log_fields(), reply=over.reply)
                await self.push(over.reply)
            return over.sending
        except Exception as error:  # noqa: BLE001 - the boundary of a session: logged with its traceback
            await self.push(await self.handle_exception(error))
        return False

    async def _talk(self) -> None:
        while True:
            self._in_command = True
            if self._listener.sessions.draining:
                raise SessionOver(replies.SHUTTING_DOWN, sending=self._at < len(self._buffer))
            line = await self._command_line()
            self._in_command = False
            if line is None:
                return
            if await self._obey(line) == "quit":
                return
            self._check_limits()

    async def _obey(self, line: bytes) -> str | None:
        # Latin-1 maps each byte to one character, so the grammar sees 8-bit bytes as what they are: not
        # ASCII.
        word, _, argument = line.decode("latin-1").partition(" ")
        verb = word.upper()
        if verb in NOT_SMTP:
            raise SessionOver(replies.NOT_SMTP, sending=True)
        method = self._smtp_methods.get(verb)
        if method is None:
            self._junk += 1
            await self.push(replies.BAD_COMMAND)
            return None
        if verb in JUNK:
            self._junk += 1
        try:
            await method(argument.strip(" "))
        except (SessionOver, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - one command's fault is not the session's; logged with its traceback
            await self.push(await self.handle_exception(error))
        return "quit" if verb == "QUIT" else None

    def _check_limits(self) -> None:
        if self._errors > self._listener.options.max_errors:
            raise SessionOver(replies.TOO_MANY_ERRORS, sending=True)
        if self._junk > self._listener.options.max_junk:
            raise SessionOver(replies.TOO_MUCH_JUNK, sending=True)

    async def _command_line(self) -> bytes | None:
        """Give the next line without its end; None when the client is gone."""
        dropped = 0
        while True:
            end = self._buffer.find(b"\n", self._at)
            if end >= 0:
                line = self._buffer[self._at : end]
                self._at = end + 1
                if dropped + len(line) <= MAX_COMMAND:
                    return line.removesuffix(b"\r")
                await self.push(replies.LINE_TOO_LONG)
                self._check_limits()
                dropped = 0
                continue
            rest = self._buffer[self._at :]
            if len(rest) > MAX_COMMAND or dropped:
                dropped, rest = dropped + len(rest), b""
                if dropped > MAX_ENDLESS:
                    raise SessionOver(replies.TOO_MANY_ERRORS, sending=True)
            self._buffer, self._at = rest, 0
            more = await self._wire.read()
            if not more:
                return None
            self._buffer = rest + more

    def take_input(self) -> bytes:
        """Give what came after the command under work (a pipelined group), and leave nothing."""
        rest, self._buffer, self._at = self._buffer[self._at :], b"", 0
        return rest

    def give_back(self, rest: bytes) -> None:
        """Put back what belongs to the next command."""
        self._buffer, self._at = rest, 0


def _address_of(peer: Any) -> tuple[str, int | None]:
    """Give host and port of a peer name.

    An IPv4 client on an IPv6 socket is an IPv4 client (SPF asks by that).
    """
    if not isinstance(peer, tuple):
        return "", None
    host = str(peer[0]).partition("%")[0].removeprefix("::ffff:")
    return printable(host), int(peer[1])
