"""What a clock that stood ahead has said too early is said again in its time."""

from typing import TYPE_CHECKING, Final

from inboxd.clocks import clocks
from inboxd.intake.door import now_ms
from store import tickets

if TYPE_CHECKING:
    from sqlalchemy import Connection

# What a time server takes back by the way makes nothing be said twice.
_LITTLE_MS: Final = 600_000


def take_back(txn: "Connection") -> None:
    """Let each ticket's clocks speak again of what lies ahead of now: the time of day was set back."""
    now = now_ms()
    for ticket in tickets.list_(txn):
        mended = tuple(clocks.unsaid(clock, now + _LITTLE_MS) for clock in ticket.clocks)
        if mended == ticket.clocks:
            continue
        early = [new["name"] for old, new in zip(ticket.clocks, mended, strict=True) if old != new]
        why = f"The machine's clock stood ahead when {', '.join(early)} spoke; when it is time it speaks again."
        tickets.event(txn, ticket.id, at=now, actor="inboxd", what="clock set back", why=why)
        clocks.watch(txn, tickets.update(txn, ticket.id, at=now, clocks=mended))
