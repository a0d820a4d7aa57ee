"""What is odd about a rules file that loads: rules that never hold, that never come to decide, that contradict.

None of this keeps a desk from working, so it is told and not refused. What is told is certain: conditions are compared
as they are written, and what cannot be seen in that way is not guessed at.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Final

from rules import in_words
from rules.conditions import Condition, Group, Test
from rules.decision import Shown
from rules.ruleset import Rule, RuleSet, Section

MOST: Final = 100
# Of a rule with more conditions side by side than these, only whether it is written twice is looked at.
_MANY: Final = 8
_NOBODY: Final = frozenset({"account.id", "account.plan", "contact.role", "contact.authorized"})
_OF_CALLS: Final = frozenset({"line", "line.known", "caller", "caller.withheld", "transcript"})
_OF_MAIL: Final = frozenset(
    {"from", "subject", "subject.matches", "attachment.dangerous", "auto-reply", "bounce", "bounce.kind", "list",
     "spam", "claimed_urgency", "authentication.spf", "authentication.dkim", "authentication.dmarc"}
)  # fmt: skip
# Tests of one value: two of them side by side must leave a value that both want.
_ONE_VALUE: Final = frozenset(
    {"channel", "line", "source", "caller", "identity.by", "account.id", "account.plan", "contact.role", "queue",
     "type", "authentication.verdict", "proof", "claimed_urgency", "transcript", "bounce.kind", "priority"}
)  # fmt: skip


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
    for section in ruleset.sections:
        found += _impossible(section)
        found += _shadowed(section, ruleset)
    found += _contradictions(ruleset)
    told = sorted(set(found))
    if len(told) <= MOST:
        return tuple(told)
    rest = replace(told[MOST - 1], message=f"… and {len(told) - MOST + 1} more of the kind; mend these first")
    return (*told[: MOST - 1], rest)


def _at(rule: Rule, message: str) -> Finding:
    return Finding(file=rule.file, line=rule.line, message=message)


def _place(rule: Rule, seen_from: Rule) -> str:
    return f"on line {rule.line}" if rule.file == seen_from.file else f"in {Path(rule.file).name}:{rule.line}"


# Impossible rules.


def _impossible(section: Section) -> Iterator[Finding]:
    for rule in section.rules:
        why = None if rule.when is None else never(rule.when)
        if why is not None:
            yield _at(rule, f'rule "{rule.name}" can never hold: {why}')


def never(condition: Condition) -> str | None:
    """Why a condition holds of no message at all, as far as that can be seen from what is written; None otherwise."""
    if isinstance(condition, Test) or condition.kind == "not":
        return None
    whys = [never(part) for part in condition.parts]
    if condition.kind == "any":
        return None if any(why is None for why in whys) else whys[0]
    return next((why for why in whys if why is not None), None) or _at_odds(list(_flat(condition)))


def _flat(condition: Condition) -> Iterator[Condition]:
    """The conditions that must all hold."""
    if isinstance(condition, Group) and condition.kind == "all":
        for part in condition.parts:
            yield from _flat(part)
    else:
        yield condition


def _at_odds(parts: list[Condition]) -> str | None:
    """Why conditions that must all hold cannot; the pairs are few, for a rule has few conditions."""
    if len(parts) > _MANY * 2:
        return None
    for one, other in combinations(parts, 2):
        if _denies(one, other) or _denies(other, one):
            return f"it wants {_told(one)} and {_told(other)}"
        if isinstance(one, Test) and isinstance(other, Test) and (_apart(one, other) or _apart(other, one)):
            return f"{_told(one)} and {_told(other)} exclude each other"
    return None


def _told(condition: Condition) -> str:
    return f"{in_words.condition(condition)} (line {condition.line})"


def _denies(one: Condition, other: Condition) -> bool:
    return isinstance(one, Group) and one.kind == "not" and _same(one.parts[0], other)


def _same(one: Condition, other: Condition) -> bool:
    return _key(one) == _key(other)


def _apart(one: Test, other: Test) -> bool:
    """Whether no message is of both."""
    if one.name == other.name:
        if isinstance(one.wanted, bool) or one.name.startswith("hours."):
            return one.wanted != other.wanted
        return one.name in _ONE_VALUE and not _words(one.wanted) & _words(other.wanted)
    if one.name == "channel":
        alone = _words(one.wanted)
        return (alone == {"email"} and other.name in _OF_CALLS) or (
            alone == {"voicemail"} and other.name in _OF_MAIL and other.wanted is not False
        )
    if one.name == "account.known" and one.wanted is False:
        return other.name in _NOBODY or (other.name == "contact.known" and other.wanted is True)
    return one.name == "contact.known" and one.wanted is False and other.name in {"contact.role", "contact.authorized"}


def _words(wanted: Shown) -> set[str]:
    return set(wanted) if isinstance(wanted, tuple) else {str(wanted)}


def plans_asked(ruleset: RuleSet) -> Iterator[tuple[str, Rule, int]]:
    """Every plan that a rule asks for, with the rule and the line; without `plans` nobody has looked at them."""
    for section in ruleset.sections:
        for rule in section.rules:
            waiting = [] if rule.when is None else [rule.when]
            while waiting:
                one = waiting.pop()
                if isinstance(one, Group):
                    waiting += one.parts
                elif one.name == "account.plan":
                    yield from ((plan, rule, one.line) for plan in sorted(_words(one.wanted)))


# Shadowed rules.


def _key(condition: Condition) -> str:
    """A condition as text, the order of what stands side by side aside."""
    if isinstance(condition, Test):
        return f"{condition.name}: {sorted(_words(condition.wanted))}"
    if condition.kind != "not" and len(condition.parts) == 1:
        return _key(condition.parts[0])
    return f"{condition.kind}({', '.join(sorted(_key(part) for part in condition.parts))})"


def _keys(rule: Rule) -> frozenset[str]:
    return frozenset() if rule.when is None else frozenset(_key(part) for part in _flat(rule.when))


def _shadowed(section: Section, ruleset: RuleSet) -> Iterator[Finding]:
    """Rules behind one that ends the section whenever they could hold."""
    ends: dict[frozenset[str], Rule] = {}
    for rule in section.rules:
        keys = _keys(rule)
        before = _before(keys, ends)
        if before is not None:
            what = "always holds" if before.when is None else "holds whenever this one does"
            place = _place(before, rule)
            told = f'rule "{rule.name}" never decides: "{before.name}" {place} {what}, and ends the section'
            if (setting := _differing(before, rule)) is not None:
                first, second = (_value(each, setting, ruleset) for each in (before, rule))
                told += f" ({setting.replace('_', '.')} {first} there, {second} here)"
            yield _at(rule, told)
        elif not rule.goes_on:
            ends.setdefault(keys, rule)


def _before(keys: frozenset[str], ends: dict[frozenset[str], Rule]) -> Rule | None:
    """The first rule whose conditions are all among these: it holds whenever these do."""
    if frozenset() in ends:
        return ends[frozenset()]
    if len(keys) > _MANY:
        return ends.get(keys)
    found = (ends.get(frozenset(some)) for size in range(1, len(keys) + 1) for some in combinations(sorted(keys), size))
    return min((rule for rule in found if rule is not None), key=lambda rule: (rule.file, rule.line), default=None)


# Contradictions between sections.

_SETTING: Final = ("queue", "type", "priority", "assignee", "acknowledge", "template", "callback_terms")


def _differing(one: Rule, other: Rule) -> str | None:
    """The first thing that both rules give, and give otherwise."""
    for name in _SETTING:
        first, second = getattr(one.effects, name), getattr(other.effects, name)
        if first is not None and second is not None and first != second:
            return name
    return None


def _contradictions(ruleset: RuleSet) -> Iterator[Finding]:
    """Rules of two sections with the very same conditions that give different things."""
    seen: dict[frozenset[str], list[tuple[str, Rule]]] = {}
    for section in ruleset.sections:
        here: list[tuple[frozenset[str], Rule]] = []
        for rule in section.rules:
            keys = _keys(rule)
            if not keys:
                continue
            for name, before in _some(seen.get(keys, ())):
                what = _differing(before, rule)
                if what is None:
                    continue
                first, second = (_value(each, what, ruleset) for each in (before, rule))
                shown = what.replace("_", ".")
                yield _at(
                    rule,
                    f'rule "{rule.name}" gives {shown} {second}, and "{before.name}" of section {name} '
                    f"{_place(before, rule)} gives {first} under the same conditions; the later section stands",
                )
            here.append((keys, rule))
        for keys, rule in here:
            seen.setdefault(keys, []).append((section.name, rule))


def _some(rules: Iterable[tuple[str, Rule]]) -> list[tuple[str, Rule]]:
    return list(rules)[:10]


def _value(rule: Rule, what: str, ruleset: RuleSet) -> str:
    if what == "priority" and rule.effects.priority is not None:
        return ruleset.scale.name(rule.effects.priority)
    return str(getattr(rule.effects, what))
