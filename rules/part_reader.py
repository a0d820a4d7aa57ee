"""The parts of a rules file that rules refer to: zone, plans, lines, calendars, clocks, phrases, actions."""

import re
from collections.abc import Collection, Iterator
from typing import Any

from rules.calendar_reader import read_calendar
from rules.calendar_reader import zone as zone_of
from rules.calendars import Calendar
from rules.clock_reader import read_warn, read_within
from rules.clocks import MET_BY, Clock
from rules.condition_reader import read_condition
from rules.language import ActionPart, ClockPart, DeskPart, LinePart
from rules.ruleset import Action, Line
from rules.scope import Scope
from rules.yaml_errors import shown
from rules.yaml_places import Loc
from rules.yaml_source import M, check_value

MAX_ENTRIES = 500
MAX_CALENDARS = 100
_E164 = re.compile(r"\+[1-9][0-9]{6,14}\Z")


def read_part(model: type[M], value: Any, loc: Loc, scope: Scope, *, elsewhere: Collection[str] = ()) -> M | None:
    """The part of the file at `loc` as `model`; None after its mistakes were noted.

    elsewhere: keys whose mappings are read by somebody else; here they need only be mappings.
    """
    if elsewhere and isinstance(value, dict):
        value = {key: {} if key in elsewhere and isinstance(one, dict) else one for key, one in value.items()}
    if _is_crowded(value):
        scope.mistake(loc, f"expected at most {MAX_ENTRIES} entries here, those inside of them included")
        return None
    found, mistakes = check_value(model, value, scope.document, at=loc)
    for mistake in mistakes:
        scope.note(mistake)
    return found


def _is_crowded(value: Any) -> bool:
    """Whether more is there than any part needs: each entry may be wrong, and be told."""
    left, waiting = MAX_ENTRIES, [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict | list):
            left -= len(one)
            if left < 0:
                return True
            waiting += one.values() if isinstance(one, dict) else one
    return False


def entries(data: dict[str, Any], key: str, scope: Scope) -> Iterator[tuple[str, Any, Loc]]:
    """Name, value and loc of each entry of a part that is made of names; a part with nothing in it has none."""
    part = data.get(key)
    if part is None:
        return
    if not isinstance(part, dict):
        scope.mistake((key,), f"expected names with values ({{name: …}}), got {shown(part)}")
        return
    for name, value in part.items():
        loc = (key, name)
        if len(name) > 100 or not name.isprintable() or not name.strip():
            scope.mistake(loc, "expected a name on one line, of at most 100 characters", key=True)
        elif not scope.document.unread(loc):
            yield name, value, loc


def read_zone(data: dict[str, Any], scope: Scope) -> str | None:
    """`desk.zone`."""
    if data.get("desk") is None:
        return None
    desk = read_part(DeskPart, data["desk"], ("desk",), scope)
    if desk is None or desk.zone is None:
        # A zone that could not be read is told once, not again by every calendar.
        return "UTC" if desk is None else None
    try:
        return zone_of(desk.zone).key
    except ValueError as error:
        scope.mistake(("desk", "zone"), str(error))
        return "UTC"


def read_plans(data: dict[str, Any], scope: Scope) -> dict[str, None] | None:
    """`plans`: the only ones that accounts may have; None where the file does not say."""
    if data.get("plans") is None:
        return None
    if not isinstance(data["plans"], list):
        scope.mistake(("plans",), f"expected a list of names ([standard, …]), got {shown(data['plans'])}")
        return None
    found = scope.texts(("plans",), data["plans"])
    return None if found is None else {text: None for _, text in found}


def read_calendars(data: dict[str, Any], scope: Scope, desk: str | None) -> dict[str, Calendar]:
    """`calendars`; the scope knows their names afterwards, also of those that are wrong themselves."""
    names: dict[str, None] = {}
    calendars: dict[str, Calendar] = {}
    for name, value, loc in entries(data, "calendars", scope):
        names[name] = None
        if len(names) > MAX_CALENDARS:
            scope.mistake(loc, f"expected at most {MAX_CALENDARS} calendars", key=True)
            break
        if not isinstance(value, dict):
            scope.mistake(loc, f"expected days with hours ({{mon-fri: 08:00-17:00}}), got {shown(value)}")
            continue
        calendar = read_calendar(name, value, loc, scope, desk)
        if calendar is not None:
            calendars[name] = calendar
    scope.calendar_names = names
    scope.calendars = calendars
    return calendars


def read_lines(data: dict[str, Any], scope: Scope) -> tuple[Line, ...]:
    """`lines`; one of them at most is the default, and no number is on two."""
    names: dict[str, None] = {}
    lines: list[Line] = []
    numbers: dict[str, str] = {}
    default: str | None = None
    for name, value, loc in entries(data, "lines", scope):
        names[name] = None
        part = read_part(LinePart, value, loc, scope)
        if part is None:
            continue
        if not _E164.match(part.number):
            scope.mistake((*loc, "number"), f'expected a number such as +15550190, got text "{part.number[:60]}"')
        elif part.number in numbers:
            scope.mistake((*loc, "number"), f'{part.number} is the number of line "{numbers[part.number]}" already')
        numbers.setdefault(part.number, name)
        if part.hours is not None:
            scope.known((*loc, "hours"), "calendar", part.hours, scope.calendar_names)
        if part.default and default is not None:
            scope.mistake(
                (*loc, "default"), f'line "{default}" is the default already; one line stands for other numbers'
            )
        default = name if part.default else default
        lines.append(Line(name=name, number=part.number, hours=part.hours, default=part.default))
    scope.line_names = names
    return tuple(lines)


def read_phrases(data: dict[str, Any], scope: Scope) -> None:
    """`phrases`, into the scope."""
    names: dict[str, None] = {}
    for name, value, loc in entries(data, "phrases", scope):
        names[name] = None
        if not isinstance(value, list):
            scope.mistake(loc, f"expected a list of phrases ([down, not working]), got {shown(value)}")
            continue
        texts = scope.texts(loc, value)
        if texts is not None:
            scope.add_phrases(name, texts)
    scope.phrase_names = names


def read_clocks(data: dict[str, Any], scope: Scope) -> tuple[Clock, ...]:
    """`clocks`, in the order in which tickets show them."""
    clocks: list[Clock] = []
    names: dict[str, None] = {}
    for name, value, loc in entries(data, "clocks", scope):
        names[name] = None
        part = read_part(ClockPart, value, loc, scope)
        if part is None:
            continue
        within = read_within(part.within, (*loc, "within"), scope)
        scope.known((*loc, "calendar"), "calendar", part.calendar, scope.calendar_names)
        calendar = scope.calendars.get(part.calendar)
        if within is not None and calendar is not None:
            clocks.append(
                Clock(
                    name=name,
                    within=within,
                    calendar=calendar,
                    met=part.met or MET_BY.get(name, "solved"),
                    paused=part.paused is not None,
                    warn=read_warn(part.warn, (*loc, "warn"), scope),
                    notice=part.notice,
                )
            )
    scope.clock_names = names
    return tuple(clocks)


def read_actions(data: dict[str, Any], scope: Scope) -> tuple[Action, ...]:
    """`actions`: what may be asked for, and what it needs."""
    actions: list[Action] = []
    for name, value, loc in entries(data, "actions", scope):
        part = read_part(ActionPart, value, loc, scope, elsewhere=("needs",))
        needs = value.get("needs") if isinstance(value, dict) else None
        condition = read_condition(needs, (*loc, "needs"), scope) if isinstance(needs, dict) else None
        # Fails closed: without the condition that the file wanted there is no action at all, only the mistake.
        if part is not None and (needs is None or condition is not None):
            line = scope.document.mark(loc, key=True)[0]
            actions.append(Action(name=name, line=line, needs=condition, otherwise=part.otherwise or ""))
    return tuple(actions)
