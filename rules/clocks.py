"""Clocks: how long, in which calendar, due when; and the arithmetic in words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from rules.calendars import Calendar, Interval, Stretch, clamp
from rules.decision import ClockMoment, ClockPlan, Meets, Priority

MAX_MINUTES = 60 * 24 * 366
MAX_DAYS = 366
_DAYS_LOOKED_AT = 800
_TIME = re.compile(r"(?:(\d{1,6}) ?h(?:ours?)?)? ?(?:(\d{1,6}) ?m(?:in(?:utes?)?)?)?\Z")
_BUSINESS_DAYS = re.compile(r"(\d{1,4}) business days?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """How long a clock runs: open minutes, or business days."""

    minutes: int = 0
    days: int = 0

    def __str__(self) -> str:
        if self.days:
            return _plural(self.days, "business day")
        return duration(timedelta(minutes=self.minutes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A clock of the rules file; a priority without a length has no such clock.

    met: what ends it well. paused: whether it stands still while the ticket is `waiting`. warn: how much open time
    before it is due it says so; None for the last quarter of its length. notice: at which moments staff are told.
    """

    name: str
    within: Mapping[Priority, Length]
    calendar: Calendar
    met: Meets = "solved"
    paused: bool = False
    warn: Length | None = None
    notice: tuple[ClockMoment, ...] = ()


# What meets a clock whose rules file does not say so; any other name is a promise of a solution.
MET_BY: Final[Mapping[str, Meets]] = {"first-response": "reply", "callback": "call"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A count through a calendar: when the clock warns, when it is due, and the stretches of open time up to then."""

    warn_at: datetime
    due_at: datetime
    span: timedelta
    used: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockChange:
    """What a rule changes about a clock; None leaves it as it is."""

    within: Mapping[Priority, Length] | None = None
    calendar: Calendar | None = None
    off: bool = False


def length(text: str) -> Length:
    """Read `30m`, `1h`, `1h 30m`, `2 business days`; ValueError says what would be right."""
    if days := _BUSINESS_DAYS.match(text):
        found = Length(days=int(days[1]))
    else:
        time = _TIME.match(text)
        if time is None or not text.strip():
            hint = "; a day is 24h, or 1 business day" if re.match(r"\d+ ?d", text) else ""
            message = f'"{text}" is no length of time{hint}; write 30m, 2h, 1h 30m or 1 business day'
            raise ValueError(message)
        found = Length(minutes=int(time[1] or 0) * 60 + int(time[2] or 0))
    if not found.minutes and not found.days:
        message = f'"{text}" is no time at all; a clock runs for at least 1m'
        raise ValueError(message)
    if found.minutes > MAX_MINUTES or found.days > MAX_DAYS:
        message = f'"{text}" is longer than a year'
        raise ValueError(message)
    return found


def changed(clock: Clock, change: ClockChange | None) -> Clock | None:
    """The clock as a rule's change leaves it; None when it is off."""
    if change is None:
        return clock
    if change.off:
        return None
    return replace(clock, within=change.within or clock.within, calendar=change.calendar or clock.calendar)


def combined(earlier: ClockChange | None, later: ClockChange) -> ClockChange:
    """Two changes of one clock: what the later one says stands, what it leaves open stays."""
    if earlier is None or earlier.off or later.off:
        return later
    return ClockChange(within=later.within or earlier.within, calendar=later.calendar or earlier.calendar)


def plan(clock: Clock, priority: Priority, received_at: datetime) -> ClockPlan | None:
    """The clock of a ticket of this priority, counted from when it was received; None where it has none."""
    wanted = clock.within.get(priority)
    if wanted is None:
        return None
    started = clamp(received_at)
    calendar = clock.calendar
    counted = count(calendar, wanted, started, warn=clock.warn)
    return ClockPlan(
        name=clock.name,
        started_at=received_at.astimezone(UTC) if started == received_at else started,
        due_at=counted.due_at,
        warn_at=counted.warn_at,
        calendar=calendar.name,
        within=str(wanted),
        warn=None if clock.warn is None else str(clock.warn),
        met=clock.met,
        paused=clock.paused,
        notice=clock.notice,
        explanation=explain(calendar, wanted, started, counted),
    )


def count(
    calendar: Calendar,
    wanted: Length,
    started: datetime,
    *,
    warn: Length | None = None,
    pauses: Sequence[Interval] = (),
) -> Count:
    """Count a length of open time from a start; what lies in `pauses` (UTC, in order and apart) does not count."""
    started = clamp(started)
    span = calendar.business_days(started, wanted.days) if wanted.days else timedelta(minutes=wanted.minutes)
    ahead = span / 4
    if warn is not None:
        ahead = calendar.business_days(started, warn.days) if warn.days else timedelta(minutes=warn.minutes)
    due, used = calendar.count(started, span, pauses)
    warned, _ = calendar.count(started, max(span - ahead, timedelta()), pauses)
    return Count(warn_at=warned, due_at=due, span=span, used=used)


def explain(calendar: Calendar, wanted: Length, started: datetime, counted: Count) -> str:
    """`30m of office (America/Chicago), received Wed 2026-06-10 16:59 (open): 1m from …, 29m from …; closed …`."""
    used = counted.used
    told = str(wanted) + (f" = {duration(counted.span)}" if wanted.days else "")
    state: Literal["open", "closed"] = calendar.state(started)
    shown = used if len(used) <= 4 else (*used[:2], *used[-1:])
    pieces = [
        f"{duration(piece.ends - piece.begins)} from {_at(calendar, piece.begins)} to {_at(calendar, piece.ends)}"
        for piece in shown
    ]
    if len(used) > 4:
        pieces.insert(2, f"… {_plural(len(used) - 3, 'more stretch', 'more stretches')} of open hours …")
    return (
        f"{told} of {calendar.name} ({calendar.zone.key}), received {_at(calendar, started)} ({state}): "
        + ", ".join(pieces)
        + _closings(calendar, started, counted.due_at)
    )


def _closings(calendar: Calendar, started: datetime, due: datetime) -> str:
    """The days between that have hours and are closed, and the calendars of holidays that end before it is due."""
    told: list[str] = []
    day, last = (clamp(each).astimezone(calendar.zone).date() for each in (started, due))
    for _ in range(_DAYS_LOOKED_AT):
        if day > last:
            break
        why = calendar.closing(day) if calendar.week[day.weekday()] else None
        if why is not None:
            told.append(f"{day:%a %Y-%m-%d} ({why})")
        day += timedelta(1)
    shown = f"; closed: {', '.join(told[:4])}{f' and {len(told) - 4} more days' if told[4:] else ''}" if told else ""
    unknown = [f"{each.name} to {each.ends}" for each in calendar.holidays if each.ends < last.year]
    return shown + (f"; holidays are known of {', '.join(unknown)} alone" if unknown else "")


def _at(calendar: Calendar, at: datetime) -> str:
    return at.astimezone(calendar.zone).strftime("%a %Y-%m-%d %H:%M")


def duration(span: timedelta) -> str:
    """A span of time in words: `1h 30m`."""
    seconds = round(span.total_seconds())
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [f"{number}{unit}" for number, unit in ((hours, "h"), (minutes, "m"), (seconds, "s")) if number]
    return " ".join(parts) or "0m"


def _plural(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
