"""Tickets as a table: one line each, in the order they came."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from inboxd.cli import terminal, times

_HEADERS = ("REF", "PRIORITY", "STATUS", "BY", "FROM", "SUBJECT", "AGE", "DUE", "ASSIGNEE")
_SUBJECT = _HEADERS.index("SUBJECT")
_FROM_WIDTH = 28
# What is done with: its clocks stand still.
ENDED = frozenset({"solved", "closed"})


def render(tickets: Sequence[dict[str, Any]], *, now: datetime, limit: int | None) -> str:
    """Lay `tickets` out for a terminal of `limit` columns (None: nothing is cut); ages count to `now`."""
    if not tickets:
        return "No tickets."
    return terminal.table(_HEADERS, [_row(ticket, now) for ticket in tickets], limit=limit, gives=_SUBJECT)


def _row(ticket: dict[str, Any], now: datetime) -> tuple[object, ...]:
    return (
        ticket["ref"],
        ticket["priority"],
        ticket["status"],
        "call" if ticket["channel"] == "voicemail" else "mail",
        terminal.fit(terminal.one_line(who(ticket)), _FROM_WIDTH),
        ticket["subject"] or "(no subject)",
        times.age((now - times.read(ticket["created_at"])).total_seconds()),
        "" if ticket["status"] in ENDED else due(ticket["clocks"], now),
        ticket["assignee"],
    )


def who(ticket: dict[str, Any]) -> str:
    """Name the customer as well as it is known: the account, else the address or number."""
    requester = ticket["requester"] or {}
    if ticket["account"]:
        return str(ticket["account"]["name"] or ticket["account"]["id"])
    return str(requester.get("address") or requester.get("phone") or requester.get("name") or "unknown")


def due(clocks: Sequence[dict[str, Any]], now: datetime) -> str:
    """Say when the first clock that still runs is due: `25m`, or `25m late`; nothing when none runs."""
    running = [times.read(clock["due_at"]) for clock in clocks if clock["due_at"] and not clock["met_at"]]
    if not running:
        return ""
    left = (min(running) - now).total_seconds()
    return times.age(left) if left >= 0 else f"{times.age(-left)} late"
