"""Who is on call: turns with a handover in a zone, overrides, and whom to page until somebody acknowledges. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final, Literal
from zoneinfo import ZoneInfo

from rules.calendars import clamp, instant

WayKind = Literal["call", "sms", "mail", "webhook"]

# What pages whoever is on turn, in place of a person's name.
ROTA: Final = "rota"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to reach a person. `to`: a number in E.164, a mail address, an https address."""

    kind: WayKind
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may be paged, by all of the ways at once."""

    name: str
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Page somebody, then wait for an answer. `page`: a person's name or "rota"."""

    page: str
    wait: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """Who follows whom. `days`: how long a turn lasts; one of the first person begins at `minute` of the day `first`.

    Turns are counted from there in both directions: nobody is ever on call only because a date was chosen ahead.
    """

    zone: ZoneInfo
    people: tuple[str, ...]
    days: int
    first: date
    minute: int

    def turn(self, at: datetime) -> "Shift":
        """The turn at a moment."""
        number = (_day_of(self.zone, self.minute, at) - self.first).days // self.days
        person = self.people[number % len(self.people)]
        return Shift(person=person, since=self._begins(number), until=self._begins(number + 1))

    def _begins(self, number: int) -> datetime:
        return _handover(self.zone, self.first + timedelta(self.days * number), self.minute)


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The same person on the same day of each week, Monday first, from `minute` of that day to the same of the next."""

    zone: ZoneInfo
    people: tuple[str, ...]
    minute: int

    def turn(self, at: datetime) -> "Shift":
        """The turn at a moment: one day."""
        day = _day_of(self.zone, self.minute, at)
        return Shift(
            person=self.people[day.weekday()],
            since=_handover(self.zone, day, self.minute),
            until=_handover(self.zone, day + timedelta(1), self.minute),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Who has it from when to when, in UTC."""

    person: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Somebody else for a while, in UTC."""

    person: str
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rota:
    """The on-call part of a rules file. `overrides` are in order and apart; `steps` are gone through one by one."""

    people: Mapping[str, Person] = field(default_factory=dict)
    turns: Turns | Week | None = None
    overrides: tuple[Override, ...] = ()
    steps: tuple[Step, ...] = ()

    def who(self, at: datetime) -> str | None:
        """The name of who is on call at a moment (aware); None for nobody."""
        shift = self.shift(at)
        return None if shift is None else shift.person

    def shift(self, at: datetime) -> Shift | None:
        """Who is on call at a moment, since when and until when; None where the file has no rota."""
        at = clamp(at)
        for override in self.overrides:
            if override.begins <= at < override.ends:
                return Shift(person=override.person, since=override.begins, until=override.ends)
        if self.turns is None:
            return None
        turn = self.turns.turn(at)
        # An override before or behind cuts the turn short.
        since = max((each.ends for each in self.overrides if each.ends <= at), default=turn.since)
        until = min((each.begins for each in self.overrides if each.begins > at), default=turn.until)
        return Shift(person=turn.person, since=max(since, turn.since), until=min(until, turn.until))

    def chain(self, to: str) -> tuple[Step, ...]:
        """The steps for a page: of `rota` as they stand, of a person with that person before them."""
        if to == ROTA or not self.steps:
            return self.steps
        return (Step(page=to, wait=self.steps[0].wait), *self.steps)

    def paged(self, step: Step, at: datetime) -> Person | None:
        """The person whom a step pages at a moment; None where nobody is on turn."""
        name = self.who(at) if step.page == ROTA else step.page
        return None if name is None else self.people.get(name)


def overlapping(overrides: tuple[Override, ...]) -> tuple[Override, Override] | None:
    """Two overrides for one time, if there are any."""
    return next(((one, other) for one, other in pairwise(overrides) if other.begins < one.ends), None)


def _handover(zone: ZoneInfo, day: date, minute: int) -> datetime:
    """The instant of a handover; its first pass where autumn gives it twice, the jump where spring leaves it out."""
    return instant(zone, day, minute, last=False)


def _day_of(zone: ZoneInfo, minute: int, at: datetime) -> date:
    """The local day whose handover was the last one before a moment."""
    day = at.astimezone(zone).date() + timedelta(1)
    while _handover(zone, day, minute) > at:
        day -= timedelta(1)
    return day
