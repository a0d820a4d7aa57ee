"""`decide`: what the rules say of one message. Pure and total: same rules, same facts, same decision and trace."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from rules.clocks import ClockChange, changed, combined, duration, plan
from rules.conditions import Condition, Group, trace
from rules.decision import (
    ClockPlan,
    ConditionTrace,
    Decision,
    Disposal,
    Page,
    Priority,
    RuleTrace,
    SectionTrace,
    TicketType,
)
from rules.facts import Facts
from rules.firewall import capped, may_page
from rules.ruleset import PageEffect, Rule, RuleSet, Section
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
    page: Page | None = None
    acknowledge: str | None = None
    confirm: bool | None = None
    template: str | None = None
    notices: dict[str, None] = field(default_factory=dict)
    tell: dict[str, None] = field(default_factory=dict)
    block: dict[str, str] = field(default_factory=dict)
    callback_terms: str | None = None
    behind: bool | None = None


def decide(ruleset: RuleSet, facts: Facts) -> Decision:
    """Run the sections in order; in each, the first rule that holds decides, and one that goes on does not end it.

    Actions and clocks come last, when tags and priority are settled. The trace holds every condition with its value.
    """
    view = View(ruleset, facts)
    draft = _Draft()
    sections = tuple([_section(section, view, draft) for section in ruleset.sections])
    allowed, blocked, actions_trace = _actions(ruleset, view, draft)
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
        acknowledge=draft.acknowledge,
        template=draft.template,
        confirm=bool(draft.confirm),
        notices=tuple(draft.notices),
        tell=tuple(draft.tell),
        page=draft.page,
        callback_terms=draft.callback_terms,
        behind=bool(draft.behind),
        line=view.line,
        trace=sections,
        actions_trace=actions_trace,
    )


def _section(section: Section, view: View, draft: _Draft) -> SectionTrace:
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
                file=rule.file,
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
    draft.acknowledge = effects.acknowledge or draft.acknowledge
    draft.template = effects.template or draft.template
    draft.confirm = draft.confirm if effects.confirm is None else effects.confirm
    draft.callback_terms = effects.callback_terms or draft.callback_terms
    draft.behind = draft.behind if effects.behind is None else effects.behind
    draft.notices.update(dict.fromkeys(effects.notices))
    draft.tell.update(dict.fromkeys(effects.tell))
    draft.block.update(effects.block)
    for tag in effects.tags:
        draft.tags[tag] = None
        view.tags[tag] = None
    for name, change in effects.clocks.items():
        draft.clocks[name] = combined(draft.clocks.get(name), change)
    _prioritise(rule, view, draft, notes)
    if effects.page is not None:
        _page(rule, effects.page, view, draft, notes)
    view.queue = view.facts.staff_queue or draft.queue
    view.type = view.facts.staff_type or draft.type
    view.priority = view.facts.staff_priority or draft.priority


def _prioritise(rule: Rule, view: View, draft: _Draft, notes: list[str]) -> None:
    wanted = rule.effects.priority
    if wanted is None:
        return
    if draft.page is not None:
        if wanted != "urgent":
            notes.append(f'rule "{rule.name}" gives {wanted}; a ticket that pages is urgent')
        return
    kept = capped(wanted, view.facts)
    if kept == wanted:
        draft.priority, draft.priority_by = kept, f"rule {rule.name}"
    else:
        draft.priority, draft.priority_by = kept, "default"
        notes.append(f'rule "{rule.name}" gives {wanted}; email cannot set a priority: it stays {kept}')


def _page(rule: Rule, effect: PageEffect, view: View, draft: _Draft, notes: list[str]) -> None:
    facts = view.facts
    if not may_page(facts):
        notes.append(f'rule "{rule.name}" pages; email wakes nobody')
        return
    if effect.once_in is not None and (before := _paged_before(rule.name, effect.once_in, facts)) is not None:
        at = before.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        notes.append(f'rule "{rule.name}" paged at {at} already and does so once in {duration(effect.once_in)}')
        return
    draft.page = Page(to=effect.to, rule=rule.name)
    draft.priority, draft.priority_by = "urgent", f"rule {rule.name}"


def _paged_before(rule: str, once_in: timedelta, facts: Facts) -> datetime | None:
    """When this rule last paged, where that was too short a time ago to do so again."""
    since = facts.received_at - once_in
    pages = [one.at for one in facts.earlier if one.kind == "page" and one.rule == rule]
    return max((at for at in pages if since < at <= facts.received_at), default=None)


def _clocks(ruleset: RuleSet, draft: _Draft, facts: Facts) -> Iterable[ClockPlan]:
    # What a person has set is what the desk promises, whatever the rules would have given.
    priority = facts.staff_priority or draft.priority
    for clock in ruleset.clocks:
        changed_clock = changed(clock, draft.clocks.get(clock.name))
        planned = None if changed_clock is None else plan(changed_clock, priority, facts.received_at)
        if planned is not None:
            yield planned


def _actions(
    ruleset: RuleSet, view: View, draft: _Draft
) -> tuple[tuple[str, ...], Mapping[str, str], tuple[RuleTrace, ...]]:
    allowed: list[str] = []
    blocked: dict[str, str] = {}
    traces: list[RuleTrace] = []
    for action in ruleset.actions:
        conditions = _conditions(action.needs, view)
        held = all(condition.holds for condition in conditions)
        if not held:
            blocked[action.name] = action.otherwise
        elif action.name in draft.block:
            blocked[action.name] = draft.block[action.name]
        else:
            allowed.append(action.name)
        traces.append(
            RuleTrace(
                rule=action.name,
                file=action.file,
                line=action.line,
                holds=held,
                decided=action.name not in blocked,
                conditions=conditions,
            )
        )
    return tuple(allowed), blocked, tuple(traces)
