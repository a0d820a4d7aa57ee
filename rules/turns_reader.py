"""`oncall.rota`: who follows whom, when it is handed over, and who stands in; a hole in it is a mistake."""

import re
from collections.abc import Collection
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from rules.calendar_reader import days_of
from rules.calendar_reader import zone as zone_of
from rules.calendars import DAYS, instant
from rules.mistakes import short
from rules.rota import Override, Turns, Week, overlapping
from rules.rota_language import RotaPart
from rules.scope import Scope
from rules.yaml_errors import shown
from rules.yaml_places import Loc

_EACH: Final = re.compile(r"(?:(\d{1,3}) )?(day|week)s?\Z")
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d)[ T]([01]\d|2[0-3]):([0-5]\d)\Z")
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\Z")
_MOMENT_FORM: Final = "a day and a time such as 2026-01-05 08:00"


class TurnsReader:
    """One pass over the part, which stands at `loc`. `people`: the names that may stand in it; `desk`: its zone."""

    def __init__(self, scope: Scope, part: RotaPart, loc: Loc, people: Collection[str], desk: str | None) -> None:
        self._scope = scope
        self._part = part
        self._loc = loc
        self._people = people
        self._zone = self._read_zone(desk)

    def turns(self) -> Turns | Week | None:
        """Who takes turns; None after mistakes were noted."""
        part, loc = self._part, self._loc
        at = (*loc, "turns")
        for key, name in part.turns.items() if isinstance(part.turns, dict) else enumerate(part.turns):
            self._known(name, (*at, key))
        if not part.turns:
            self._scope.mistake(at, "nobody takes a turn here; write a list of people, or {mon-sun: engineer-1}")
            return None
        return self._week(part.turns) if isinstance(part.turns, dict) else self._rotation(part, part.turns, loc)

    def _rotation(self, part: RotaPart, people: tuple[str, ...], loc: Loc) -> Turns | None:
        if part.handover is not None:
            self._scope.mistake(
                (*loc, "handover"), "with a list of people the time in `from` is the handover", key=True
            )
        days = self._days(part.each, loc)
        if part.begins is None:
            self._scope.mistake(loc, f'the key "from" is missing: when the first turn begins, {_MOMENT_FORM}')
            return None
        begins = self._moment(part.begins, (*loc, "from"))
        if begins is None or days is None or self._zone is None:
            return None
        day, minute = begins
        return Turns(zone=self._zone, people=people, days=days, first=day, minute=minute)

    def _days(self, each: str | None, loc: Loc) -> int | None:
        found = None if each is None else _EACH.match(each)
        if found is None or found[1] == "0":
            what = 'the key "each" is missing' if each is None else f'"{short(each)}" is no length of a turn'
            self._scope.mistake(loc if each is None else (*loc, "each"), f"{what}; write day, week or 2 weeks")
            return None
        return int(found[1] or 1) * (7 if found[2] == "week" else 1)

    def _week(self, turns: dict[str, str]) -> Week | None:
        part, loc = self._part, self._loc
        for name, given in (("each", part.each), ("from", part.begins)):
            if given is not None:
                self._scope.mistake((*loc, name), "with a person for each day there are no turns to count", key=True)
        handover = None if part.handover is None else _CLOCK.match(part.handover)
        if handover is None:
            where = loc if part.handover is None else (*loc, "handover")
            self._scope.mistake(where, "`handover` says when a day's turn begins: a time such as 08:00")
            return None
        by_day = self._by_day(turns)
        for day, word in enumerate(DAYS):
            if day not in by_day:
                until = f"{DAYS[(day + 1) % 7]} {part.handover}"
                told = f"nobody is on call from {word} {part.handover} to {until}; name somebody for {word}"
                self._scope.mistake((*loc, "turns"), told)
        if len(by_day) < len(DAYS) or self._zone is None:
            return None
        minute = int(handover[1]) * 60 + int(handover[2])
        return Week(zone=self._zone, people=tuple(by_day[day] for day in range(7)), minute=minute)

    def _by_day(self, turns: dict[str, str]) -> dict[int, str]:
        by_day: dict[int, str] = {}
        for key, name in turns.items():
            here = (*self._loc, "turns", key)
            days = days_of(key)
            if days is None:
                self._scope.mistake(here, f'unknown day "{short(key)}"; write mon, or mon-fri', key=True)
            for day in days or ():
                if day in by_day:
                    self._scope.mistake(here, f'"{DAYS[day]}" is given to {short(by_day[day])} already', key=True)
                by_day.setdefault(day, name)
        return by_day

    def overrides(self) -> tuple[Override, ...]:
        """Who stands in, in order; mistakes are noted."""
        loc = (*self._loc, "overrides")
        found: list[tuple[Override, Loc]] = []
        for number, entry in enumerate(self._part.overrides):
            here = (*loc, number)
            if len(entry) != 1:
                self._scope.mistake(
                    here, "expected one person and a time: {engineer-2: 2026-07-03 17:00 to 2026-07-06 08:00}"
                )
                continue
            ((name, text),) = entry.items()
            self._known(name, here)
            override = self._override(name, text, (*here, name))
            if override is not None:
                found.append((override, (*here, name)))
        found.sort(key=lambda one: one[0].begins)
        twice = overlapping(tuple(override for override, _ in found))
        if twice is not None:
            places = {id(override): at for override, at in found}
            line = self._scope.document.mark(places[id(twice[0])])[0]
            self._scope.mistake(
                places[id(twice[1])], f"this overlaps the override on line {line}; who is on call then?"
            )
        return tuple(override for override, _ in found)

    def _override(self, name: str, text: str, loc: Loc) -> Override | None:
        begins, _, ends = text.partition(" to ")
        if not ends:
            self._scope.mistake(loc, f'expected two times, "2026-07-03 17:00 to 2026-07-06 08:00", got {shown(text)}')
            return None
        first, last = self._moment(begins.strip(), loc), self._moment(ends.strip(), loc)
        if first is None or last is None or self._zone is None:
            return None
        since, until = (instant(self._zone, day, minute, last=False) for day, minute in (first, last))
        if until <= since:
            self._scope.mistake(loc, f'"{text}" ends before it begins')
            return None
        return Override(person=name, begins=since, ends=until)

    def _known(self, name: str, loc: Loc) -> None:
        self._scope.known(loc, "person", name, self._people)

    def _moment(self, text: str, loc: Loc) -> tuple[date, int] | None:
        found = _MOMENT.match(text)
        try:
            if found is not None:
                return date.fromisoformat(found[1]), int(found[2]) * 60 + int(found[3])
        except ValueError:
            self._scope.mistake(loc, f"there is no day {text[:10]}")
            return None
        self._scope.mistake(loc, f"expected {_MOMENT_FORM}, got {shown(text)}")
        return None

    def _read_zone(self, desk: str | None) -> ZoneInfo | None:
        part, loc = self._part, self._loc
        if part.zone is None and desk is None:
            told = "handovers are in no zone; write desk: {zone: America/Chicago} at the top of the file"
            self._scope.mistake(loc, told, key=True)
            return None
        try:
            return zone_of(part.zone or desk or "")
        except ValueError as error:
            if part.zone is not None:
                self._scope.mistake((*loc, "zone"), str(error))
            return None
