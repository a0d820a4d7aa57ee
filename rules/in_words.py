"""Conditions and effects of rules in the words of the file, for pictures and for findings."""

from collections.abc import Iterator

from rules.clocks import ClockChange, duration
from rules.conditions import Condition, Test
from rules.decision import PRIORITIES, Shown
from rules.ruleset import Effects, Rule
from rules.scale import Scale


def condition(of: Condition | None) -> str:
    """A condition on one line, as it could stand in the file; `always` for a rule without one."""
    if of is None:
        return "always"
    if isinstance(of, Test):
        return f"{of.name}: {_value(of.wanted)}"
    inside = [condition(part) for part in of.parts]
    if of.kind == "not":
        return f"not {{{inside[0]}}}"
    return f"{' and '.join(inside)}" if of.kind == "all" else f"one of [{', '.join(inside)}]"


def effects(rule: Rule, scale: Scale) -> tuple[str, ...]:
    """What a rule does, one entry for each thing; `nothing` for a rule that only ends its section."""
    return tuple(_effects(rule.effects, scale)) or ("nothing",)


def _effects(of: Effects, scale: Scale) -> Iterator[str]:
    if of.queue:
        yield f"queue: {of.queue}"
    if of.type:
        yield f"type: {of.type}"
    if of.priority:
        yield f"priority: {scale.name(of.priority)}"
    if of.tags:
        yield f"tag: {_value(of.tags)}"
    if of.assignee:
        yield f"assignee: {of.assignee}"
    for name, change in of.clocks.items():
        yield f"clock {name}: {_clock(change, scale)}"
    if of.page is not None:
        yield f"page: {of.page.to}" + ("" if of.page.once_in is None else f", once in {duration(of.page.once_in)}")
    yield from _answers(of)
    if of.disposal is not None:
        yield f"{of.disposal.kind}: {of.disposal.reason}"


def _clock(change: ClockChange, scale: Scale) -> str:
    if change.off:
        return "off"
    told: list[str] = []
    if change.within is not None:
        lengths = {priority: str(length) for priority, length in change.within.items()}
        same = len(lengths) == len(PRIORITIES) and len(set(lengths.values())) == 1
        each = (f"{scale.name(priority)} {length}" for priority, length in lengths.items())
        told.append(next(iter(lengths.values())) if same else ", ".join(each))
    if change.calendar is not None:
        told.append(f"in {change.calendar.name}")
    return " ".join(told)


def _answers(of: Effects) -> Iterator[str]:
    if of.acknowledge:
        yield f"acknowledge: {of.acknowledge}"
    if of.confirm is not None:
        yield f"confirm: {_value(of.confirm)}"
    if of.template:
        yield f"template: {of.template}"
    if of.tell:
        yield f"tell: {_value(of.tell)}"
    if of.notices:
        yield f"notice: {_value(of.notices)}"
    for action in of.block:
        yield f"block: {action}"
    if of.callback_terms:
        yield f"callback.terms: {of.callback_terms}"
    if of.behind is not None:
        yield f"behind: {_value(of.behind)}"


def _value(value: Shown) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    return str(value)
