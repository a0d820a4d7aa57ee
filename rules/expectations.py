"""What a test in a rules file may expect, one row each: how it is written there, and how it is read off a decision."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from rules.decision import PRIORITIES, ClockPlan, Decision
from rules.facts import Facts
from rules.file_test import Value
from rules.scope import Scope
from rules.vocabulary import TYPES
from rules.yaml_errors import expected_truth, shown
from rules.yaml_places import Loc

if TYPE_CHECKING:
    from rules.ruleset import RuleSet

OUTBOX = ("confirmation", "acknowledgement", "notice", "page")
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A decision with what it was taken from."""

    ruleset: "RuleSet"
    facts: Facts
    decision: Decision

    @property
    def zone(self) -> tzinfo:
        """The zone in which a test writes its times: the desk's."""
        return ZoneInfo(self.ruleset.zone or "UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One key of `expect`. `read` gives the value as `look` gives it; None after a mistake was noted and for null."""

    read: Callable[[Any, Loc, Scope], Value]
    look: Callable[[Outcome], Value]
    because: Callable[[str, Outcome], str | None] = lambda *_: None

    @staticmethod
    def same(wanted: Value, got: Value) -> bool:
        """Whether it came out as wanted; lists in any order."""
        if isinstance(wanted, tuple) and isinstance(got, tuple):
            return sorted(wanted) == sorted(got)
        return wanted == got


def moment(text: str, zone: tzinfo) -> datetime | None:
    """A time on the desk's wall, `2026-01-14 02:05`; None where it is none, nor one that the wall ever shows.

    Of an hour that autumn gives twice it is the first.
    """
    if not _TIME.match(text):
        return None
    try:
        found = datetime.fromisoformat(text).replace(tzinfo=zone)
        shown = found.astimezone(UTC).astimezone(zone)
    except ValueError:
        return None
    except OverflowError:  # the first or the last day that there is
        return found
    return found if shown.replace(tzinfo=None) == found.replace(tzinfo=None) else None


def _text(names: Callable[[Scope], Collection[str] | None] = lambda _: None, what: str = "") -> Any:
    def read(value: Any, loc: Loc, scope: Scope) -> Value:
        if value is None:
            return None
        text = scope.text(loc, value)
        allowed = names(scope)
        if text is not None and allowed is not None:
            scope.known(loc, what, text, allowed)
        return text

    return read


def _texts(names: Callable[[Scope], Collection[str] | None] = lambda _: None, what: str = "") -> Any:
    def read(value: Any, loc: Loc, scope: Scope) -> Value:
        if value is None or value == []:
            return ()
        texts = scope.texts(loc, value) or []
        allowed = names(scope)
        if allowed is not None:
            for at, text in texts:
                scope.known(at, what, text, allowed)
        return tuple(text for _, text in texts)

    return read


def _truth(value: Any, loc: Loc, scope: Scope) -> Value:
    if not isinstance(value, bool):
        scope.mistake(loc, expected_truth(value))
        return None
    return value


def _pages(value: Any, loc: Loc, scope: Scope) -> Value:
    if value not in (0, 1) or isinstance(value, bool):
        scope.mistake(loc, f"expected 1 (somebody is paged) or 0, got {shown(value)}")
        return None
    return int(value)


def _priority(value: Any, loc: Loc, scope: Scope) -> Value:
    text = scope.text(loc, value)
    found = None if text is None else scope.priority(loc, text)
    return None if found is None else scope.scale.name(found)


def _due(value: Any, loc: Loc, scope: Scope) -> Value:
    if value is None:
        return None
    text = scope.text(loc, value)
    if text is not None and moment(text, UTC) is None:
        scope.mistake(loc, f'expected a time such as 2026-06-15 08:30, or null for no such clock, got "{text[:60]}"')
    return text


def _held(kind: str) -> Callable[[Outcome], Value]:
    def look(outcome: Outcome) -> Value:
        disposal = outcome.decision.disposal
        return disposal.reason if disposal is not None and disposal.kind == kind else None

    return look


def clock(name: str) -> Expected:
    """The due time of a clock, in the desk's zone and to the minute; None for a ticket without it."""

    def find(outcome: Outcome) -> ClockPlan | None:
        return next((one for one in outcome.decision.clocks if one.name == name), None)

    def look(outcome: Outcome) -> Value:
        found = find(outcome)
        return None if found is None else f"{found.due_at.astimezone(outcome.zone):%Y-%m-%d %H:%M}"

    def because(_: str, outcome: Outcome) -> str | None:
        found = find(outcome)
        return None if found is None else found.explanation

    return Expected(read=_due, look=look, because=because)


def _by_priority(_: str, outcome: Outcome) -> str | None:
    decision = outcome.decision
    for section in reversed(decision.trace):
        for note in section.notes:
            return note
        for rule in section.rules:
            if rule.holds and decision.priority_by == f"rule {rule.rule}":
                return f"rule {rule.rule} in {section.section} ({rule.file}:{rule.line})"
    return "no rule gives a priority"


def _held_rules(_: str, outcome: Outcome) -> str | None:
    held = [
        f"{rule.rule} ({rule.file}:{rule.line})"
        for section in outcome.decision.trace
        for rule in section.rules
        if rule.holds
    ]
    return f"these rules held: {', '.join(held)}" if held else "no rule held"


def _blocked(_: str, outcome: Outcome) -> str | None:
    told = [f"{action}: {why}" for action, why in outcome.decision.actions_blocked.items()]
    return "; ".join(told) or None


def _notes(_: str, outcome: Outcome) -> str | None:
    notes = [note for section in outcome.decision.trace for note in section.notes]
    return "; ".join(notes) or _held_rules(_, outcome)


def on_call(outcome: Outcome) -> str | None:
    """Who is woken first: the one on duty, or the person whom the rule names; None where nobody is."""
    page, rota = outcome.decision.page, outcome.ruleset.rota
    if page is None or rota is None:
        return None
    return rota.who(outcome.facts.received_at) if page.to == "rota" else page.to


def _why_called(_: str, outcome: Outcome) -> str | None:
    if outcome.decision.page is None:
        return f"nobody is paged: {_held_rules(_, outcome)}"
    return f"rule {outcome.decision.page.rule} pages {outcome.decision.page.to}"


def outbox(outcome: Outcome) -> tuple[str, ...]:
    """The kinds of what goes out to the customer, and pages.

    By the rules alone: whether an address may be written to at all (loops, limits, who is on file) is looked at when a
    real message is there.
    """
    facts, decision = outcome.facts, outcome.decision
    if decision.disposal is not None:
        return ()
    kinds: list[str] = []
    known = facts.account_id is not None
    if facts.channel == "email":
        answered = not (facts.is_auto_reply or facts.is_bounce or facts.is_list or facts.verdict == "failed")
        reached = answered
    else:
        answered, reached = known, facts.contact_id is not None
    if answered:
        # What is proven already needs no confirmation.
        if decision.confirm and known and facts.verdict in ("unverified", "none"):
            kinds.append("confirmation")
        elif reached and decision.acknowledge != "off":
            kinds.append("acknowledgement")
        kinds += ["notice"] * len(decision.tell)
    if decision.page is not None:
        kinds.append("page")
    return tuple(kinds)


EXPECTATIONS: Final[dict[str, Expected]] = {
    "priority": Expected(
        read=_priority,
        look=lambda outcome: outcome.ruleset.scale.name(outcome.decision.priority),
        because=_by_priority,
    ),
    "type": Expected(
        read=_text(lambda _: TYPES, "type"), look=lambda outcome: outcome.decision.type, because=_held_rules
    ),
    "queue": Expected(read=_text(), look=lambda outcome: outcome.decision.queue, because=_held_rules),
    "assignee": Expected(read=_text(), look=lambda outcome: outcome.decision.assignee, because=_held_rules),
    "tags": Expected(read=_texts(), look=lambda outcome: outcome.decision.tags, because=_held_rules),
    "claimed_urgency": Expected(
        read=_text(lambda _: PRIORITIES, "urgency"), look=lambda outcome: outcome.facts.claimed_urgency
    ),
    "allowed": Expected(
        read=_texts(lambda scope: scope.action_names, "action"),
        look=lambda outcome: outcome.decision.actions_allowed,
        because=_blocked,
    ),
    "blocked": Expected(
        read=_texts(lambda scope: scope.action_names, "action"),
        look=lambda outcome: tuple(outcome.decision.actions_blocked),
        because=_blocked,
    ),
    "pages": Expected(read=_pages, look=lambda outcome: int(outcome.decision.page is not None), because=_notes),
    "oncall": Expected(read=_text(lambda scope: scope.people, "person of oncall"), look=on_call, because=_why_called),
    "outbox": Expected(read=_texts(lambda _: OUTBOX, "kind of letter"), look=outbox, because=_held_rules),
    "acknowledge": Expected(read=_text(), look=lambda outcome: outcome.decision.acknowledge, because=_held_rules),
    "template": Expected(read=_text(), look=lambda outcome: outcome.decision.template, because=_held_rules),
    "confirm": Expected(read=_truth, look=lambda outcome: outcome.decision.confirm, because=_held_rules),
    "tell": Expected(read=_texts(), look=lambda outcome: outcome.decision.tell, because=_held_rules),
    "notice": Expected(read=_texts(), look=lambda outcome: outcome.decision.notices, because=_held_rules),
    "callback.terms": Expected(read=_text(), look=lambda outcome: outcome.decision.callback_terms, because=_held_rules),
    "behind": Expected(read=_truth, look=lambda outcome: outcome.decision.behind, because=_held_rules),
    "quarantine": Expected(read=_text(), look=_held("quarantine"), because=_held_rules),
    "reject": Expected(read=_text(), look=_held("reject"), because=_held_rules),
}
