"""`oncall` of the rules file: the people, how each is reached, and the steps until somebody acknowledges."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

from rules.mistakes import short
from rules.part_reader import read_part
from rules.rota import ROTA, Override, Person, Rota, Step, Turns, Way, WayKind, Week
from rules.rota_language import OnCallPart, PersonPart, RotaPart, StepPart
from rules.scope import Scope
from rules.turns_reader import TurnsReader
from rules.yaml_places import Loc

MOST_STEPS: Final = 200
MOST_ENTRIES: Final = 3000
_DEFAULT: Final = Step(page=ROTA, wait=timedelta(minutes=5))
_DEFAULT_TIMES: Final = 6
_LONGEST_WAIT: Final = timedelta(days=1)

_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}\Z")
_MAIL: Final = re.compile(r"[^@\s<>\",;:]+@[^@\s<>\",;:]+\Z")
_HTTPS: Final = re.compile(r"https://[^\s/@]+(?:/\S*)?\Z")
_WAIT: Final = re.compile(r"(?:(\d{1,4}) ?h)? ?(?:(\d{1,5}) ?m(?:in)?)? ?(?:(\d{1,5}) ?s)?\Z")
_FORMS: Final[Mapping[WayKind, tuple[re.Pattern[str], str]]] = {
    "call": (_E164, "a number such as +15550171"),
    "sms": (_E164, "a number such as +15550171"),
    "mail": (_MAIL, "an address such as engineer-1@example.com"),
    "webhook": (_HTTPS, "an address such as https://alerts.example.com/page"),
}


def read_oncall(scope: Scope, desk: str | None) -> Rota | None:
    """Who is on call; None where the file says nothing of it. `desk` is the desk's zone by name."""
    rota: Rota | None = None
    place: str | None = None
    for value, loc in scope.parts("oncall"):
        if place is not None:
            scope.mistake(loc, f"`oncall` stands {place} already; one file says who is called", key=True)
            continue
        place = scope.place(loc, key=True)
        rota = _read(value, loc, scope, desk)
    return rota


def _read(value: Any, loc: Loc, scope: Scope, desk: str | None) -> Rota:
    part = read_part(OnCallPart, value, loc, scope, most=MOST_ENTRIES)
    pieces = _Pieces(part.people, part.rota, part.escalate) if part is not None else _readable(value, loc, scope)
    # Of people and rota whose own entry is wrong the names count as there: what names them is no mistake, too.
    there = value if isinstance(value, dict) else {}
    named = there["people"] if isinstance(there.get("people"), dict) else {}
    reader = _Reader(scope, pieces, named=named, has_rota=there.get("rota") is not None)
    people = {**{name: Person(name=name, ways=()) for name in named}, **reader.people((*loc, "people"))}
    turns: Turns | Week | None = None
    overrides: tuple[Override, ...] = ()
    if pieces.rota is not None:
        of_turns = TurnsReader(scope, pieces.rota, (*loc, "rota"), named, desk)
        turns, overrides = of_turns.turns(), of_turns.overrides()
    return Rota(people=people, turns=turns, overrides=overrides, steps=reader.steps((*loc, "escalate")))


class _Pieces(NamedTuple):
    """`oncall` in its pieces; a step None: one that is wrong in itself."""

    people: Mapping[str, PersonPart]
    rota: RotaPart | None
    steps: Sequence[StepPart | None] | None


def _readable(value: Any, loc: Loc, scope: Scope) -> _Pieces:
    """Read what can be of a part that is wrong, piece by piece: a mistake in one piece hides none in another."""
    people, rota, escalate = (value.get(key) if isinstance(value, dict) else None for key in OnCallPart.model_fields)
    persons = {
        name: read_part(PersonPart, one, (*loc, "people", name), scope)
        for name, one in (people.items() if isinstance(people, dict) else ())
    }
    steps = [
        read_part(StepPart, one, (*loc, "escalate", number), scope)
        for number, one in enumerate(escalate if isinstance(escalate, list) else ())
    ]
    return _Pieces(
        people={name: one for name, one in persons.items() if one is not None},
        rota=None if rota is None else read_part(RotaPart, rota, (*loc, "rota"), scope),
        steps=None if escalate is None else steps or [None],
    )


class _Reader:
    """One pass over people and steps; `named` and `has_rota` say what there is, wrong in itself or not."""

    def __init__(self, scope: Scope, pieces: _Pieces, *, named: Collection[str], has_rota: bool) -> None:
        self._scope = scope
        self._pieces = pieces
        self._named = named
        self._has_rota = has_rota

    def people(self, loc: Loc) -> Mapping[str, Person]:
        """The people by name; one who cannot be reached is a mistake."""
        if not self._named:
            self._scope.mistake(loc, "nobody is named here; write {engineer-1: {call: +15550171}}")
        found: dict[str, Person] = {}
        for name, part in self._pieces.people.items():
            here = (*loc, name)
            if name in (ROTA, "nobody"):
                self._scope.mistake(here, f'"{name}" is no name for a person here', key=True)
            ways = [self._way(kind, to, (*here, kind)) for kind, to in _ways(part)]
            if not ways:
                self._scope.mistake(here, f'"{name}" cannot be reached; give call, sms, mail or webhook', key=True)
            found[name] = Person(name=name, ways=tuple(way for way in ways if way is not None))
        return found

    def _way(self, kind: WayKind, to: str, loc: Loc) -> Way | None:
        wanted, example = _FORMS[kind]
        if wanted.match(to) is None:
            self._scope.mistake(loc, f'expected {example}, got text "{short(to)}"')
            return None
        return Way(kind=kind, to=to)

    def steps(self, loc: Loc) -> tuple[Step, ...]:
        """Whom to page one after the other, each repetition a step of its own."""
        if self._pieces.steps is None:
            if not self._has_rota:
                told = "without a rota nobody is paged: add `rota`, or `escalate` with the people to page"
                self._scope.mistake(loc[:-1], told)
            return (_DEFAULT,) * _DEFAULT_TIMES
        steps: list[Step] = []
        for number, part in enumerate(self._pieces.steps):
            here = (*loc, number)
            if part is None:  # told when it was read
                continue
            if part.page == ROTA and not self._has_rota:
                self._scope.mistake((*here, "page"), "there is no rota; add `rota`, or name a person")
            elif part.page != ROTA:
                self._scope.known((*here, "page"), "person", part.page, self._named)
            wait = self._wait(part.wait, (*here, "wait"))
            steps += [Step(page=part.page, wait=wait or _DEFAULT.wait)] * part.repeat
        if not self._pieces.steps:
            self._scope.mistake(loc, "no step is named here; write [{page: rota, wait: 5m}]")
        if len(steps) > MOST_STEPS:
            self._scope.mistake(loc, f"expected at most {MOST_STEPS} pages in all")
        return tuple(steps)

    def _wait(self, text: str, loc: Loc) -> timedelta | None:
        found = _WAIT.match(text) if text.strip() else None
        hours, minutes, seconds = (int(each or 0) for each in found.groups()) if found else (0, 0, 0)
        wait = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        if not timedelta() < wait <= _LONGEST_WAIT:
            self._scope.mistake(loc, f'"{short(text)}" is no time to wait; write 5m, 90s or 1h, at most a day')
            return None
        return wait


def _ways(part: PersonPart) -> list[tuple[WayKind, str]]:
    given: list[tuple[WayKind, str | None]] = [
        ("call", part.call),
        ("sms", part.sms),
        ("mail", part.mail),
        ("webhook", part.webhook),
    ]
    return [(kind, to) for kind, to in given if to is not None]
