"""Who is connected, and who may be."""

import asyncio
import ipaddress
from collections import Counter
from typing import Literal, Protocol

from inboxd.smtp_receiver import replies
from inboxd.smtp_receiver.options import SmtpOptions

Verdict = Literal["admitted", "full", "client-full"]


class Member(Protocol):
    """What the register needs to know of a session."""

    @property
    def group(self) -> str:
        """What counts as one client (`group_of`)."""

    def idle_since(self) -> float | None:
        """Since when it has waited for its client's next command, in loop time.

        None while it does anything else.
        """

    def dismiss(self, reply: str) -> None:
        """End it with this reply when it is between two commands."""

    def abort(self) -> None:
        """Cut its connection."""


class Sessions:
    """The register of one listener: places in all, and for one client.

    When no place is left, the session that has waited longest for its client gives its place to the newcomer,
    so that a crowd that says nothing (slow-loris) keeps nobody out; one that is sending a message is never
    sent away.
    """

    def __init__(self, options: SmtpOptions) -> None:
        self._options = options
        self._members: set[Member] = set()
        self._of_client: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self.draining = False

    def __len__(self) -> int:
        return len(self._members)

    def all(self) -> tuple[Member, ...]:
        """Give all sessions that have a place."""
        return tuple(self._members)

    def keep(self, task: asyncio.Task[None]) -> None:
        """Hold on to a session's task until it ends; the event loop itself would let it be collected."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def ended(self, seconds: float) -> int:
        """Wait until all sessions have ended, at most so long; return how many have not."""
        if not self._tasks:
            return 0
        _, pending = await asyncio.wait(self._tasks, timeout=seconds)
        return len(pending)

    def admit(self, member: Member, now: float) -> Verdict:
        """Give a place to `member`, or say which one is lacking."""
        client = member.group
        if self._of_client[client] >= self._options.max_connections_per_client:
            if not self._make_room(now, client):
                return "client-full"
        elif len(self._members) >= self._options.max_connections and not self._make_room(now, None):
            return "full"
        self._members.add(member)
        self._of_client[client] += 1
        return "admitted"

    def release(self, member: Member) -> None:
        """Take the place back. Harmless for one that has none."""
        if member not in self._members:
            return
        self._members.remove(member)
        client = member.group
        self._of_client[client] -= 1
        if not self._of_client[client]:
            del self._of_client[client]

    def _make_room(self, now: float, client: str | None) -> bool:
        idle = [
            (since, id(member), member)
            for member in self._members
            if (since := member.idle_since()) is not None
            and now - since >= self._options.idle_grace
            and (client is None or member.group == client)
        ]
        if not idle:
            return False
        longest = min(idle)[2]
        # Its place is free at once, though its last reply is still on the way: a newcomer does not wait for
        # it.
        self.release(longest)
        longest.dismiss(replies.TOO_MANY_CONNECTIONS)
        return True


def group_of(client: str) -> str:
    """Give what counts as one client: an IPv4 address, or the /64 that one IPv6 customer has."""
    if ":" not in client:
        return client
    return str(ipaddress.ip_network((client, 64), strict=False))
