"""Whether any message meets one condition and none of some others: how rules are found that never come to decide.

Conditions are taken as answers to questions about things of a message (see `rules.things`), and a message is looked for
that gives the right ones: first the most usual one, then, where that runs into a condition that it must not meet, one
that differs in something this condition asks for. Laws say which answers never come together. What is told is certain:
where the search would take too long, a message counts as possible.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from rules.conditions import Condition, Group, Test
from rules.things import LAWS, Answer, Changes, Law, Thing, Value, asked, laws_of, usual

# Of one search, and of all searches together.
_MOST_STEPS: Final = 400
_MOST_LOOKS: Final = 1_000_000
# Of a condition.
_MOST_WORDS: Final = 500
_NEVER: Final = Group(kind="any", line=0, parts=())


@dataclass(frozen=True, slots=True)
class _Group:
    """`all` or `any` of others."""

    kind: Literal["all", "any"]
    parts: "tuple[_Formula, ...]"


_Formula = Answer | _Group
# What is left of each thing's values.
_State = dict[Thing, tuple[Value, ...]]


def _filed(laws: Iterable[Law]) -> dict[Thing, list[Law]]:
    """Laws by what they begin with, read forwards and backwards."""
    filed: dict[Thing, list[Law]] = {}
    for law in laws:
        filed.setdefault(law.when.thing, []).append(law)
        filed.setdefault(law.then.thing, []).append(Law(when=law.then.opposite(), then=law.when.opposite()))
    return filed


_LAWS: Final = _filed(LAWS)


class _TooLong(Exception):
    """The search was given up."""


@dataclass(slots=True)
class Before:
    """Conditions of which none may be met, in their order, filed by what is unusual about a message that meets one."""

    met: list[_Formula] = field(default_factory=list)
    unmet: list[_Formula] = field(default_factory=list)
    always: list[int] = field(default_factory=list)
    filed: dict[tuple[Thing, Value], list[int]] = field(default_factory=dict)


class Possible:
    """Answers for the conditions that it is given at first."""

    def __init__(self, conditions: Iterable[tuple[Condition | None, Changes]]) -> None:
        """Each condition with what rules before it have changed."""
        self._looks = _MOST_LOOKS
        self._steps = 0
        self._laws: dict[tuple[Thing, Value], list[Law]] = {}
        answers = (
            answer
            for condition, changes in conditions
            if not _is_large(condition)
            for test in _tests(condition)
            for answer in asked(test, changes, {})
        )
        named: dict[Thing, dict[Value, None]] = {}
        for answer in answers:
            named.setdefault(answer.thing, {}).update(dict.fromkeys(answer.values))
        laws = {law: None for thing, values in named.items() for law in laws_of(Answer(thing=thing, values=(*values,)))}
        for law in laws:
            self._laws.setdefault((law.when.thing, law.when.values[0]), []).append(law)
            for answer in (law.when, law.then):
                named.setdefault(answer.thing, {}).update(dict.fromkeys(answer.values))
        self._values = {thing: tuple(dict.fromkeys([*usual(thing), *values])) for thing, values in named.items()}

    def add(self, before: Before, condition: Condition | None, changes: Changes) -> None:
        """Add one to the conditions of which none may be met; one that is too large counts as never met."""
        condition = _NEVER if _is_large(condition) else condition
        met = self._formula(condition, changes, wanted=True)
        position = len(before.met)
        before.met.append(met)
        before.unmet.append(self._formula(condition, changes, wanted=False))
        keys = self._keys(met)
        if keys is None:
            before.always.append(position)
        for key in keys or ():
            before.filed.setdefault(key, []).append(position)

    def in_the_way(
        self, conditions: Sequence[Condition | None], changes: Changes, before: Before | None = None
    ) -> list[int] | None:
        """None where a message may meet all the conditions and none before; else the positions of those in its way.

        One, where that is enough; else as many as it takes together.
        """
        if any(map(_is_large, conditions)):
            return None
        before = before or Before()
        wanted = [self._formula(condition, changes, wanted=True) for condition in conditions]
        try:
            found = self._search(wanted, before, None)
            if found is None:
                return None
            for one in sorted(found):
                if self._search(wanted, before, {one}) is not None:
                    return [one]
            for one in sorted(found, reverse=True):
                if self._search(wanted, before, found - {one}) is not None:
                    found.discard(one)
        except _TooLong:
            return None
        return sorted(found)

    def _search(self, wanted: list[_Formula], before: Before, only: set[int] | None) -> set[int] | None:
        """None when there is a message, else those that the search ran into; `only` these are kept to."""
        self._steps = _MOST_STEPS
        met: set[int] = set()
        return None if self._found(wanted, {}, before, only, met) else met

    def _found(self, todo: list[_Formula], state: _State, before: Before, only: set[int] | None, met: set[int]) -> bool:
        for left in self._states(todo, state):
            message = self._message(left)
            position = None if message is None else self._first(before, message, only)
            if position is None:
                return True
            met.add(position)
            if self._found([before.unmet[position]], left, before, only, met):
                return True
        return False

    def _states(self, todo: Sequence[_Formula], state: _State) -> Iterator[_State]:
        """Every way to make the formulas true: what it leaves of the values."""
        self._steps -= 1
        if self._steps < 0:
            raise _TooLong
        if not todo:
            yield state
            return
        first, rest = todo[0], todo[1:]
        if isinstance(first, Answer):
            left = self._restricted(state, first)
            if left is not None:
                yield from self._states(rest, left)
        elif first.kind == "all":
            yield from self._states([*first.parts, *rest], state)
        else:
            for part in first.parts:
                yield from self._states([part, *rest], state)

    def _restricted(self, state: _State, answer: Answer) -> _State | None:
        """What the answer leaves, and what follows from it; None when nothing is left."""
        state = dict(state)
        waiting = [answer]
        while waiting:
            answer = waiting.pop()
            known = state.get(answer.thing)
            if known is None and answer.among:
                left = answer.values
            else:
                pool = self._of(answer.thing) if known is None else known
                self._look(len(pool) + len(answer.values))
                values = frozenset(answer.values)
                left = tuple([value for value in pool if (value in values) is answer.among])
            if not left:
                return None
            if left == known:
                continue
            state[answer.thing] = left
            if len(left) == 1:
                waiting += [law.then for law in self._laws.get((answer.thing, left[0]), ())]
            waiting += [
                law.then
                for law in _LAWS.get(answer.thing, ())
                if all((value in law.when.values) is law.when.among for value in left)
            ]
        return state

    def _of(self, thing: Thing) -> tuple[Value, ...]:
        return self._values.get(thing) or usual(thing)

    def _message(self, state: _State) -> _State | None:
        """One message of the state: each thing with one value, the most usual that goes with the others."""
        waiting = list(state)
        while waiting:
            thing = waiting.pop()
            if len(state[thing]) == 1:
                continue
            ways = (self._restricted(state, Answer(thing=thing, values=(value,))) for value in state[thing])
            chosen = next((way for way in ways if way is not None), None)
            if chosen is None:
                return None
            waiting += [each for each in chosen if each not in state]
            state = chosen
        return state

    def _first(self, before: Before, message: _State, only: set[int] | None) -> int | None:
        """The first of those before that the message meets."""
        positions: Iterable[int]
        if only is not None:
            positions = sorted(only)
        else:
            filed = [before.filed.get((thing, values[0]), ()) for thing, values in message.items()]
            positions = sorted({*before.always, *(position for some in filed for position in some)})
        for position in positions:
            self._look(1)
            if self._true(before.met[position], message):
                return position
        return None

    def _look(self, times: int) -> None:
        self._looks -= times
        if self._looks < 0:
            raise _TooLong

    def _true(self, formula: _Formula, message: _State) -> bool:
        if isinstance(formula, Answer):
            value = (message.get(formula.thing) or self._of(formula.thing))[0]
            return (value in formula.values) is formula.among
        parts = (self._true(part, message) for part in formula.parts)
        return all(parts) if formula.kind == "all" else any(parts)

    def _keys(self, formula: _Formula) -> frozenset[tuple[Thing, Value]] | None:
        """Answers of which a message gives one that meets the formula; None where the usual one meets it."""
        if isinstance(formula, Answer):
            if not formula.among or self._of(formula.thing)[0] in formula.values:
                return None
            return frozenset((formula.thing, value) for value in formula.values)
        keys = [self._keys(part) for part in formula.parts]
        known = [some for some in keys if some is not None]
        if formula.kind == "all":
            return min(known, key=len, default=None)
        return frozenset().union(*known) if len(known) == len(keys) else None

    def _formula(self, condition: Condition | None, changes: Changes, *, wanted: bool) -> _Formula:
        if condition is None:
            return _Group("all" if wanted else "any", ())
        if isinstance(condition, Test):
            answers = asked(condition, changes, self._values)
            if not wanted:
                answers = tuple([answer.opposite() for answer in answers])
            return answers[0] if len(answers) == 1 else _Group("any" if wanted else "all", answers)
        if condition.kind == "not":
            return self._formula(condition.parts[0], changes, wanted=not wanted)
        parts = tuple([self._formula(part, changes, wanted=wanted) for part in condition.parts])
        return _Group("all" if (condition.kind == "all") is wanted else "any", parts)


def _is_large(condition: Condition | None) -> bool:
    """Whether a condition has more words than are reasoned about."""
    words = 0
    for test in _tests(condition):
        words += len(test.wanted) if isinstance(test.wanted, tuple) else 1
        if words > _MOST_WORDS:
            return True
    return False


def _tests(condition: Condition | None) -> Iterator[Test]:
    if isinstance(condition, Test):
        yield condition
    elif condition is not None:
        for part in condition.parts:
            yield from _tests(part)
