"""Open hours in a named zone, and counting open time through them.

Hours are half-open: 08:00 is open, 17:00 is closed. All arithmetic is done on UTC instants; the wall
clock only says where an interval begins and ends. So an hour that daylight saving time takes away is not
counted, and one that it gives twice is counted twice.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from rules.public_holidays import Holidays

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
    has one. closed: own closed days, first and last; yearly: the same each year,
    as month and day. holidays: public ones.
    """

    name: str
    zone: ZoneInfo
    week: tuple[tuple[Span, ...], ...]
    closed: tuple[tuple[date, date], ...] = ()
    yearly: frozenset[tuple[int, int]] = frozenset()
    holidays: tuple[Holidays, ...] = ()
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

    def closing(self, day: date) -> str | None:
        """Why a day that may have hours is closed: a holiday's name, or "closed"; None where it is not."""
        if (day.month, day.day) in self.yearly or any(first <= day <= last for first, last in self.closed):
            return "closed"
        return next((name for each in self.holidays if (name := each.on(day)) is not None), None)

    def _intervals(self, day: date) -> tuple[Interval, ...]:
        if not self.week[day.weekday()] or self.closing(day) is not None:
            return ()
        found: list[Interval] = []
        for opens, closes in self.week[day.weekday()]:
            begins = instant(self.zone, day, opens, last=False)
            ends = instant(self.zone, day, closes, last=True)
            if begins < ends:  # a span that lies wholly in the hour that spring takes away is empty
                found.append((begins, ends))
        return tuple(found)

    def stretches(self, since: datetime, pauses: Sequence[Interval] = ()) -> Iterator[Stretch]:
        """The open time from `since` on, up to the last year that calendars count in; `pauses` are left out.

        pauses: spans of UTC instants, in order and apart.
        """
        position = clamp(since)
        day = position.astimezone(self.zone).date() - timedelta(1)
        while day.year <= LATEST.year:
            for begins, ends in self.intervals(day):
                if ends > position:
                    for piece in _without(max(begins, position), ends, pauses):
                        yield Stretch(begins=piece[0], ends=piece[1])
                    position = ends
            day += timedelta(1)

    def count(
        self, since: datetime, length: timedelta, pauses: Sequence[Interval] = ()
    ) -> tuple[datetime, tuple[Stretch, ...]]:
        """When `length` of open time has passed since `since`, and the stretches that made it up.

        A count that ends exactly at closing time ends there, not at the next opening. What lies in `pauses` does not
        count.
        """
        used: list[Stretch] = []
        left = length
        for stretch in self.stretches(since, pauses):
            there = stretch.ends - stretch.begins
            if left <= there:
                used.append(Stretch(begins=stretch.begins, ends=stretch.begins + left))
                return used[-1].ends, tuple(used)
            left -= there
            used.append(stretch)
        return LATEST, tuple(used)

    def elapsed(self, since: datetime, until: datetime, pauses: Sequence[Interval] = ()) -> timedelta:
        """The open time between two instants, without what lies in `pauses`."""
        total, until = timedelta(), clamp(until)
        for stretch in self.stretches(since, pauses):
            if stretch.begins >= until:
                break
            total += min(stretch.ends, until) - stretch.begins
        return total

    def business_days(self, since: datetime, days: int) -> timedelta:
        """The open time of `days` open days: of the day on which counting starts, and of the open days after it.

        One business day is the open hours of one day, so a clock that starts in the middle of a day ends
        in the middle of the next one.
        """
        first = next(self.stretches(since), None)
        if first is None:
            return timedelta(hours=24 * days)  # beyond all calendars
        total, counted, day = timedelta(), 0, first.begins.astimezone(self.zone).date()
        while counted < days and day.year < LATEST.year:
            open_today = sum((ends - begins for begins, ends in self.intervals(day)), timedelta())
            total += open_today
            counted += open_today > timedelta()
            day += timedelta(1)
        return total

    def ever_opens(self) -> bool:
        """Whether there is a day that is open: own closed days end, what is closed each year does not.

        Within some years each date falls on each day of the week. Holidays are looked at for two years.
        """
        if len(self.yearly) > 365:
            return False
        first = date(2026, 1, 1)
        return not self.holidays or any(
            self.week[day.weekday()]
            and (day.month, day.day) not in self.yearly
            and all(each.on(day) is None for each in self.holidays)
            for day in (first + timedelta(number) for number in range(2 * 365))
        )


def _without(begins: datetime, ends: datetime, pauses: Iterable[Interval]) -> Iterator[Interval]:
    """What is left of a span without the pauses."""
    for since, until in pauses:
        if until <= begins:
            continue
        if since >= ends:
            break
        if since > begins:
            yield begins, since
        begins = until
        if begins >= ends:
            return
    yield begins, ends


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
