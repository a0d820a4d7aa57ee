"""Open hours in a named zone, and counting open time through them.

Hours are half-open: 08:00 is open, 17:00 is closed. All arithmetic is done on UTC instants; the wall
clock only says where an interval begins and ends. So an hour that daylight saving time takes away is not
counted, and one that it gives twice is counted twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
# datetime ends with the year 9999 and local times need a margin; decide is total, so times beyond are
# brought back.
EARLIEST = datetime(1900, 1, 2, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)

Span = tuple[int, int]
Interval = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A piece of open time that a count used, in UTC."""

    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Weekly hours in a zone, less days that are closed.

    week: for Monday to Sunday the open spans in minutes of the day, in order and apart; at least one day
    has one.
    """

    name: str
    zone: ZoneInfo
    week: tuple[tuple[Span, ...], ...]
    closed: frozenset[date] = frozenset()
    _days: dict[date, tuple[Interval, ...]] = field(default_factory=dict, repr=False, compare=False)

    def state(self, at: datetime) -> Literal["open", "closed"]:
        """Whether the desk is open at `at` (aware)."""
        at = clamp(at)
        today = at.astimezone(self.zone).date()
        # A zone that changes its clock at midnight can put an instant into the neighbour's interval.
        for day in (today, today - timedelta(1), today + timedelta(1)):
            for begins, ends in self.intervals(day):
                if begins <= at < ends:
                    return "open"
        return "closed"

    def intervals(self, day: date) -> tuple[Interval, ...]:
        """The open intervals of a local day as UTC instants, in order."""
        known = self._days.get(day)
        if known is None:
            known = self._intervals(day)
            if len(self._days) > 2000:  # only a memory of what is computed anyway
                self._days.clear()
            self._days[day] = known
        return known

    def _intervals(self, day: date) -> tuple[Interval, ...]:
        if day in self.closed:
            return ()
        found: list[Interval] = []
        for opens, closes in self.week[day.weekday()]:
            begins = instant(self.zone, day, opens, last=False)
            ends = instant(self.zone, day, closes, last=True)
            if begins < ends:  # a span that lies wholly in the hour that spring takes away is empty
                found.append((begins, ends))
        return tuple(found)

    def stretches(self, since: datetime) -> Iterator[Stretch]:
        """The open time from `since` on, without end (at least one day of each week is open)."""
        position = clamp(since)
        day = position.astimezone(self.zone).date() - timedelta(1)
        while True:
            for begins, ends in self.intervals(day):
                if ends > position:
                    position = max(begins, position)
                    yield Stretch(begins=position, ends=ends)
                    position = ends
            day += timedelta(1)

    def count(self, since: datetime, length: timedelta) -> tuple[datetime, tuple[Stretch, ...]]:
        """When `length` of open time has passed since `since`, and the stretches that made it up.

        A count that ends exactly at closing time ends there, not at the next opening.
        """
        used: list[Stretch] = []
        left = length
        for stretch in self.stretches(since):
            there = stretch.ends - stretch.begins
            if left <= there:
                used.append(Stretch(begins=stretch.begins, ends=stretch.begins + left))
                return used[-1].ends, tuple(used)
            left -= there
            used.append(stretch)
            if stretch.ends > LATEST:
                break
        return LATEST, tuple(used)

    def business_days(self, since: datetime, days: int) -> timedelta:
        """The open time of `days` open days: of the day on which counting starts, and of the open days after it.

        One business day is the open hours of one day, so a clock that starts in the middle of a day ends
        in the middle of the next one.
        """
        first = next(self.stretches(since)).begins.astimezone(self.zone).date()
        total, counted, day = timedelta(), 0, first
        while counted < days and day.year < LATEST.year:
            open_today = sum((ends - begins for begins, ends in self.intervals(day)), timedelta())
            total += open_today
            counted += open_today > timedelta()
            day += timedelta(1)
        return total


def clamp(at: datetime) -> datetime:
    """An instant in UTC, within the years that calendars count in."""
    return min(max(at.astimezone(UTC) if EARLIEST <= at <= LATEST else at, EARLIEST), LATEST)


def instant(zone: ZoneInfo, day: date, minute: int, *, last: bool) -> datetime:
    """The UTC instant of a wall-clock minute of a day; minute 1440 is the next midnight.

    A minute that autumn gives twice is its first pass for an opening and its `last` for a closing. One
    that spring leaves out is the instant of the jump.
    """
    if minute == DAY_MINUTES:
        day, minute = day + timedelta(1), 0
    wall = datetime.combine(day, time(minute // 60, minute % 60))
    found = wall.replace(tzinfo=zone, fold=int(last)).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall:
        return found
    return _jump(zone, wall)


def _jump(zone: ZoneInfo, wall: datetime) -> datetime:
    # fold=1 reads the missing time by the offset after the jump and lands before it, fold=0 the other
    # way round.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
