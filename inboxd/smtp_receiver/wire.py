"""The bytes, the back pressure and the clock of one connection."""

import asyncio
from typing import Final, cast

from inboxd.smtp_receiver import replies
from inboxd.smtp_receiver.options import SmtpOptions

# Bytes held for a session that does not read before its client is told to wait. Small, because a thousand
# clients may hold as much each; one socket read may add 256 KiB to it.
HIGH_WATER: Final = 64 * 1024


class SessionOver(Exception):
    """The session ends now; `reply` is its last word, None where nobody is left to hear one.

    `sending` says that the client is in the middle of something and must be heard out to get that word.
    """

    def __init__(self, reply: str | None, *, sending: bool = False) -> None:
        self.reply = reply
        self.sending = sending
        super().__init__(reply)


class Wire:
    """What a session reads from and writes to.

    The protocol object feeds it, one task reads it. Nothing that happens on the network cancels that task: it
    learns of the end when it reads, so a commit under way is always finished (a cancelled one could be stored
    without its 250, and come again).
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, options: SmtpOptions) -> None:
        self._loop = loop
        self._options = options
        self._transport: asyncio.Transport | None = None
        self._held: list[bytes] = []
        self._held_size = 0
        self._paused_reading = False
        self._ended = False
        self._over: SessionOver | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._lost: asyncio.Future[None] = loop.create_future()
        self._out: list[bytes] = []
        self._timer: asyncio.TimerHandle | None = None
        self._working = False
        self._deaf = False
        self.last_heard = 0.0
        self._counted_from = 0.0
        self._counted_bytes = 0

    # What the protocol object tells us.

    def attach(self, transport: asyncio.Transport) -> None:
        """Take a new connection, or the encrypted one that replaces it."""
        self._transport = transport
        if self._timer is None:
            self.restart_clock()
            self._timer = self._loop.call_at(self._due(), self._look_at_clock)

    def feed(self, data: bytes) -> None:
        """Take bytes that came in; tell the client to wait when nobody fetches them."""
        self.last_heard = self._loop.time()
        self._counted_bytes += len(data)
        if self._deaf:
            return
        self._held.append(data)
        self._held_size += len(data)
        if self._held_size > HIGH_WATER and not self._paused_reading and self._transport is not None:
            self._transport.pause_reading()
            self._paused_reading = True
        self._wake()

    def feed_end(self) -> None:
        """Take note that the client will send no more.

        It may still be waiting for replies (a half-closed one).
        """
        self._ended = True
        if self._deaf and self._transport is not None:
            self._transport.close()
        self._wake()

    def pause_writing(self) -> None:
        """Hold replies back: the client does not fetch them."""
        if self._writable is None:
            self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        """Let replies go again."""
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None

    def lose(self) -> None:
        """Take note that the connection is gone, both ways."""
        if self._timer is not None:
            self._timer.cancel()
        if not self._lost.done():
            self._lost.set_result(None)
        self._transport = None
        self.resume_writing()
        self.feed_end()

    # What the session does.

    async def read(self) -> bytes:
        """Send what waits to be sent, then give all that came in since; b"" at the end.

        Raises SessionOver.
        """
        await self.flush()
        while True:
            # Before what came in: a session that was told to go begins nothing new.
            if self._over is not None:
                raise self._over
            if self._held:
                break
            if self._ended:
                return b""
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        data = self._held[0] if len(self._held) == 1 else b"".join(self._held)
        self.forget_input()
        return data

    def forget_input(self) -> None:
        """Drop what came in and was not read."""
        self._held = []
        self._held_size = 0
        if self._paused_reading and self._transport is not None:
            self._transport.resume_reading()
            self._paused_reading = False

    def write(self, reply: bytes) -> None:
        """Put a reply in line.

        It goes with the next `flush` or `read`, so a pipelined group is answered at once.
        """
        self._out.append(reply)

    async def flush(self) -> None:
        """Send what waits. Waits in turn while the client does not fetch it."""
        self.send_now()
        while self._writable is not None:
            await self._writable

    def send_now(self) -> None:
        """Hand all replies to the connection without waiting."""
        if self._out and self._transport is not None:
            self._transport.write(b"".join(self._out))
        self._out = []

    def working(self, state: bool) -> None:
        """Stop the clock while the client waits for us (a commit), and start it anew afterwards."""
        self._working = state
        self.last_heard = self._loop.time()

    def restart_clock(self) -> None:
        """Count the session's time and bytes from now on: it has brought a message, it is no loiterer."""
        self.last_heard = self._counted_from = self._loop.time()
        self._counted_bytes = 0

    # The end.

    def end(self, reply: str) -> None:
        """Make the session end with `reply` when it next wants input: at once when it waits for some."""
        if self._over is None:
            self._over = SessionOver(reply)
        self._wake()

    @property
    def waiting(self) -> bool:
        """Whether the session waits for its client."""
        return self._waiter is not None

    def abort(self) -> None:
        """Cut the connection; what was not sent is lost."""
        if self._transport is not None:
            self._transport.abort()

    async def close(self, *, sending: bool) -> None:
        """Send the last reply and close; cut a client that does not fetch it.

        Closing on unread bytes would reset the connection and lose the reply with it, so that what we refuse
        for good would come again for days: a client that is `sending` is told, and its bytes are dropped
        until it has closed its side.
        """
        self.send_now()
        transport = self._transport
        if transport is not None and (not sending or self._ended or not transport.can_write_eof()):
            transport.close()
        elif transport is not None:
            self.forget_input()
            self._deaf = True
            transport.write_eof()
        done, _ = await asyncio.wait({self._lost}, timeout=self._options.linger)
        if not done:
            self.abort()
        if self._timer is not None:
            self._timer.cancel()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _due(self) -> float:
        silence = self.last_heard + self._options.command_timeout
        whole = self._counted_from + self._options.session_seconds + self._counted_bytes / self._options.minimum_rate
        return min(silence, whole)

    def _look_at_clock(self) -> None:
        # One timer a connection, set anew only when it fires too early: resetting it for each command or
        # chunk would cost more than reading them.
        now = self._loop.time()
        if self._working:
            due = now + self._options.linger
        else:
            due = self._due()
            if now >= due:
                if self.waiting and self._over is None:
                    self.end(replies.TIMED_OUT)
                else:
                    # It hangs on a client that does not fetch its replies, or was told before and did not go.
                    self.abort()
                due = now + self._options.linger
        self._timer = self._loop.call_at(due, self._look_at_clock)


def as_transport(transport: asyncio.BaseTransport | None) -> asyncio.Transport:
    """Say what asyncio does not tell protocols: the transport of a stream reads and writes."""
    return cast("asyncio.Transport", transport)
