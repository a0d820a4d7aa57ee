"""Service levels: how many tickets, how many clocks were met and breached, and how much open time was taken."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta, tzinfo
from typing import Any, Final, Literal, get_args

from inboxd.clocks import clocks
from inboxd.intake.door import moment

Dimension = Literal["account", "plan", "priority", "type", "queue"]
Period = Literal["day", "week", "month", "year", "all"]

DIMENSIONS: Final[tuple[Dimension, ...]] = get_args(Dimension)
PERCENTILES: Final = (50, 90, 95)


@dataclass(slots=True)
class _Clock:
    met: int = 0
    breached: int = 0
    running: int = 0
    spent: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Group:
    name: str | None
    tickets: int = 0
    open: int = 0
    clocks: dict[str, _Clock] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """What a report is grouped by. `zone`: where a period begins; `priority`: what the desk calls one of the four."""

    by: Sequence[Dimension]
    period: Period
    zone: tzinfo
    priority: Callable[[Any], str]

    def report(self, tickets: Iterable[dict[str, Any]], now: int) -> list[dict[str, Any]]:
        """Count tickets, each an object of `created_at`, `status`, `type`, `priority`, `queue`, `account`, `clocks`.

        Gives an object for each group that has tickets, in the order of period and group. `met` and `breached` say how
        a clock ended, or that its time has run out; one that can still be met is `running`. `open_seconds` are
        percentiles (nearest rank) of the open time that passed before a clock was met, with its pauses left out.
        """
        groups: dict[tuple[str, ...], tuple[tuple[str | None, ...], _Group]] = {}
        days: dict[int, str | None] = {}
        for ticket in tickets:
            since = self._since(ticket["created_at"], days)
            values = tuple(self._value(ticket, dimension) for dimension in self.by)
            key = (since or "", *(value or "" for value in values))
            if key not in groups:
                account = ticket["account"]
                groups[key] = ((since, *values), _Group(name=account["name"] if account else None))
            _count(groups[key][1], ticket, now)
        return [self._shown(*groups[key]) for key in sorted(groups)]

    def _since(self, created_at: int, days: dict[int, str | None]) -> str | None:
        """Return the first day of a ticket's period, in the desk's zone; None where all is one."""
        # A quarter of an hour never spans midnight anywhere, and has the same answer for all its tickets.
        quarter = created_at // 900_000
        if quarter not in days:
            day = moment(created_at).astimezone(self.zone).date()
            found = _first_day(day, self.period)
            days[quarter] = None if found is None else found.isoformat()
        return days[quarter]

    def _value(self, ticket: dict[str, Any], dimension: Dimension) -> str | None:
        match dimension:
            case "account" | "plan":
                account = ticket["account"] or {}
                value = account.get("id" if dimension == "account" else "plan")
                return None if value is None else str(value)
            case "priority":
                return self.priority(ticket["priority"])
            case _:
                value = ticket[dimension]
                return None if value is None else str(value)

    def _shown(self, values: tuple[str | None, ...], group: _Group) -> dict[str, Any]:
        named: dict[str, Any] = dict.fromkeys(DIMENSIONS)
        named |= dict(zip(self.by, values[1:], strict=True))
        return {
            "period": values[0],
            **named,
            "account_name": group.name if "account" in self.by and named["account"] is not None else None,
            "tickets": group.tickets,
            "open": group.open,
            "clocks": [_clock(name, clock) for name, clock in group.clocks.items()],
        }


def _first_day(day: date, period: Period) -> date | None:
    match period:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "year":
            return day.replace(month=1, day=1)
        case "all":
            return None


def _count(group: _Group, ticket: dict[str, Any], now: int) -> None:
    group.tickets += 1
    group.open += ticket["status"] in ("open", "waiting")
    for clock in ticket["clocks"]:
        counted = group.clocks.setdefault(clock["name"], _Clock())
        if clocks.breached(clock, now):
            counted.breached += 1
        elif clock["met_at"] is not None:
            counted.met += 1
        else:
            counted.running += 1
        if clock["met_at"] is not None and clock.get("spent") is not None:
            counted.spent.append(clock["spent"])


def _clock(name: str, clock: _Clock) -> dict[str, Any]:
    ended = clock.met + clock.breached
    spent = sorted(clock.spent)
    return {
        "name": name,
        "met": clock.met,
        "breached": clock.breached,
        "running": clock.running,
        "met_percent": round(100 * clock.met / ended, 1) if ended else None,
        "open_seconds": {
            **{f"p{percent}": percentile(spent, percent) for percent in PERCENTILES},
            "max": spent[-1] if spent else None,
        },
    }


def percentile(ordered: Sequence[int], percent: int) -> int | None:
    """Return the nearest-rank percentile of numbers in order: one of them; None of none."""
    if not ordered:
        return None
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
