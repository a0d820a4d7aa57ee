"""The words of the language beyond those that decisions have always had: what each test asks, what each effect does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from rules.decide import decide
from rules.decision import Decision, Page
from rules.facts import Earlier, Facts
from rules.file_tests import run
from rules.load import loads
from rules.mistakes import MistakesFound
from rules.ruleset import Effects, PageEffect, Rule, RuleSet, Section

Make = Callable[..., Facts]
HEAD = """
desk: {zone: America/Chicago}
calendars: {office: {mon-fri: 08:00-17:00, closed: [2026-06-10]}}
phrases: {vague: [help, problem*, urgent, not working]}
actions: {discuss: {}, credentials: {needs: {proof: authenticated}, else: Needs proof.}}
oncall:
  people: {engineer-1: {call: +15550171}, lead: {call: +15550179}}
  rota: {turns: [engineer-1], each: week, from: 2026-01-05 08:00}
  escalate: [{page: rota, wait: 5m}]
"""


def holds(condition: str, facts: Facts) -> bool:
    text = f"{HEAD}decide: {{s: [{{rule: r, when: {{{condition}}}, then: {{tag: held}}}}]}}\n"
    return decide(loads(text, "rules.yaml"), facts).tags == ("held",)


def decided(effects: str, facts: Facts, when: str = "channel: [email, voicemail]") -> Decision:
    return decide(loads(f"{HEAD}decide: {{s: [{{rule: r, when: {{{when}}}, then: {{{effects}}}}}]}}\n", "r"), facts)


MAIL_WORDS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("account.ambiguous: true", {"candidates": 2}, {"candidates": 1, "account_id": "acme"}),
    ("account.open-tickets: {at-least: 2}", {"open_tickets": 2}, {"open_tickets": 1}),
    ("account.open-tickets: 0", {}, {"open_tickets": 1}),
    ("account.open-tickets: {at-least: 1, at-most: 3}", {"open_tickets": 3}, {"open_tickets": 4}),
    ("identity.by: from-address", {"identified_by": "from-address"}, {"identified_by": "staff"}),
    ("authentication.spf: [fail, softfail]", {"spf": "softfail"}, {"spf": "pass"}),
    ("authentication.dkim: pass", {"dkim": "pass"}, {"dkim": None}),
    ("authentication.dmarc: fail", {"dmarc": "fail"}, {"dmarc": "pass"}),
    ("proof: authenticated", {"verdict": "unverified", "confirmed": True}, {"verdict": "unverified"}),
    ("authentication.verdict: unverified", {"verdict": "unverified", "confirmed": True}, {"verdict": "failed"}),
    ("body: vague", {"text": "A problem"}, {"subject": "A problem"}),
    ("subject.only: vague", {"subject": "URGENT: help!!"}, {"subject": "Help with the fax"}),
    ("subject.only: [fax*]", {"subject": ""}, {"subject": "fax machine"}),
    ("subject.only: [fax*]", {"subject": "Faxes"}, {"subject": "fa"}),
    ("matches: 'error [45]\\d\\d'", {"text": "Shows ERROR 502."}, {"subject": "error", "text": "502"}),
    ("subject.matches: '^inc-\\d+'", {"subject": "INC-12 is open"}, {"text": "inc-12"}),
    ("attachment.type: image/*", {"attachment_types": ("text/plain", "image/png")}, {"attachment_types": ("text/x",)}),
    ("attachment.dangerous: true", {"dangerous_attachment": True}, {}),
    ("bounce.kind: failed", {"is_bounce": True, "bounce_kind": "failed"}, {"is_bounce": True}),
    ("forwarded: true", {"forwarded": True}, {}),
    ("reference.quoted: false", {}, {"reference_quoted": True}),
    ("callback.made: 0", {}, {"calls_made": 1}),
    ("type: incident", {"staff_type": "incident"}, {"staff_type": "problem"}),
    ("queue: tech", {"staff_queue": "tech"}, {}),
    ("priority: urgent", {"staff_priority": "urgent"}, {}),
    ("priority: medium", {}, {"staff_priority": "low"}),
    ("claimed_urgency: urgent", {"claimed_urgency": "urgent"}, {"claimed_urgency": "low"}),
]


@pytest.mark.parametrize(("condition", "yes", "no"), MAIL_WORDS, ids=[condition for condition, _, _ in MAIL_WORDS])
def test_a_test_holds_of_what_it_names_and_of_nothing_else(
    condition: str, yes: dict[str, Any], no: dict[str, Any], mail: Make
) -> None:
    assert holds(condition, mail(**yes))
    assert not holds(condition, mail(**no))


CALL_WORDS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("caller: +15550101", {"caller": "+15550101"}, {"caller": "+15550102"}),
    ("caller.withheld: true", {"caller_withheld": True}, {"caller": "+15550101"}),
    ("transcript: [no-words, unheard]", {"transcript": "unheard"}, {"transcript": "pending"}),
]


@pytest.mark.parametrize(("condition", "yes", "no"), CALL_WORDS, ids=[condition for condition, _, _ in CALL_WORDS])
def test_a_test_of_calls_never_holds_of_a_mail_whatever_its_facts_hold(
    condition: str, yes: dict[str, Any], no: dict[str, Any], mail: Make, call: Make
) -> None:
    assert holds(condition, call(**yes))
    assert not holds(condition, call(**no))
    assert not holds(condition, mail(**yes))


@pytest.mark.parametrize(
    ("day", "word"), [("2026-06-09", "working"), ("2026-06-10", "holiday"), ("2026-06-13", "free")]
)
def test_a_day_is_a_working_day_a_holiday_or_free(day: str, word: str, mail: Make, at: Callable[..., Any]) -> None:
    for each in ("working", "holiday", "free"):
        assert holds(f"day.office: {each}", mail(received_at=at(f"{day} 23:00"))) is (each == word)


def test_what_was_earlier_is_counted_by_kind_by_whose_and_by_the_wall_clock(mail: Make) -> None:
    facts = mail()
    ago = [facts.received_at - timedelta(hours=number) for number in (1, 2, 3, 24, 25)]
    calls = [Earlier(kind="call", of="account", at=at) for at in ago]
    others = [
        Earlier(kind="ticket", of="account", at=facts.received_at),
        Earlier(kind="call", of="desk", at=facts.received_at),
        Earlier(kind="call", of="account", at=facts.received_at + timedelta(seconds=1)),
    ]
    seen = replace(facts, earlier=(*calls, *others))
    assert holds("earlier.calls: {within: 24h, at-least: 3}", seen)
    assert not holds("earlier.calls: {within: 24h, at-least: 4}", seen)
    assert holds("earlier.calls: {within: 2d, at-least: 5, at-most: 5}", seen)
    assert holds("earlier.tickets: {within: 1h}", seen)
    assert not holds("earlier.pages: {within: 30d, of: desk}", seen)


def test_the_rules_say_how_far_back_they_look() -> None:
    asks = "earlier.calls: {within: 36h, of: caller}, not: {earlier.calls: {within: 2d, of: caller}}"
    text = f"decide: {{s: [{{rule: r, when: {{{asks}, earlier.tickets: {{within: 1h}}}}, then: {{tag: a}}}}]}}"
    hour = timedelta(hours=1)
    assert loads(text, "rules.yaml").looks_back == {("call", "caller"): 48 * hour, ("ticket", "account"): hour}
    assert loads("", "rules.yaml").looks_back == {}


def test_a_page_makes_a_call_urgent_whatever_later_rules_give(call: Make) -> None:
    text = (
        HEAD
        + """
decide:
  page: [{rule: wake, when: {channel: voicemail}, then: {page: rota}}]
  priority: [{rule: mail, when: {channel: email}, then: {priority: medium}}, {rule: all, then: {priority: low}}]
"""
    )
    decision = decide(loads(text, "rules.yaml"), call())
    assert decision.page == Page(to="rota", rule="wake")
    assert (decision.priority, decision.priority_by) == ("urgent", "rule wake")
    assert decision.trace[1].notes == ('rule "all" gives low; a ticket that pages is urgent',)


def test_a_page_with_a_brake_is_not_given_again_too_soon_by_the_same_rule(call: Make) -> None:
    facts = call()
    wanted = "page: {to: lead, once-in: 12h}"
    before = Earlier(kind="page", of="desk", at=facts.received_at - timedelta(hours=12), rule="r")
    soon = replace(before, at=before.at + timedelta(minutes=1))
    assert decided(wanted, replace(facts, earlier=(before,)), "channel: voicemail").page == Page(to="lead", rule="r")
    braked = decided(wanted, replace(facts, earlier=(before, soon)), "channel: voicemail")
    assert (braked.page, braked.priority) == (None, "medium")
    assert "once in 12h" in braked.trace[0].notes[0]
    other = replace(facts, earlier=(replace(soon, rule="another"),))
    assert decided(wanted, other, "channel: voicemail").page is not None


def test_a_decision_pages_for_no_mail_even_if_a_rule_came_past_the_loader(mail: Make, call: Make) -> None:
    rule = Rule(name="leak", line=1, when=None, effects=Effects(page=PageEffect(to="rota")))
    ruleset = RuleSet(file="rules.yaml", sections=(Section(name="s", rules=(rule,)),))
    decision = decide(ruleset, mail())
    assert (decision.page, decision.priority) == (None, "medium")
    assert decision.trace[0].notes == ('rule "leak" pages; email wakes nobody',)
    assert decide(ruleset, call()).page is not None


@pytest.mark.parametrize(
    "when", ["", "when: {says: vague}, ", "when: {channel: email}, ", "when: {line.known: true}, "]
)
def test_a_page_that_a_mail_could_reach_is_refused_at_its_place(when: str) -> None:
    text = f"{HEAD}lines: {{a: {{number: +15550190}}}}\ndecide:\n  s: [{{rule: r, {when}then: {{page: rota}}}}]\n"
    if "line" in when:
        loads(text, "rules.yaml")
        return
    with pytest.raises(MistakesFound) as found:
        loads(text, "rules.yaml")
    (mistake,) = found.value.mistakes
    assert "email wakes nobody" in mistake.message
    assert text.splitlines()[mistake.line - 1][mistake.column - 1 :].startswith("rota")


def test_answers_are_what_the_last_rule_says_and_sentences_add_up(mail: Make) -> None:
    text = (
        HEAD
        + """
decide:
  a: [{rule: a, then: {acknowledge: received, confirm: true, tell: slow, notice: Look here., callback.terms: courtesy}}]
  b: [{rule: b, then: {acknowledge: off, template: how-to, tell: [slow, other], notice: And here., behind: true}}]
"""
    )
    ruleset = loads(text, "rules.yaml")
    decision = decide(ruleset, mail())
    assert (decision.acknowledge, decision.template, decision.confirm) == ("off", "how-to", True)
    assert (decision.tell, decision.notices) == (("slow", "other"), ("Look here.", "And here."))
    assert (decision.callback_terms, decision.behind) == ("courtesy", True)
    named = [(use.name, use.line) for use in ruleset.outside]
    assert named == [("received", 12), ("slow", 12), ("how-to", 13), ("slow", 13), ("other", 13)]


def test_a_rule_may_block_what_the_actions_allow_and_never_the_other_way_round(mail: Make) -> None:
    proven = mail(verdict="authenticated")
    assert decided("tag: x", proven).actions_allowed == ("discuss", "credentials")
    blocked = decided("block: {credentials: Ask the lead.}", proven)
    assert blocked.actions_allowed == ("discuss",)
    assert blocked.actions_blocked == {"credentials": "Ask the lead."}
    assert decided("block: {credentials: Ask the lead.}", mail()).actions_blocked == {"credentials": "Needs proof."}


def test_an_action_says_whether_a_person_may_override_it() -> None:
    text = """
actions:
  a: {needs: {proof: authenticated}, else: No., override: true}
  b: {needs: {proof: authenticated}, else: No., override: [lead]}
  c: {needs: {proof: authenticated}, else: No.}
"""
    found = [(action.override, action.approvers) for action in loads(text, "rules.yaml").actions]
    assert found == [(True, ()), (True, ("lead",)), (False, ())]


SCALE = """
priorities: {1: urgent, 2: medium, 3: low}
desk: {zone: UTC}
calendars: {always: {mon-sun: 00:00-24:00}}
clocks: {first-response: {within: {1: 1h, 2: 4h, 3: 8h}, calendar: always}}
decide:
  p:
    - {rule: mail, when: {channel: email}, then: {priority: 2}}
    - {rule: down, when: {says: [down]}, then: {priority: 1}}
    - {rule: rest, then: {priority: 3}}
  q:
    - {rule: top, when: {priority: 1}, then: {queue: top}}
"""


def test_own_names_of_priorities_stand_for_the_four_everywhere_in_the_file(call: Make, mail: Make) -> None:
    ruleset = loads(SCALE, "rules.yaml")
    decision = decide(ruleset, call(text="It is down"))
    assert (decision.priority, decision.queue) == ("urgent", "top")
    assert decision.clocks[0].due_at - decision.clocks[0].started_at == timedelta(hours=1)
    assert [ruleset.scale.name(each) for each in ("urgent", "high", "medium", "low")] == ["1", "high", "2", "3"]
    assert ruleset.scale.read("1") == ruleset.scale.read("urgent") == "urgent"
    assert decide(ruleset, mail(text="It is down")).priority == "medium"


@pytest.mark.parametrize(
    ("scale", "told"),
    [
        ("{1: urgent, 2: low}", "no name stands for medium"),
        ("{1: urgent, 2: urgent, 3: medium}", 'urgent is called "1" already'),
        ("{high: urgent, low: medium}", "is one of the four words itself"),
        ("{1: urgnt, 2: medium}", 'unknown priority "urgnt"; did you mean "urgent"?'),
    ],
)
def test_a_scale_that_is_not_clear_both_ways_is_refused(
    scale: str, told: str, mistakes: Callable[[str], list[str]]
) -> None:
    assert any(told in mistake for mistake in mistakes(f"priorities: {scale}\n"))


def test_facts_come_back_from_the_store_as_they_were(call: Make) -> None:
    facts = call(
        text="Words",
        caller="+15550101",
        attachment_types=("audio/wav",),
        earlier=(Earlier(kind="page", of="desk", at=call().received_at, rule="r"),),
        staff_tags=("a",),
        transcript="words",
    )
    kept = facts.to_json()
    assert "text" not in kept
    assert Facts.from_json(kept, text="Words") == facts
    assert Facts.from_json(kept, text="Words", calls_made=2).calls_made == 2


def test_facts_that_an_older_version_kept_are_read_with_what_it_knew(mail: Make) -> None:
    kept = mail(account_id="acme", attachments=("a.txt",)).to_json()
    old = {name: kept[name] for name in ("channel", "source", "received_at", "verdict", "account_id", "attachments")}
    assert Facts.from_json(old, text="") == mail(account_id="acme", attachments=("a.txt",))


def test_a_name_that_is_a_number_is_a_name_wherever_one_stands() -> None:
    text = """
desk: {zone: UTC}
lines: {1: {number: +15550190, greeting: 7, default: true}}
oncall: {people: {1.10: {call: +15550171}}, rota: {turns: {mon-sun: 1.10}, handover: 00:00}}
decide: {1: [{rule: 2, when: {line: 1}, then: {queue: 3, page: 1.10}}]}
tests: [{test: 4, call: {line: 1}, expect: {queue: 3, pages: 1, oncall: 1.10}}]
"""
    rules = loads(text, "rules.yaml")
    ((rule,),) = (section.rules for section in rules.sections)
    assert (rule.effects.page, rules.lines[0].greeting_closed) == (PageEffect(to="1.10"), "7")
    assert [result.differences for result in run(rules, lambda *_: None)] == [()]
