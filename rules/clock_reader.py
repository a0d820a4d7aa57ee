"""Lengths and changes of clocks, as a rules file writes them."""

from collections.abc import Mapping

from rules.clocks import ClockChange, Length, length
from rules.decision import Priority
from rules.language import ClockChangePart
from rules.scope import Scope
from rules.yaml_places import Loc


def read_within(within: Mapping[Priority, str], loc: Loc, scope: Scope) -> dict[Priority, Length] | None:
    """The length for each priority; None after mistakes were noted."""
    found: dict[Priority, Length] = {}
    for priority, text in within.items():
        try:
            found[priority] = length(text)
        except ValueError as error:
            # One length for all priorities stands at `loc` itself, and is noted once.
            scope.mistake((*loc, priority), str(error))
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
