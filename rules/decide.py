"""`decide`: what the rules say of one message. Pure and total: same rules, same facts, same decision and trace."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rules.clocks import ClockChange, changed, combined, plan
from rules.conditions import Condition, Group, trace
from rules.decision import (
    ClockPlan,
    ConditionTrace,
    Decision,
    Disposal,
    Priority,
    RuleTrace,
    SectionTrace,
    TicketType,
)
from rules.facts import Facts
from rules.firewall import capped
from rules.ruleset import Rule, RuleSet, Section
from rules.view import View


@dataclass(slots=True)
class _Draft:
    """The decision while its sections run; what a later section says stands."""

    queue: str | None = None
    type: TicketType | None = None
    priority: Priority = "medium"
    priority_by: str = "default"
    assignee: str | None = None
    clocks: dict[str, ClockChange] = field(default_factory=dict)
    disposal: Disposal | None = None
    tags: dict[str, None] = field(default_factory=dict)


def decide(ruleset: RuleSet, facts: Facts) -> Decision:
    """Run the sections in order; in each, the first rule that holds decides, and one that goes on does not end it.

    Actions and clocks come last, when tags and priority are settled. The trace holds every condition with its value.
    """
    view = View(ruleset, facts)
    draft = _Draft()
    sections = tuple([_section(ruleset, section, view, draft) for section in ruleset.sections])
    allowed, blocked, actions_trace = _actions(ruleset, view)
    return Decision(
        queue=draft.queue,
        type=draft.type,
        priority=draft.priority,
        priority_by=draft.priority_by,
        tags=tuple(draft.tags),
        assignee=draft.assignee,
        clocks=tuple(_clocks(ruleset, draft, facts)),
        actions_allowed=allowed,
        actions_blocked=blocked,
        disposal=draft.disposal,
        line=view.line,
        trace=sections,
        actions_trace=actions_trace,
    )


def _section(ruleset: RuleSet, section: Section, view: View, draft: _Draft) -> SectionTrace:
    positions: Iterable[int] = range(len(section.rules))
    if section.index is not None:
        positions = section.index.candidates(view)
    looked_at: list[RuleTrace] = []
    notes: list[str] = []
    reached = len(section.rules)
    for position in positions:
        rule = section.rules[position]
        conditions = _conditions(rule.when, view)
        held = all(condition.holds for condition in conditions)
        decided = held and not rule.goes_on
        looked_at.append(
            RuleTrace(
                rule=rule.name,
                file=ruleset.file,
                line=rule.line,
                holds=held,
                decided=decided,
                conditions=conditions,
            )
        )
        if held:
            _apply(rule, view, draft, notes)
        if decided:
            reached = position + 1
            break
    return SectionTrace(
        section=section.name,
        rules=tuple(looked_at),
        passed_over=reached - len(looked_at),
        notes=tuple(notes),
    )


def _conditions(condition: Condition | None, view: View) -> tuple[ConditionTrace, ...]:
    """The conditions of a rule one by one; keys side by side are told without the `all` around them."""
    if condition is None:
        return ()
    if isinstance(condition, Group) and condition.kind == "all":
        return tuple([trace(part, view) for part in condition.parts])
    return (trace(condition, view),)


def _apply(rule: Rule, view: View, draft: _Draft, notes: list[str]) -> None:
    effects = rule.effects
    draft.queue = effects.queue or draft.queue
    draft.type = effects.type or draft.type
    draft.assignee = effects.assignee or draft.assignee
    draft.disposal = effects.disposal or draft.disposal
    for tag in effects.tags:
        draft.tags[tag] = None
        view.tags[tag] = None
    for name, change in effects.clocks.items():
        draft.clocks[name] = combined(draft.clocks.get(name), change)
    if effects.priority is None:
        return
    kept = capped(effects.priority, view.facts)
    if kept == effects.priority:
        draft.priority, draft.priority_by = kept, f"rule {rule.name}"
    else:
        draft.priority, draft.priority_by = kept, "default"
        notes.append(f'rule "{rule.name}" gives {effects.priority}; email cannot set a priority: it stays {kept}')


def _clocks(ruleset: RuleSet, draft: _Draft, facts: Facts) -> Iterable[ClockPlan]:
    # What a person has set is what the desk promises, whatever the rules would have given.
    priority = facts.staff_priority or draft.priority
    for clock in ruleset.clocks:
        changed_clock = changed(clock, draft.clocks.get(clock.name))
        planned = None if changed_clock is None else plan(changed_clock, priority, facts.received_at)
        if planned is not None:
            yield planned


def _actions(ruleset: RuleSet, view: View) -> tuple[tuple[str, ...], Mapping[str, str], tuple[RuleTrace, ...]]:
    allowed: list[str] = []
    blocked: dict[str, str] = {}
    traces: list[RuleTrace] = []
    for action in ruleset.actions:
        conditions = _conditions(action.needs, view)
        held = all(condition.holds for condition in conditions)
        if held:
            allowed.append(action.name)
        else:
            blocked[action.name] = action.otherwise
        traces.append(
            RuleTrace(
                rule=action.name,
                file=ruleset.file,
                line=action.line,
                holds=held,
                decided=held,
                conditions=conditions,
            )
        )
    return tuple(allowed), blocked, tuple(traces)
