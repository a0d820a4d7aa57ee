"""Take one message body from the wire into its spool, with bounded memory and time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from inboxd.envelope import Spool
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


async def hear(
    first: bytes,
    read: Callable[[], Awaitable[bytes]],
    spool: Spool,
    max_size: int,
    fault: Callable[[Exception], str],
) -> Heard:
    """Write what `first` and then `read` give into `spool`, up to the end of the message.

    What is wrong with it (too big; `fault` turns an exception of the spool into its reply) is kept until the end,
    because a reply in the middle would not be read and the rest of the body would be taken for commands. Raises
    ClientGone, and SessionOver (too big beyond all patience, too slow).
    """
    unstuffer = Unstuffer()
    heard, refusal, chunk = 0, None, first
    while True:
        content, rest = unstuffer.feed(chunk)
        heard += len(content)
        if refusal is None and content:
            refusal = _keep(content, heard, spool, max_size, fault)
        if unstuffer.ended:
            return Heard(refusal=refusal, rest=rest)
        if heard > PATIENCE * max_size:
            raise SessionOver(replies.TOO_BIG, sending=True)
        chunk = await read()
        if not chunk:
            raise ClientGone


def _keep(content: bytes, heard: int, spool: Spool, max_size: int, fault: Callable[[Exception], str]) -> str | None:
    refusal = replies.TOO_BIG
    if heard <= max_size:
        try:
            spool.write(content)
        except Exception as error:  # noqa: BLE001 - whatever the spool does, the body is heard out; `fault` logs it
            refusal = fault(error)
        else:
            return None
    # At once, not at the end of the message: a refused body must not go on filling memory or disk.
    spool.discard()
    return refusal
