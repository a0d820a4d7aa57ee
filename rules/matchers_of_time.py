"""Tests of the hour, the day and what came before."""

from datetime import timedelta
from typing import Any, get_args

from rules.clock_reader import wall_time
from rules.conditions import Test
from rules.decision import Shown
from rules.facts import EarlierKind, Whose
from rules.matchers import Reader, bare, read_limits, row, shown_limits
from rules.mistakes import short
from rules.scope import Scope
from rules.view import View
from rules.yaml_errors import shown, suggest
from rules.yaml_places import Loc

HOURS = "hours."
DAY = "day."
DAYS = ("working", "free", "holiday")
_KEYS = ("within", "of", "at-least", "at-most")
_WHOSE: tuple[Whose, ...] = get_args(Whose)


def hours(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
    """`hours.CALENDAR: open` or `closed`."""
    calendar = _calendar(HOURS, name, loc, scope)
    if calendar is None:
        return None
    if value not in ("open", "closed"):
        scope.mistake(loc, f"expected open or closed, got {shown(value)}")
        return None
    return Test(name=name, line=row(scope, loc), wanted=value, look=_look_at_hours, given=(calendar, value))


def _calendar(prefix: str, name: str, loc: Loc, scope: Scope) -> str | None:
    calendar = name.removeprefix(prefix)
    if calendar in scope.calendar_names:
        return calendar
    names = (prefix + known for known in scope.calendar_names)
    told = suggest(name, names) if scope.calendar_names else "; the file defines no calendars"
    scope.mistake(loc, f'unknown calendar "{short(calendar)}" in "{short(name)}"{told}', key=True)
    return None


def _look_at_hours(view: View, wanted: tuple[str, str]) -> tuple[Shown, bool]:
    state = view.hours(wanted[0])
    return state, state == wanted[1]


def day(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
    """`day.CALENDAR`: what kind of day it is."""
    calendar = _calendar(DAY, name, loc, scope)
    texts = scope.texts(loc, value)
    if calendar is None or texts is None:
        return None
    known = [scope.known(at, "kind of day", text, DAYS) for at, text in texts]
    if not all(known):
        return None
    wanted = tuple(text for _, text in texts)
    return Test(name=name, line=row(scope, loc), wanted=bare(wanted), look=_look_at_day, given=(calendar, wanted))


def _look_at_day(view: View, wanted: tuple[str, tuple[str, ...]]) -> tuple[Shown, bool]:
    there = view.day(wanted[0])
    return there, there in wanted[1]


def earlier(kind: EarlierKind) -> Reader:
    """How many tickets, calls or pages there were in a time before; one at least, where no number is named."""

    def look(view: View, wanted: tuple[str, timedelta, tuple[int, int]]) -> tuple[Shown, bool]:
        of, within, limits = wanted
        there = view.earlier(kind, of, within)
        return there, limits[0] <= there <= limits[1]

    def read(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
        if not isinstance(value, dict) or "within" not in value:
            scope.mistake(loc, f"expected a time to look back ({{within: 24h, at-least: 3}}), got {shown(value)}")
            return None
        for key in value:
            if key not in _KEYS:
                scope.mistake((*loc, key), f'unknown key "{short(key)}"{suggest(key, _KEYS)}', key=True)
                return None
        text = scope.text((*loc, "within"), value["within"])
        within = None if text is None else wall_time(text, (*loc, "within"), scope)
        of = scope.text((*loc, "of"), value.get("of", "account"))
        named = {key: value[key] for key in ("at-least", "at-most") if key in value}
        limits = read_limits(named or {"at-least": 1}, loc, scope)
        if of is None or not scope.known((*loc, "of"), "word for whose", of, _WHOSE):
            return None
        if within is None or limits is None:
            return None
        scope.looks_at(kind, next(each for each in _WHOSE if each == of), within)
        told = f"{shown_limits(limits)} of {of} within {value['within']}"
        return Test(name=name, line=row(scope, loc), wanted=told, look=look, given=(of, within, limits))

    return read
