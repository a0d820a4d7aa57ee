"""Take one message body from the wire into its spool, with bounded memory and time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from inboxd.intake.envelope import Spool
from inboxd.smtp_receiver import replies
from inboxd.smtp_receiver.unstuffing import Unstuffer
from inboxd.smtp_receiver.wire import SessionOver

# A client that announced no SIZE learns of the limit only when it has sent its message. It is heard out to
# twice the limit, then cut: hearing a stranger out for ever is what makes a full line.
PATIENCE = 2


class ClientGone(Exception):
    """The client left before the end of its message: nothing was promised, nothing is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A body heard to its end: `refusal` is the reply when it was not kept, `rest` what came after it."""

    refusal: str | None
    rest: bytes


class Keeper:
    """Keeps one body in its spool until something is wrong with it, and remembers the reply that tells it."""

    def __init__(
        self,
        spool: Spool,
        *,
        max_size: int,
        fault: Callable[[Exception], str],
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        """`fault` turns an exception of the spool into the reply, and logs it."""
        self.spool = spool
        self.heard = 0
        self.refusal: str | None = None
        self._max_size = max_size
        self._fault = fault
        self._log = log

    @property
    def out_of_patience(self) -> bool:
        """Whether so much came that hearing the rest helps nobody."""
        return self.heard > PATIENCE * self._max_size

    def keep(self, content: bytes) -> None:
        """Take the next bytes of the body."""
        self.heard += len(content)
        if self.refusal is not None:
            return
        if self.heard > self._max_size:
            self.refusal = replies.TOO_BIG
        else:
            try:
                self.spool.write(content)
            except Exception as error:  # noqa: BLE001 - whatever the spool does, the body is heard out; `fault` logs it
                self.refusal = self._fault(error)
        if self.refusal is not None:
            # At once, not at the end of the message: a refused body must not go on filling memory or disk.
            self.discard()

    def discard(self) -> None:
        """Give the body up. Harmless after its commit."""
        try:
            self.spool.discard()
        except OSError as error:
            # Closing an unflushed file on a full disk fails like a write; it is closed all the same.
            self._log.warning("discard_failed", error=str(error))


async def hear(first: bytes, read: Callable[[], Awaitable[bytes]], keeper: Keeper) -> Heard:
    """Give what `first` and then `read` return to `keeper`, up to the end of the message.

    What is wrong with the body is told after its end, because a reply in the middle would not be read and the
    rest of the body would be taken for commands. Raises ClientGone, and SessionOver (too big beyond all patience,
    too slow).
    """
    unstuffer = Unstuffer()
    chunk = first
    while True:
        content, rest = unstuffer.feed(chunk)
        if content:
            keeper.keep(content)
        if unstuffer.ended:
            return Heard(refusal=keeper.refusal, rest=rest)
        if keeper.out_of_patience:
            raise SessionOver(replies.TOO_BIG, sending=True)
        chunk = await read()
        if not chunk:
            raise ClientGone
