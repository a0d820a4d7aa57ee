"""`decide`: the sections and their rules."""

from collections.abc import Sequence
from typing import Any, Final

from rules.clock_reader import read_change, wall_time
from rules.clocks import ClockChange
from rules.condition_reader import read_condition
from rules.decision import Disposal
from rules.firewall import refuse
from rules.index import build
from rules.language import EffectsPart, PagePart, RulePart
from rules.part_reader import entries, read_part
from rules.ruleset import Effects, PageEffect, Rule, Section
from rules.scope import Scope
from rules.vocabulary import TESTS
from rules.yaml_errors import shown
from rules.yaml_places import Loc

# Effects that may be several.
_LISTS: Final = ("tag", "tell", "notice")


def both(way: Sequence[str], key: str) -> str:
    """What to write where a key stands twice and both are wanted; "" where they cannot be."""
    part, asks = (way[0], way[2]) if len(way) > 2 else ("", "")
    if key in TESTS and (part, asks) in (("decide", "when"), ("actions", "needs")):
        return f", or write all: [{{{key}: …}}, {{{key}: …}}]"
    if key in _LISTS and list(way[2:]) == ["then"] and part == "decide":
        return f", or write one list, {key}: […, …]"
    return ""


def read_sections(scope: Scope) -> tuple[Section, ...]:
    """The sections in the file's order; mistakes are noted, those against the law about mail included."""
    sections: list[Section] = []
    for name, value, loc in entries("decide", scope):
        if not isinstance(value, list):
            scope.mistake(loc, f"expected a list of rules ([{{rule: NAME, …}}]), got {shown(value)}")
            continue
        sections.append(_section(name, value, loc, scope))
    return tuple(sections)


def _section(name: str, value: list[Any], loc: Loc, scope: Scope) -> Section:
    found: list[tuple[Rule, Loc]] = []
    lines: dict[str, Loc] = {}
    broken = False
    for at, inner in enumerate(value):
        here = (*loc, at)
        _name_once(inner, here, lines, scope)
        before = len(scope.mistakes)
        rule = _rule(inner, here, scope)
        broken = broken or rule is None or len(scope.mistakes) > before
        if rule is not None and not broken:
            found.append((rule, here))
        value[at] = None  # read: a file of 1 MiB has ten thousands of rules, and is not kept in memory twice
    # The rules below one that is wrong are held to the law once it is right: nobody can say now whether it would
    # have ended the section for mails. The file is refused either way.
    refuse(found, scope)
    rules = tuple(rule for rule, _ in found)
    return Section(name=name, rules=rules, index=build([rule.when for rule in rules]))


def _name_once(value: Any, loc: Loc, lines: dict[str, Loc], scope: Scope) -> None:
    name = value.get("rule") if isinstance(value, dict) else None
    if not isinstance(name, str):
        return
    here = (*loc, "rule")
    first = lines.setdefault(name, here)
    if first is not here:
        line = scope.document.mark(first)[0]
        scope.mistake(here, f'rule "{name}" stands on line {line} already; name each once in a section')


def _rule(value: Any, loc: Loc, scope: Scope) -> Rule | None:
    """One rule; its parts are read one by one, so that a mistake in one hides none in another."""
    part = read_part(RulePart, value, loc, scope, elsewhere=("when", "then"))
    condition = None
    readable = isinstance(value, dict)
    wanted = value.get("when") if readable else None
    if readable and "when" in value and not scope.document.unread((*loc, "when")):
        if isinstance(wanted, dict):
            condition = read_condition(wanted, (*loc, "when"), scope)
        elif wanted is None:
            scope.mistake((*loc, "when"), "no test stands here; a rule that always holds has no `when`")
    effects = None
    if readable and isinstance(value.get("then"), dict):
        effects = _effects(value["then"], (*loc, "then"), scope)
    if part is None or effects is None or ("when" in value and condition is None):
        return None
    line = scope.document.mark(loc)[0]
    file = scope.document.name
    return Rule(name=part.rule, file=file, line=line, when=condition, effects=effects, goes_on=part.goes_on)


def _effects(value: dict[str, Any], loc: Loc, scope: Scope) -> Effects | None:
    part = read_part(EffectsPart, value, loc, scope)
    if part is None:
        return None
    clocks: dict[str, ClockChange] = {}
    for name, change in part.clocks.items():
        found = read_change(name, change, (*loc, "clocks", name), scope)
        if found is not None:
            clocks[name] = found
    if part.acknowledge != "off":
        scope.names_outside("template", (*loc, "acknowledge"), part.acknowledge)
    scope.names_outside("template", (*loc, "template"), part.template)
    for at, name in enumerate(part.tell):
        scope.names_outside("template", (*loc, "tell", at), name)
    scope.names_outside("queue", (*loc, "queue"), part.queue)
    scope.names_outside("person", (*loc, "assignee"), part.assignee)
    for action in part.block:
        scope.known((*loc, "block", action), "action", action, scope.action_names)
    disposal = None
    if part.quarantine is not None:
        disposal = Disposal(kind="quarantine", reason=part.quarantine)
    elif part.reject is not None:
        disposal = Disposal(kind="reject", reason=part.reject)
    return Effects(
        queue=part.queue,
        type=part.type,
        priority=None if part.priority is None else scope.priority((*loc, "priority"), part.priority),
        tags=part.tag,
        assignee=part.assignee,
        clocks=clocks,
        page=None if part.page is None else _page(part.page, (*loc, "page"), scope),
        acknowledge=part.acknowledge,
        confirm=part.confirm,
        template=part.template,
        tell=part.tell,
        notices=part.notice,
        block=part.block,
        callback_terms=part.callback_terms,
        behind=part.behind,
        disposal=disposal,
    )


def _page(part: PagePart, loc: Loc, scope: Scope) -> PageEffect:
    to = (*loc, "to") if part.once_in is not None else loc
    if scope.people is None:
        scope.mistake(to, "nobody can be paged: the file has no `oncall` with people and a rota")
    elif part.to != "rota":
        scope.known(to, "person of oncall", part.to, ("rota", *scope.people))
    once_in = None if part.once_in is None else wall_time(part.once_in, (*loc, "once-in"), scope)
    if once_in is not None:
        scope.looks_at("page", "desk", once_in)
    return PageEffect(to=part.to, once_in=once_in)
