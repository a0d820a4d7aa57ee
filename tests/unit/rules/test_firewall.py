"""The law about mail, by property: over generated rules files and mails, none gives a mail more than medium or pages.

1,000 files run here; `tests/bench/firewall_sweep.py` runs 10,000 and more of the same.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rules.decide import decide
from rules.decision import ABOVE_MEDIUM, Priority
from rules.facts import Facts
from rules.load import loads
from rules.mistakes import MistakesFound
from rules.ruleset import Effects, Rule, RuleSet, Section

# Its own words about how long it would take to print what it makes.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

Make = Callable[..., Facts]
HEAD: dict[str, Any] = {
    "desk": {"zone": "America/Chicago"},
    "lines": {"help": {"number": "+15550190", "default": True}, "private": {"number": "+15550191"}},
    "calendars": {"office": {"mon-fri": "08:00-17:00"}, "always": {"mon-sun": "00:00-24:00"}},
    "clocks": {"callback": {"within": {"urgent": "30m", "high": "1h", "medium": "2h"}, "calendar": "office"}},
    "phrases": {"stopped": ["down", "not working"], "slow": ["slow*"]},
    "oncall": {
        "people": {"engineer-1": {"call": "+15550171"}},
        "rota": {"turns": ["engineer-1"], "each": "week", "from": "2026-01-05 08:00"},
    },
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
    st.tuples(st.just("caller"), st.sampled_from(["+15550101", "+15550102"])),
    st.tuples(st.just("caller.withheld"), st.booleans()),
    st.tuples(st.just("transcript"), st.sampled_from(["pending", "words", ["no-words", "unheard"]])),
    st.tuples(st.just("proof"), st.sampled_from(["authenticated", "none"])),
    st.tuples(st.just("matches"), st.sampled_from(["urgent|down", "slow"])),
    st.tuples(st.just("subject.only"), st.sampled_from([["urgent"], ["down"]])),
    st.tuples(st.just("day.office"), st.sampled_from(["working", "free"])),
    st.tuples(st.just("earlier.pages"), st.just({"within": "12h", "of": "desk"})),
    st.tuples(st.just("account.open-tickets"), st.sampled_from([0, {"at-least": 1}])),
    st.tuples(st.just("priority"), st.sampled_from(["urgent", "high", "medium", ["low", "medium"]])),
    st.tuples(st.just("type"), st.sampled_from(["incident", "problem"])),
    st.tuples(st.just("queue"), st.sampled_from(["q", "r"])),
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
        "page": st.sampled_from(["rota", "engineer-1", {"to": "rota", "once-in": "12h"}]),
        "type": st.sampled_from(["incident", "problem"]),
        "queue": st.sampled_from(["q", "r"]),
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
    # What no mail has: the law must not hang on that.
    caller=st.sampled_from([None, "+15550101"]),
    caller_withheld=st.booleans(),
    transcript=st.sampled_from([None, "pending", "words", "unheard"]),
    confirmed=st.booleans(),
    open_tickets=st.integers(0, 2),
    staff_priority=st.sampled_from([None, "urgent", "high", "low"]),
    staff_type=st.sampled_from([None, "incident"]),
    staff_queue=st.sampled_from([None, "q"]),
)


def loaded(file: dict[str, Any]) -> tuple[RuleSet | None, list[str]]:
    """The rules of a generated file, or why they were refused."""
    try:
        return loads(json.dumps(file), "rules.yaml"), []
    except MistakesFound as found:
        return None, [str(mistake) for mistake in found.mistakes]


@settings(deadline=None, database=None, max_examples=1000)
@given(file=FILES, mails=st.lists(MAILS, min_size=1, max_size=8))
def test_no_file_that_loads_gives_any_mail_more_than_medium_or_wakes_anybody_for_it(
    file: dict[str, Any], mails: list[Facts]
) -> None:
    hold_the_law(file, mails)


def hold_the_law(file: dict[str, Any], mails: list[Facts]) -> bool:
    """Demand the law of a generated file, and say whether it loaded."""
    ruleset, refused = loaded(file)
    if ruleset is None:
        # Nothing else is wrong with these files: the law alone refuses them.
        assert all("email cannot set a priority" in mistake or "email wakes nobody" in mistake for mistake in refused)
        return False
    for facts in mails:
        decision = decide(ruleset, facts)
        assert decision.priority not in ABOVE_MEDIUM
        assert decision.page is None
        # The loader alone is enough: what the guard in `decide` would have held back never came.
        assert not any(section.notes for section in decision.trace)
    return True


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
    # What is kept of the facts gives the same decision again, in whatever order it is read.
    kept = dict(sorted(json.loads(json.dumps(facts.to_json())).items(), reverse=True))
    assert decide(first, Facts.from_json(kept, text=facts.text)) == decision


@settings(deadline=None, database=None, max_examples=200)
@given(file=FILES, facts=MAILS, data=st.data())
def test_no_order_of_what_is_named_in_the_file_changes_a_decision(
    file: dict[str, Any], facts: Facts, data: st.DataObject
) -> None:
    """Sections and rules stand in an order that counts; parts, the names in them and tests side by side do not."""

    def shuffled(value: Any, *, ordered: bool = False) -> Any:
        if isinstance(value, list):
            return [shuffled(one) for one in value]
        if not isinstance(value, dict):
            return value
        keys = list(value) if ordered else data.draw(st.permutations(list(value)))
        return {key: shuffled(value[key], ordered=key == "decide") for key in keys}

    first, _ = loaded(file)
    assume(first is not None)
    assert first is not None
    second, refused = loaded(shuffled(file))
    assert not refused
    assert second is not None
    one, other = decide(first, facts), decide(second, facts)
    for name in ("priority", "priority_by", "queue", "type", "page", "clocks", "notices"):
        assert getattr(one, name) == getattr(other, name)
    assert [[(rule.rule, rule.holds) for rule in section.rules] for section in one.trace] == [
        [(rule.rule, rule.holds) for rule in section.rules] for section in other.trace
    ]


def test_neither_locale_nor_zone_nor_hash_seed_of_the_machine_changes_a_decision(tmp_path: Path) -> None:
    program = (
        "import json, sys; from datetime import datetime, UTC\n"
        "from rules.decide import decide; from rules.facts import Facts; from rules.load import loads\n"
        "rules = loads(open(sys.argv[1]).read(), 'rules.yaml')\n"
        "facts = Facts(channel='voicemail', source='+15550191', called='+15550191', verdict='none',\n"
        "  account_id='acme', account_plan='24x7', received_at=datetime(2026, 11, 1, 6, 30, tzinfo=UTC),\n"
        "  text='FAX server İS DOWN, straße', transcript='words')\n"
        "print(json.dumps(decide(rules, facts).to_json()))\n"
    )
    path = Path(__file__).with_name("tech-line.yaml")
    outcomes = set()
    for environment in (
        {"LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "1"},
        {"LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kolkata", "PYTHONHASHSEED": "2"},
        {"LC_ALL": "C.UTF-8", "TZ": "America/St_Johns", "PYTHONHASHSEED": "3"},
    ):
        done = subprocess.run(
            [sys.executable, "-c", program, str(path)],
            env={"PATH": "/usr/bin:/bin", "PYTHONUTF8": "1", **environment},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        outcomes.add(done.stdout)
    assert len(outcomes) == 1


def ruleset_past_the_loader(priority: Priority) -> RuleSet:
    """A rule that no file can hold: what a fault in the loader's proof would let through."""
    rule = Rule(name="leak", line=1, when=None, effects=Effects(priority=priority))
    return RuleSet(file="rules.yaml", sections=(Section(name="s", rules=(rule,)),))


@pytest.mark.parametrize("priority", ["urgent", "high"])
def test_a_decision_keeps_a_mail_down_even_if_a_rule_came_past_the_loader(
    mail: Make, call: Make, priority: Priority
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
