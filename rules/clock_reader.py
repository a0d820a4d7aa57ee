"""Lengths and changes of clocks, as a rules file writes them."""

from collections.abc import Mapping
from datetime import timedelta

from rules.clocks import ClockChange, Length, length
from rules.decision import Priority
from rules.language import ClockChangePart
from rules.mistakes import short
from rules.scope import Scope
from rules.yaml_places import Loc


def read_within(within: Mapping[str, str], loc: Loc, scope: Scope) -> dict[Priority, Length] | None:
    """The length for each priority; None after mistakes were noted."""
    found: dict[Priority, Length] = {}
    for name, text in within.items():
        priority = scope.priority((*loc, name), name, key=True)
        if priority in found:
            scope.mistake((*loc, name), f'"{name}" and its other name are the same priority; give it one length')
        try:
            span = length(text)
        except ValueError as error:
            # One length for all priorities stands at `loc` itself, and is noted once.
            scope.mistake((*loc, name), str(error))
        else:
            if priority is not None:
                found[priority] = span
    return found if len(found) == len(within) else None


def read_warn(text: str | None, loc: Loc, scope: Scope) -> Length | None:
    """How long before it is due a clock says so; None where the file does not say, and after a mistake."""
    if text is None:
        return None
    try:
        return length(text)
    except ValueError as error:
        scope.mistake(loc, str(error))
        return None


def read_change(name: str, part: ClockChangePart, loc: Loc, scope: Scope) -> ClockChange | None:
    """What a rule changes about the clock `name`; None after mistakes were noted."""
    if not scope.known(loc, "clock", name, scope.clock_names):
        return None
    within = None if part.within is None else read_within(part.within, (*loc, "within"), scope)
    if part.calendar is not None:
        scope.known((*loc, "calendar"), "calendar", part.calendar, scope.calendar_names)
    return ClockChange(
        within=within,
        calendar=None if part.calendar is None else scope.calendars.get(part.calendar),
        off=part.off,
    )


def wall_time(text: str, loc: Loc, scope: Scope) -> timedelta | None:
    """A length by the wall clock, open or not: `30m`, `12h`, `30d`; None after a mistake."""
    days = text.removesuffix("d")
    try:
        found = length(f"{int(days) * 24}h" if days != text and days.isdecimal() and len(days) < 5 else text)
    except ValueError:
        scope.mistake(loc, f'"{short(text)}" is no length of time; write 30m, 12h or 30d')
        return None
    if found.days:
        scope.mistake(loc, f'"{text}" counts open hours; this one goes by the wall clock: 12h, 30d')
        return None
    return timedelta(minutes=found.minutes)
