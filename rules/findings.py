"""What is odd about a rules file that loads: rules that never hold, that never come to decide, that contradict.

None of this keeps a desk from working, so it is told and not refused. What is told is certain: conditions are compared
as they are written, and what cannot be seen in that way is not guessed at.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Final

from rules import in_words
from rules.conditions import Condition, Group, Test
from rules.decision import Shown
from rules.possible import Before, Possible
from rules.ruleset import Rule, RuleSet, Section
from rules.things import Changes, Thing

MOST: Final = 100
# Of a rule with more conditions side by side than these, it is not looked for two that exclude each other.
_MANY: Final = 16
_FEW: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One oddity at a line of a file."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


def findings(ruleset: RuleSet) -> tuple[Finding, ...]:
    """All that is odd about the rules, in the order of the files."""
    found: list[Finding] = []
    dead: set[int] = set()
    for section in ruleset.sections:
        for rule, why in _never(section, ruleset):
            dead.add(id(rule))
            found.append(_at(rule, f'rule "{rule.name}" {why}'))
    found += _contradictions(ruleset, dead)
    told = sorted(set(found))
    if len(told) <= MOST:
        return tuple(told)
    rest = replace(told[MOST - 1], message=f"… and {len(told) - MOST + 1} more of the kind; mend these first")
    return (*told[: MOST - 1], rest)


def _at(rule: Rule, message: str) -> Finding:
    return Finding(file=rule.file, line=rule.line, message=message)


def _place(rule: Rule, seen_from: Rule) -> str:
    return f"on line {rule.line}" if rule.file == seen_from.file else f"in {Path(rule.file).name}:{rule.line}"


# Rules that never hold, and rules that never come to decide.


def _never(section: Section, ruleset: RuleSet) -> Iterator[tuple[Rule, str]]:
    """The rules of a section that never hold or never decide, with the reason."""
    changes = list(_changes(section))
    possible = Possible(zip((rule.when for rule in section.rules), changes, strict=True))
    before, ends = Before(), list[Rule]()
    for rule, changed in zip(section.rules, changes, strict=True):
        in_the_way = possible.in_the_way([rule.when], changed, before)
        if in_the_way is not None:
            impossible = None if rule.when is None else _impossible(rule.when, changed, possible)
            if impossible is not None:
                yield rule, f"can never hold: {impossible}"
            else:
                yield rule, _shadowed(rule, [ends[position] for position in in_the_way], ruleset)
        elif not rule.goes_on:
            possible.add(before, rule.when, changed)
            ends.append(rule)


def _changes(section: Section) -> Iterator[Changes]:
    """Before each rule: how often those before it that go on have changed what tests of the decision itself ask for."""
    changes: dict[Thing, int] = {}
    for rule in section.rules:
        yield changes
        if not rule.goes_on:
            continue
        effects = rule.effects
        things: list[Thing] = [("tag", tag) for tag in effects.tags]
        things += [("queue",)] if effects.queue else []
        things += [("type",)] if effects.type else []
        things += [("priority",)] if effects.priority or effects.page else []
        if things:
            changes = {**changes, **{thing: changes.get(thing, 0) + 1 for thing in things}}


def _impossible(condition: Condition, changes: Changes, possible: Possible) -> str | None:
    """Why a condition holds of no message at all; None where it may."""
    if possible.in_the_way([condition], changes) is None:
        return None
    if isinstance(condition, Group) and condition.kind == "any":
        return next(filter(None, (_impossible(part, changes, possible) for part in condition.parts)), None)
    parts = list(_flat(condition))
    alone = next((part for part in parts if len(parts) > 1 and possible.in_the_way([part], changes) is not None), None)
    if alone is not None:
        return _impossible(alone, changes, possible)
    for one, other in combinations(parts, 2) if len(parts) <= _MANY else ():
        if possible.in_the_way([one, other], changes) is not None:
            if _denies(one, other) or _denies(other, one):
                return f"it wants {_told(one)} and {_told(other)}"
            return f"{_told(one)} and {_told(other)} exclude each other"
    if len(parts) == 1:
        return f"no message is without {_told(condition.parts[0])}" if isinstance(condition, Group) else "nothing is so"
    return f"no message has all of it together: {', '.join(map(_told, parts))}"


def _flat(condition: Condition) -> Iterator[Condition]:
    """The conditions that must all hold."""
    if isinstance(condition, Group) and condition.kind == "all":
        for part in condition.parts:
            yield from _flat(part)
    else:
        yield condition


def _told(condition: Condition) -> str:
    return f"{in_words.condition(condition)} (line {condition.line})"


def _denies(one: Condition, other: Condition) -> bool:
    return isinstance(one, Group) and one.kind == "not" and _key(one.parts[0]) == _key(other)


def _shadowed(rule: Rule, before: list[Rule], ruleset: RuleSet) -> str:
    """A rule behind others of which one ends the section whenever it could hold."""
    if len(before) > 1:
        named = ", ".join(f'"{each.name}" {_place(each, rule)}' for each in before[:_FEW])
        named += f" and {len(before) - _FEW} more" if before[_FEW:] else ""
        return f"never decides: of {named} one always holds before it, and ends the section"
    (one,) = before
    what = "always holds" if one.when is None else "holds whenever this one does"
    told = f'never decides: "{one.name}" {_place(one, rule)} {what}, and ends the section'
    if (setting := _differing(one, rule)) is not None:
        first, second = (_value(each, setting, ruleset) for each in (one, rule))
        told += f" ({setting.replace('_', '.')} {first} there, {second} here)"
    return told


def _words(wanted: Shown) -> set[str]:
    return set(wanted) if isinstance(wanted, tuple) else {str(wanted)}


# Contradictions.


def _key(condition: Condition) -> str:
    """A condition as text, the order of what stands side by side aside."""
    if isinstance(condition, Test):
        return f"{condition.name}: {sorted(_words(condition.wanted))}"
    if condition.kind != "not" and len(condition.parts) == 1:
        return _key(condition.parts[0])
    return f"{condition.kind}({', '.join(sorted(_key(part) for part in condition.parts))})"


def _keys(rule: Rule) -> frozenset[str]:
    return frozenset() if rule.when is None else frozenset(_key(part) for part in _flat(rule.when))


# What a test asks of the decision so far. (Tags only add up.)
_DECIDED: Final = frozenset({"queue", "type", "priority"})
_SETTING: Final = ("queue", "type", "priority", "assignee", "acknowledge", "template", "callback_terms")


def _differing(one: Rule, other: Rule) -> str | None:
    """The first thing that both rules give, and give otherwise."""
    for name in _SETTING:
        first, second = getattr(one.effects, name), getattr(other.effects, name)
        if first is not None and second is not None and first != second:
            return name
    return None


def _contradictions(ruleset: RuleSet, dead: Collection[int]) -> Iterator[Finding]:
    """Rules with the very same conditions that give different things: of two sections, or where the first goes on."""
    seen: dict[frozenset[str], list[tuple[Section, Rule]]] = {}
    for section in ruleset.sections:
        here: list[tuple[frozenset[str], Rule]] = []
        for rule in section.rules:
            keys = _keys(rule)
            if not keys or id(rule) in dead or _asks_the_decision(rule.when):
                continue
            for where, before in _some(seen.get(keys, ())):
                what = _differing(before, rule)
                if what is None:
                    continue
                first, second = (_value(each, what, ruleset) for each in (before, rule))
                shown, of = what.replace("_", "."), "" if where is section else f"of section {where.name} "
                yield _at(
                    rule,
                    f'rule "{rule.name}" gives {shown} {second}, and "{before.name}" {of}{_place(before, rule)} gives '
                    f"{first} under the same conditions; the later {'section' if of else 'rule'} stands",
                )
            if rule.goes_on:
                seen.setdefault(keys, []).append((section, rule))
            else:
                here.append((keys, rule))
        for keys, rule in here:
            seen.setdefault(keys, []).append((section, rule))


def _asks_the_decision(condition: Condition | None) -> bool:
    """Whether what rules before have given is asked for: the same condition is another one then."""
    if isinstance(condition, Group):
        return any(map(_asks_the_decision, condition.parts))
    return condition is not None and condition.name in _DECIDED


def _some(rules: Iterable[tuple[Section, Rule]]) -> list[tuple[Section, Rule]]:
    return list(rules)[:10]


def _value(rule: Rule, what: str, ruleset: RuleSet) -> str:
    if what == "priority" and rule.effects.priority is not None:
        return ruleset.scale.name(rule.effects.priority)
    return str(getattr(rule.effects, what))
