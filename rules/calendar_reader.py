"""`calendars` of the rules file, and what a time zone may be called."""

import re
import zoneinfo
from functools import cache
from itertools import pairwise
from typing import Any

from rules.calendars import DAY_MINUTES, DAYS, Calendar, Span
from rules.closed_reader import Closed, read_closed
from rules.mistakes import short
from rules.scope import Scope
from rules.yaml_errors import suggest
from rules.yaml_places import Loc

_SPAN = re.compile(r"([01]\d|2[0-4]):([0-5]\d) ?[-–] ?([01]\d|2[0-4]):([0-5]\d)\Z")
_DAY_KEY = re.compile(r"([a-z]+)(?:-([a-z]+))?\Z")
_AND = re.compile(r"[,;&+/]| and ")
_BETWEEN_DAYS = re.compile(rf" *(?:-|–|{_AND.pattern}|\bto\b| ) *")
_LONG_DAYS = {
    "monday": "mon",
    "tuesday": "tue",
    "wednesday": "wed",
    "thursday": "thu",
    "friday": "fri",
    "saturday": "sat",
    "sunday": "sun",
    "weekday": "mon-fri",
    "weekdays": "mon-fri",
    "weekend": "sat-sun",
    "daily": "mon-sun",
    "always": "mon-sun",
}
# Letters that people write for a zone, and a place that may be meant. None says whether it keeps summer time.
_LETTERS = {
    "EST": "America/New_York",
    "EDT": "America/New_York",
    "CST": "America/Chicago",
    "CDT": "America/Chicago",
    "MST": "America/Denver",
    "MDT": "America/Denver",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "GMT": "Europe/London",
    "BST": "Europe/London",
    "CET": "Europe/Berlin",
    "CEST": "Europe/Berlin",
    "IST": "Asia/Kolkata",
    "JST": "Asia/Tokyo",
}


def zone(name: str) -> zoneinfo.ZoneInfo:
    """The zone of a place; ValueError for a name that is none or that names no place."""
    if name != "UTC" and "/" not in name:
        place = _LETTERS.get(name.upper())
        meant = f'; did you mean "{place}"?' if place else "; write a place, such as America/Chicago, or UTC"
        message = f'"{name}" names no place, so nobody can say when it changes its clock{meant}'
        raise ValueError(message)
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        near = suggest(name, _zone_names())
        meant = near if "did you mean" in near else "; write a place, such as America/Chicago, or UTC"
        message = f'unknown time zone "{name[:80]}"{meant}'
        raise ValueError(message) from error


@cache
def _zone_names() -> tuple[str, ...]:
    return tuple(sorted(zoneinfo.available_timezones()))  # reads hundreds of files


def read_calendar(name: str, value: dict[str, Any], loc: Loc, scope: Scope, desk: str | None) -> Calendar | None:
    """One calendar; None after mistakes were noted."""
    before = len(scope.mistakes)
    found_zone = _zone(name, value, loc, scope, desk)
    week: list[list[Span]] = [[] for _ in DAYS]
    lines: dict[int, int] = {}
    closed = Closed()
    for key, inner in value.items():
        at = (*loc, key)
        if key == "closed":
            closed = read_closed(inner, at, scope)
        elif key != "zone":
            _add_days(key, inner, at, scope, week, lines)
    if len(scope.mistakes) == before and not any(week):
        scope.mistake(loc, f'"{name}" is never open; write hours, such as mon-fri: 08:00-17:00', key=True)
    if len(scope.mistakes) > before or found_zone is None:
        return None
    calendar = Calendar(
        name=name,
        zone=found_zone,
        week=tuple(tuple(day) for day in week),
        closed=tuple(closed.days),
        yearly=frozenset(closed.yearly),
        holidays=tuple(closed.holidays),
    )
    if not calendar.ever_opens():
        scope.mistake((*loc, "closed"), f'"{name}" is never open: every day that has hours is closed')
        return None
    return calendar


def _zone(name: str, value: dict[str, Any], loc: Loc, scope: Scope, desk: str | None) -> zoneinfo.ZoneInfo | None:
    if "zone" in value:
        written = scope.text((*loc, "zone"), value["zone"])
        if written is None:
            return None
        try:
            return zone(written)
        except ValueError as error:
            scope.mistake((*loc, "zone"), str(error))
            return None
    if desk is None:
        scope.mistake(
            loc, f'"{name}" has no zone; write desk: {{zone: America/Chicago}} at the top of the file', key=True
        )
        return None
    try:
        return zone(desk)
    except ValueError:  # told at desk.zone
        return None


def _add_days(key: str, value: Any, loc: Loc, scope: Scope, week: list[list[Span]], lines: dict[int, int]) -> None:
    days = days_of(key)
    if days is None:
        scope.mistake(loc, f'unknown day "{short(key)}"{_meant_days(key)}', key=True)
        return
    if value is None and not scope.document.unread(loc):
        scope.mistake(
            loc, "expected hours such as 08:00-17:00, got nothing; each day, or mon-fri, has its own", key=True
        )
        return
    spans = _spans(value, loc, scope)
    line = scope.document.mark(loc, key=True)[0]
    for day in days:
        if day in lines:
            scope.mistake(loc, f'"{DAYS[day]}" has hours on line {lines[day]} already; give each day once', key=True)
            return
    for day in days:
        lines[day] = line
        week[day] = list(spans)


def _meant_days(key: str) -> str:
    """What was probably meant by the name of a day that is none, as the end of a mistake."""
    words = [_LONG_DAYS.get(word, word) for word in _BETWEEN_DAYS.split(key.casefold().strip())]
    if len(words) > 1 and _AND.search(key) and all(days_of(word) is not None for word in words):
        return f"; days apart have hours of their own each: {', '.join(f'{word}: 08:00-17:00' for word in words)}"
    if days_of("-".join(words)) is not None:
        return f'; did you mean "{"-".join(words)}"?'
    near = suggest(key, [*DAYS, *_LONG_DAYS])
    meant = next((day for long, day in _LONG_DAYS.items() if f'mean "{long}"' in near), None)
    if meant is not None:
        return f'; did you mean "{meant}"?'
    return near if "did you mean" in near else suggest(key, [*DAYS, "mon-fri", "zone", "closed"])


def days_of(key: str) -> list[int] | None:
    """The days of `mon`, `mon-fri`, `sat-mon`."""
    found = _DAY_KEY.match(key)
    if found is None or found[1] not in DAYS or (found[2] is not None and found[2] not in DAYS):
        return None
    first = DAYS.index(found[1])
    last = DAYS.index(found[2]) if found[2] else first
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]


def _spans(value: Any, loc: Loc, scope: Scope) -> list[Span]:
    spans: list[tuple[Span, Loc]] = []
    for at, text in scope.texts(loc, value) or []:
        span = _span(text, at, scope)
        if span is not None:
            spans.append((span, at))
    spans.sort(key=lambda one: one[0])
    for (earlier, _), (later, at) in pairwise(spans):
        if later[0] < earlier[1]:
            scope.mistake(at, "these hours overlap others of the same day")
    return [span for span, _ in spans]


def _span(text: str, loc: Loc, scope: Scope) -> Span | None:
    found = _SPAN.match(text)
    if found is None:
        around = "; around the clock is 00:00-24:00" if text.startswith(("24", "all")) else ""
        scope.mistake(loc, f'expected hours such as 08:00-17:00, got text "{text[:60]}"{around}')
        return None
    begins, ends = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if ends > DAY_MINUTES or begins >= DAY_MINUTES:
        scope.mistake(loc, f'"{text}": a day begins at 00:00 and ends at 24:00')
        return None
    if begins == ends:
        scope.mistake(loc, f'"{text}" is no time at all; around the clock is 00:00-24:00')
        return None
    if begins > ends:
        scope.mistake(
            loc,
            f'"{text}" ends before it begins; for a night write the evening (22:00-24:00) on one day '
            "and the morning (00:00-06:00) on the next",
        )
        return None
    return begins, ends
