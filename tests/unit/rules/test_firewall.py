"""The law about mail, by property: over generated rules files and mails, nothing gives a mail more than medium."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rules.decide import decide
from rules.decision import ABOVE_MEDIUM
from rules.facts import Facts
from rules.load import loads
from rules.mistakes import MistakesFound
from rules.ruleset import Effects, Rule, RuleSet, Section

Make = Callable[..., Facts]
HEAD: dict[str, Any] = {
    "desk": {"zone": "America/Chicago"},
    "lines": {"help": {"number": "+15550190", "default": True}, "private": {"number": "+15550191"}},
    "calendars": {"office": {"mon-fri": "08:00-17:00"}, "always": {"mon-sun": "00:00-24:00"}},
    "clocks": {"callback": {"within": {"urgent": "30m", "high": "1h", "medium": "2h"}, "calendar": "office"}},
    "phrases": {"stopped": ["down", "not working"], "slow": ["slow*"]},
}
TESTS = st.one_of(
    st.tuples(st.just("channel"), st.sampled_from(["email", "voicemail", ["email", "voicemail"]])),
    st.tuples(st.just("line"), st.sampled_from(["help", "private"])),
    st.tuples(st.just("line.known"), st.booleans()),
    st.tuples(st.just("says"), st.sampled_from(["stopped", "slow", ["other words"]])),
    st.tuples(st.just("account.known"), st.booleans()),
    st.tuples(st.just("contact.authorized"), st.booleans()),
    st.tuples(st.just("authentication.verdict"), st.sampled_from(["authenticated", "unverified", "none"])),
    st.tuples(st.just("claimed_urgency"), st.sampled_from(["urgent", "low"])),
    st.tuples(st.just("hours.office"), st.sampled_from(["open", "closed"])),
    st.tuples(st.just("tag"), st.sampled_from(["a", "b"])),
    st.tuples(st.just("source"), st.sampled_from(["support@example.com", "+15550191"])),
)


def grouped(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    several = st.lists(inner, min_size=1, max_size=3)
    group = st.one_of(
        several.map(lambda parts: ("all", parts)),
        several.map(lambda parts: ("any", parts)),
        inner.map(lambda part: ("not", part)),
    )
    return st.lists(st.one_of(TESTS, group), min_size=1, max_size=3, unique_by=lambda one: one[0]).map(dict)


CONDITIONS = st.recursive(
    st.lists(TESTS, min_size=1, max_size=2, unique_by=lambda one: one[0]).map(dict), grouped, max_leaves=5
)
EFFECTS = st.fixed_dictionaries(
    {},
    optional={
        "priority": st.sampled_from(["urgent", "high", "medium", "low"]),
        "tag": st.sampled_from(["a", "b", ["a", "b"]]),
        "clocks": st.sampled_from([{"callback": {"calendar": "always"}}, {"callback": "off"}]),
    },
)
RULES = st.fixed_dictionaries({"then": EFFECTS}, optional={"when": CONDITIONS, "continue": st.booleans()})
FILES = st.lists(st.lists(RULES, min_size=1, max_size=4), min_size=1, max_size=3).map(
    lambda sections: (
        HEAD
        | {
            "decide": {
                f"s{at}": [{"rule": f"r{number}"} | rule for number, rule in enumerate(rules)]
                for at, rules in enumerate(sections)
            }
        }
    )
)
MAILS = st.builds(
    Facts,
    channel=st.just("email"),
    source=st.sampled_from(["support@example.com", "+15550191"]),
    received_at=st.integers(0, 60 * 24 * 800).map(lambda m: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=m)),
    called=st.sampled_from([None, "+15550191"]),
    account_id=st.sampled_from([None, "acme"]),
    account_plan=st.sampled_from([None, "24x7"]),
    contact_authorized=st.sampled_from([None, True, False]),
    verdict=st.sampled_from(["authenticated", "unverified", "failed", "unknown", "none"]),
    subject=st.sampled_from(["", "URGENT: down", "priority: urgent"]),
    text=st.sampled_from(["", "it is not working and slow", "other words"]),
    claimed_urgency=st.sampled_from([None, "urgent", "low"]),
    staff_tags=st.sampled_from([(), ("a",), ("a", "b")]),
)


def loaded(file: dict[str, Any]) -> tuple[RuleSet | None, list[str]]:
    """The rules of a generated file, or why they were refused."""
    try:
        return loads(json.dumps(file), "rules.yaml"), []
    except MistakesFound as found:
        return None, [str(mistake) for mistake in found.mistakes]


@settings(deadline=None, database=None, max_examples=1000)
@given(file=FILES, mails=st.lists(MAILS, min_size=1, max_size=8))
def test_no_file_that_loads_gives_any_mail_more_than_medium(file: dict[str, Any], mails: list[Facts]) -> None:
    ruleset, refused = loaded(file)
    if ruleset is None:
        # Nothing else is wrong with these files: the law alone refuses them.
        assert all("email cannot set a priority" in mistake for mistake in refused)
        return
    for facts in mails:
        decision = decide(ruleset, facts)
        assert decision.priority not in ABOVE_MEDIUM
        # The loader alone is enough: what the guard in `decide` would have held back never came.
        assert not any(section.notes for section in decision.trace)


@settings(deadline=None, database=None, max_examples=300)
@given(file=FILES, facts=MAILS)
def test_the_same_rules_and_facts_give_the_same_decision_wherever_and_however_often(
    file: dict[str, Any], facts: Facts
) -> None:
    first, _ = loaded(file)
    second, _ = loaded(file)
    assume(first is not None)
    assert first is not None
    assert second is not None
    elsewhere = replace(facts, received_at=facts.received_at.astimezone(timezone(timedelta(hours=9))))
    decision = decide(first, facts)
    assert decide(first, facts) == decision
    assert decide(second, elsewhere) == decision


def ruleset_past_the_loader(priority: str) -> RuleSet:
    """A rule that no file can hold: what a fault in the loader's proof would let through."""
    rule = Rule(name="leak", line=1, when=None, effects=Effects(priority=priority))  # type: ignore[arg-type]
    return RuleSet(file="rules.yaml", sections=(Section(name="s", rules=(rule,)),))


@pytest.mark.parametrize("priority", ["urgent", "high"])
def test_a_decision_keeps_a_mail_down_even_if_a_rule_came_past_the_loader(
    mail: Make, call: Make, priority: str
) -> None:
    ruleset = ruleset_past_the_loader(priority)
    decision = decide(ruleset, mail())
    assert (decision.priority, decision.priority_by) == ("medium", "default")
    assert decision.trace[0].notes == (f'rule "leak" gives {priority}; email cannot set a priority: it stays medium',)
    assert decide(ruleset, call()).priority == priority


@pytest.mark.parametrize(
    "when",
    [
        "{channel: voicemail}",
        "{line: private}",
        "{line.known: false}",
        "{not: {channel: email}}",
        "{any: [{line: help}, {channel: voicemail}]}",
        "{all: [{says: stopped}, {line: help}]}",
        "{not: {any: [{channel: email}, {says: stopped}]}}",
        "{says: stopped, not: {all: [{channel: email}]}}",
    ],
)
def test_a_rule_that_no_mail_can_meet_may_give_any_priority(when: str, mistakes: Callable[[str], list[str]]) -> None:
    assert mistakes(file_with(f"{{rule: r, when: {when}, then: {{priority: urgent}}}}")) == []


@pytest.mark.parametrize(
    "when",
    [
        "{says: stopped}",
        "{channel: [email, voicemail]}",
        "{not: {channel: voicemail}}",
        "{not: {line: help}}",
        "{any: [{channel: voicemail}, {account.known: true}]}",
        "{authentication.verdict: none}",
        "{not: {all: [{channel: email}, {says: stopped}]}}",
        "{source: +15550191}",
    ],
)
def test_a_rule_that_a_mail_could_meet_is_refused_at_its_priority(
    when: str, mistakes: Callable[[str], list[str]]
) -> None:
    (told,) = mistakes(file_with(f"{{rule: r, when: {when}, then: {{priority: high}}}}"))
    assert "email cannot set a priority" in told


@pytest.mark.parametrize(
    ("earlier", "safe"),
    [
        ("{rule: m, when: {channel: email}, then: {priority: medium}}", True),
        ("{rule: m, when: {channel: [email, voicemail]}, then: {queue: q}}", True),
        ("{rule: m, when: {any: [{channel: email}, {says: stopped}]}, then: {queue: q}}", True),
        ("{rule: m, when: {not: {channel: voicemail}}, then: {queue: q}}", True),
        ("{rule: m, then: {queue: q}}", True),
        ("{rule: m, when: {channel: email}, continue: true, then: {queue: q}}", False),
        ("{rule: m, when: {channel: email, says: stopped}, then: {queue: q}}", False),
        ("{rule: m, when: {not: {says: stopped}}, then: {queue: q}}", False),
        ("{rule: m, when: {channel: voicemail}, then: {queue: q}}", False),
    ],
)
def test_only_a_rule_that_ends_the_section_for_every_mail_opens_what_follows(
    earlier: str, safe: bool, mistakes: Callable[[str], list[str]]
) -> None:
    told = mistakes(file_with(earlier, "{rule: r, when: {says: stopped}, then: {priority: urgent}}"))
    assert (told == []) is safe


def file_with(*rules: str) -> str:
    head = "\n".join(f"{key}: {json.dumps(value)}" for key, value in HEAD.items())
    return head + "\ndecide:\n  s:\n" + "".join(f"    - {rule}\n" for rule in rules)
