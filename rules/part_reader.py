"""The parts of a rules file that rules refer to: zone, plans, priorities, calendars, lines, clocks and so on."""

import re
from collections.abc import Collection, Iterator
from typing import Any

from rules.calendar_reader import read_calendar
from rules.calendar_reader import zone as zone_of
from rules.calendars import Calendar
from rules.clock_reader import read_warn, read_within
from rules.clocks import MET_BY, Clock
from rules.condition_reader import read_condition
from rules.decision import PRIORITIES, Priority
from rules.language import ActionPart, ClockPart, DeskPart, LinePart
from rules.mistakes import short
from rules.ruleset import Action, Line
from rules.scale import Scale
from rules.scope import Scope
from rules.yaml_errors import shown
from rules.yaml_places import Loc
from rules.yaml_source import M, check_value

MAX_ENTRIES = 500
MAX_CALENDARS = 100
_E164 = re.compile(r"\+[1-9][0-9]{6,14}\Z")


def read_part(
    model: type[M],
    value: Any,
    loc: Loc,
    scope: Scope,
    *,
    elsewhere: Collection[str] = (),
    most: int = MAX_ENTRIES,
) -> M | None:
    """The part of the file at `loc` as `model`; None after its mistakes were noted.

    elsewhere: keys whose mappings are read by somebody else; here they need only be mappings. most: how many entries it
    may have, those inside of them included.
    """
    if elsewhere and isinstance(value, dict):
        value = {key: {} if key in elsewhere and isinstance(one, dict) else one for key, one in value.items()}
    if _is_crowded(value, most):
        scope.mistake(loc, f"expected at most {most} entries here, those inside of them included")
        return None
    found, mistakes = check_value(model, value, scope.document, at=loc)
    for mistake in mistakes:
        scope.note(mistake)
    return found


def _is_crowded(value: Any, most: int) -> bool:
    """Whether more is there than the part needs: each entry may be wrong, and be told."""
    left, waiting = most, [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict | list):
            left -= len(one)
            if left < 0:
                return True
            waiting += one.values() if isinstance(one, dict) else one
    return False


def entries(key: str, scope: Scope) -> Iterator[tuple[str, Any, Loc]]:
    """Name, value and loc of each entry of a part that is made of names, of all files; a name is defined once."""
    places: dict[str, str] = {}
    for part, top in scope.parts(key):
        if not isinstance(part, dict):
            scope.mistake(top, f"expected names with values ({{name: …}}), got {shown(part)}")
            continue
        for name, value in part.items():
            loc = (key, name)
            if len(name) > 100 or not name.isprintable() or not name.strip():
                scope.mistake(loc, "expected a name on one line, of at most 100 characters", key=True)
            elif name in places:
                scope.mistake(loc, f'"{short(name)}" stands {places[name]} already; name each once', key=True)
            elif not scope.document.unread(loc):
                if len(scope.documents) > 1:
                    places[name] = scope.place(loc, key=True)
                yield name, value, loc


def read_zone(scope: Scope) -> str | None:
    """`desk.zone`."""
    zone: str | None = None
    place: str | None = None
    for value, loc in scope.parts("desk"):
        if place is not None:
            scope.mistake(loc, f"`desk` stands {place} already; one file says where the desk is", key=True)
            continue
        place = scope.place(loc, key=True)
        desk = read_part(DeskPart, value, loc, scope)
        # A zone that could not be read is told once, not again by every calendar.
        zone = "UTC" if desk is None else desk.zone
        try:
            zone = zone and zone_of(zone).key
        except ValueError as error:
            scope.mistake((*loc, "zone"), str(error))
            zone = "UTC"
    return zone


def read_plans(scope: Scope) -> dict[str, None] | None:
    """`plans`: the only ones that accounts may have; None where no file says."""
    plans: dict[str, None] | None = None
    for value, loc in scope.parts("plans"):
        if not isinstance(value, list):
            scope.mistake(loc, f"expected a list of names ([standard, …]), got {shown(value)}")
            continue
        found = scope.texts(loc, value)
        if found is not None:
            plans = {**(plans or {}), **{text: None for _, text in found}}
    return plans


def read_scale(scope: Scope) -> Scale:
    """`priorities`: the desk's own names, each for one of the four."""
    own: dict[str, Priority] = {}
    places: dict[str, str] = {}
    last: Loc | None = None
    for name, value, loc in entries("priorities", scope):
        last = loc
        text = scope.text(loc, value)
        if text is None or not scope.known(loc, "priority", text, PRIORITIES):
            continue
        meant = next(one for one in PRIORITIES if one == text)
        if name in PRIORITIES and name != meant:
            scope.mistake(loc, f'"{name}" is one of the four words itself and cannot mean {meant}', key=True)
        elif meant in places:
            told = f'{meant} is called "{places[meant]}" already; one name for each, so that both ways are clear'
            scope.mistake(loc, told)
        else:
            own[name], places[meant] = meant, name
    if last is not None and own and "medium" not in places:
        scope.mistake(last[:1], "no name stands for medium, which every message has that no rule decides", key=True)
    return Scale(own=own)


def read_calendars(scope: Scope, desk: str | None) -> dict[str, Calendar]:
    """`calendars`; the scope knows their names afterwards, also of those that are wrong themselves."""
    names: dict[str, None] = {}
    calendars: dict[str, Calendar] = {}
    for name, value, loc in entries("calendars", scope):
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


def read_lines(scope: Scope) -> tuple[Line, ...]:
    """`lines`; one of them at most is the default, and no number is on two."""
    names: dict[str, None] = {}
    lines: list[Line] = []
    numbers: dict[str, str] = {}
    default: str | None = None
    for name, value, loc in entries("lines", scope):
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
        greeting = part.greeting
        if greeting is not None:
            scope.names_outside("greeting", (*loc, "greeting", "open"), greeting.open)
            if greeting.closed != greeting.open:
                scope.names_outside("greeting", (*loc, "greeting", "closed"), greeting.closed)
        scope.names_outside("greeting", (*loc, "after"), part.after)
        lines.append(
            Line(
                name=name,
                number=part.number,
                hours=part.hours,
                greeting_open=None if greeting is None else greeting.open,
                greeting_closed=None if greeting is None else greeting.closed,
                after=part.after,
                default=part.default,
            )
        )
    scope.line_names = names
    return tuple(lines)


def read_phrases(scope: Scope) -> None:
    """`phrases`, into the scope."""
    names: dict[str, None] = {}
    for name, value, loc in entries("phrases", scope):
        names[name] = None
        if not isinstance(value, list):
            scope.mistake(loc, f"expected a list of phrases ([down, not working]), got {shown(value)}")
            continue
        if value and all(isinstance(text, str) and not text.isspace() and text for text in value):
            # As most lists are. A place beside each text would take more memory than the phrases.
            scope.add_phrases(name, (((*loc, at), text.strip()) for at, text in enumerate(value)))
        elif (texts := scope.texts(loc, value)) is not None:
            scope.add_phrases(name, texts)
    scope.phrase_names = names


def read_clocks(scope: Scope) -> tuple[Clock, ...]:
    """`clocks`, in the order in which tickets show them."""
    clocks: list[Clock] = []
    names: dict[str, None] = {}
    for name, value, loc in entries("clocks", scope):
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


def read_actions(scope: Scope) -> tuple[Action, ...]:
    """`actions`: what may be asked for, and what it needs."""
    actions: list[Action] = []
    names: dict[str, None] = {}
    scope.action_names = names
    for name, value, loc in entries("actions", scope):
        names[name] = None
        part = read_part(ActionPart, value, loc, scope, elsewhere=("needs",))
        needs = value.get("needs") if isinstance(value, dict) else None
        condition = read_condition(needs, (*loc, "needs"), scope) if isinstance(needs, dict) else None
        # Fails closed: without the condition that the file wanted there is no action at all, only the mistake.
        if part is not None and (needs is None or condition is not None):
            approvers = part.override if isinstance(part.override, tuple) else ()
            for at, approver in enumerate(approvers):
                scope.names_outside("approver", (*loc, "override", at), approver)
            actions.append(
                Action(
                    name=name,
                    file=scope.document.name,
                    line=scope.document.mark(loc, key=True)[0],
                    needs=condition,
                    otherwise=part.otherwise or "",
                    override=bool(part.override),
                    approvers=approvers,
                )
            )
    return tuple(actions)
