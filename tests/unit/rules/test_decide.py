import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from rules.decide import decide
from rules.decision import Decision
from rules.facts import Facts
from rules.index import LONG
from rules.load import loads

Make = Callable[..., Facts]


def run(text: str, facts: Facts) -> Decision:
    return decide(loads(text, "rules.yaml"), facts)


def section(*rules: str, before: str = "") -> str:
    return before + "decide:\n  s:\n" + "".join(f"    - {rule}\n" for rule in rules)


def held(condition: str, facts: Facts, before: str = "") -> bool:
    """Whether a condition, written as in a rules file, holds."""
    return bool(run(section(f"{{rule: r, when: {condition}, then: {{tag: held}}}}", before=before), facts).tags)


def test_an_empty_file_leaves_everything_medium_and_without_clocks(mail: Make, call: Make) -> None:
    for facts in (mail(text="URGENT", claimed_urgency="urgent"), call(text="down")):
        assert run("", facts) == Decision()
        assert (Decision().priority, Decision().priority_by) == ("medium", "default")


def test_the_first_rule_that_holds_decides_and_the_next_section_goes_on(call: Make) -> None:
    text = """
decide:
  one:
    - {rule: a, when: {account.known: true}, then: {queue: a}}
    - {rule: b, then: {queue: b, priority: low}}
    - {rule: c, then: {queue: c, priority: urgent, tag: c}}
  two:
    - {rule: d, then: {assignee: engineer-1}}
"""
    # `c` may say urgent: `b` ends the section for every message, so no mail comes this far.
    decision = run(text, call())
    assert (decision.queue, decision.priority, decision.priority_by) == ("b", "low", "rule b")
    assert (decision.assignee, decision.tags) == ("engineer-1", ())


def test_a_rule_that_goes_on_does_not_end_its_section(mail: Make) -> None:
    decision = run(
        section(
            "{rule: a, continue: true, then: {tag: [x, y], queue: a}}",
            "{rule: b, then: {tag: [y, z], queue: b}}",
            "{rule: c, then: {tag: never}}",
        ),
        mail(),
    )
    assert decision.tags == ("x", "y", "z")
    assert decision.queue == "b"


def test_what_a_later_section_says_stands(mail: Make) -> None:
    text = """
decide:
  a: [{rule: a, then: {queue: a, type: incident, assignee: one, quarantine: wait, priority: low}}]
  b: [{rule: b, then: {queue: b, type: problem, reject: spam}}]
"""
    decision = run(text, mail())
    assert (decision.queue, decision.type, decision.assignee) == ("b", "problem", "one")
    assert decision.disposal is not None
    assert (decision.disposal.kind, decision.disposal.reason) == ("reject", "spam")
    assert (decision.priority, decision.priority_by) == ("low", "rule a")


@pytest.mark.parametrize(
    ("condition", "facts", "answer"),
    [
        ("{channel: email}", {}, True),
        ("{channel: voicemail}", {}, False),
        ("{channel: [email, voicemail]}", {}, True),
        ("{source: SUPPORT@example.com}", {}, True),
        ("{source: sales@example.com}", {}, False),
        ("{account.known: true}", {"account_id": "acme"}, True),
        ("{account.known: false}", {"account_id": "acme"}, False),
        ("{account.known: false}", {}, True),
        ("{account.id: [acme, harbor]}", {"account_id": "harbor"}, True),
        ("{account.id: Acme}", {"account_id": "acme"}, False),
        ("{account.id: 48213}", {"account_id": "48213"}, True),
        ("{account.plan: 24x7}", {"account_plan": "24x7"}, True),
        ("{account.plan: 24x7}", {}, False),
        ("{contact.known: false}", {}, True),
        ("{contact.known: true}", {"contact_id": "ops@acme.example"}, True),
        ("{contact.authorized: true}", {"contact_authorized": True}, True),
        ("{contact.authorized: false}", {"contact_authorized": False}, True),
        ("{contact.authorized: false}", {}, False),
        ("{contact.authorized: true}", {}, False),
        ("{contact.role: primary}", {"contact_role": "primary"}, True),
        ("{authentication.verdict: [unverified, unknown]}", {"verdict": "unverified"}, True),
        ("{proof: authenticated}", {"verdict": "unverified"}, False),
        ("{from: ops@acme.example}", {"from_address": "OPS@Acme.Example"}, True),
        ('{from: "@acme.example"}', {"from_address": "anyone@acme.example"}, True),
        ('{from: "@acme.example"}', {"from_address": "anyone@sub.acme.example"}, False),
        ('{from: "@acme.example"}', {"from_address": "x@notacme.example"}, False),
        ("{from: ops@acme.example}", {}, False),
        ("{auto-reply: true}", {"is_auto_reply": True}, True),
        ("{bounce: true}", {}, False),
        ("{list: false}", {}, True),
        ("{attachment: true}", {"attachments": ("a.pdf",)}, True),
        ("{attachment: false}", {}, True),
        ('{attachment: "*.exe"}', {"attachments": ("a.pdf", "Setup.EXE")}, True),
        ('{attachment: ["*.exe", "*.js"]}', {"attachments": ("exe.pdf",)}, False),
        ('{attachment: "a.c"}', {"attachments": ("abc",)}, False),
        ('{attachment: "*.exe"}', {"attachments": ("two\nlines\ud800.exe",)}, True),
        ("{claimed_urgency: [urgent, high]}", {"claimed_urgency": "high"}, True),
        ("{claimed_urgency: low}", {}, False),
        ("{says: [down, not working]}", {"subject": "It is NOT working"}, True),
        ("{says: [down]}", {"text": "It is down."}, True),
        ("{subject: [down]}", {"text": "It is down."}, False),
        ("{subject: [down]}", {"subject": "Down again"}, True),
        ("{tag: vip}", {"staff_tags": ("vip",)}, True),
        ("{tag: [a, vip]}", {}, False),
        ("{line.known: false}", {}, False),
        ("{line.known: true}", {}, False),
    ],
)
def test_each_test_answers_what_it_says_of_a_mail(
    mail: Make, condition: str, facts: dict[str, Any], answer: bool
) -> None:
    assert held(condition, mail(**facts)) is answer


LINES = "lines: {help: {number: +15550190, default: true}, private: {number: +15550191}}\n"


@pytest.mark.parametrize(
    ("condition", "called", "answer"),
    [
        ("{line: private}", "+15550191", True),
        ("{line: [help, private]}", "+15550191", True),
        ("{line: help}", "+15550191", False),
        ("{line: help}", "+15550199", True),
        ("{line: help}", None, True),
        ("{line.known: true}", "+15550191", True),
        ("{line.known: false}", "+15550199", True),
        ("{line.known: false}", "+15550190", False),
    ],
)
def test_a_number_that_nobody_named_is_on_the_default_line(
    call: Make, condition: str, called: str | None, answer: bool
) -> None:
    assert held(condition, call(called=called), LINES) is answer


def test_without_a_default_line_an_unknown_number_is_on_no_line(call: Make) -> None:
    text = "lines: {private: {number: +15550191}}\n"
    assert run(text, call(called="+15550199")).line is None
    assert run(text, call(called="+15550191")).line == "private"


def test_a_mail_is_on_no_line_even_to_an_address_that_looks_like_one(mail: Make) -> None:
    assert run(LINES, mail(source="+15550191", called="+15550191")).line is None
    assert not held("{line: [help, private]}", mail(source="+15550191", called="+15550191"), LINES)


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        ("{says: [fax], account.known: true}", True),
        ("{says: [fax], account.known: false}", False),
        ("{all: [{says: [fax]}, {says: [down]}]}", True),
        ("{all: [{says: [fax]}, {says: [up]}]}", False),
        ("{any: [{says: [up]}, {says: [down]}]}", True),
        ("{any: [{says: [up]}, {says: [dead]}]}", False),
        ("{not: {says: [up]}}", True),
        ("{not: {says: [fax], account.known: false}}", True),
        ("{not: {any: [{says: [up]}, {says: [fax]}]}}", False),
        ("{says: [fax], any: [{says: [up]}, {all: [{says: [down]}, {not: {says: [test]}}]}]}", True),
    ],
)
def test_conditions_side_by_side_are_an_all_and_nest_with_any_and_not(mail: Make, condition: str, answer: bool) -> None:
    assert held(condition, mail(text="The fax is down", account_id="acme")) is answer


@pytest.mark.parametrize(
    ("time", "state"), [("07:59", "closed"), ("08:00", "open"), ("16:59", "open"), ("17:00", "closed")]
)
def test_hours_are_asked_at_the_time_received(call: Make, at: Callable[..., Any], time: str, state: str) -> None:
    before = "desk: {zone: America/Chicago}\ncalendars: {office: {mon-fri: 08:00-17:00}}\n"
    assert held(f"{{hours.office: {state}}}", call(received_at=at(f"2026-06-10 {time}")), before)


def test_tags_of_earlier_rules_and_of_staff_can_be_asked_for_but_only_rules_give_tags(mail: Make) -> None:
    text = """
decide:
  a: [{rule: a, when: {tag: vip}, then: {tag: seen}}]
  b: [{rule: b, when: {all: [{tag: seen}, {tag: vip}]}, then: {queue: front}}]
"""
    decision = run(text, mail(staff_tags=("vip",)))
    assert decision.queue == "front"
    assert decision.tags == ("seen",)


CLOCKS = """
desk: {zone: America/Chicago}
calendars: {office: {mon-fri: 08:00-17:00}, always: {mon-sun: 00:00-24:00}}
clocks:
  first-response: {within: 30m, calendar: office}
  callback: {within: {urgent: 30m, medium: 2h}, calendar: office}
"""


def due(decision: Decision) -> dict[str, str]:
    return {clock["name"]: clock["due_at"] for clock in decision.to_json()["clocks"]}


def test_clocks_run_by_the_priority_that_the_rules_settled_on(call: Make) -> None:
    assert due(run(CLOCKS, call())) == {"first-response": "2026-06-10T14:30:00Z", "callback": "2026-06-10T16:00:00Z"}
    rule = "{rule: r, when: {channel: voicemail}, then: {priority: low}}"
    assert due(run(section(rule, before=CLOCKS), call())) == {"first-response": "2026-06-10T14:30:00Z"}


def test_clocks_run_by_the_priority_that_staff_set_whatever_the_rules_would_give(mail: Make) -> None:
    decision = run(CLOCKS, mail(staff_priority="urgent"))
    assert due(decision)["callback"] == "2026-06-10T14:30:00Z"
    # The rules' own answer is still theirs: a mail's priority above medium is a person's, not a rule's.
    assert (decision.priority, decision.priority_by) == ("medium", "default")


def test_a_mail_has_the_same_clocks_as_a_voicemail(mail: Make, call: Make) -> None:
    assert due(run(CLOCKS, mail())) == due(run(CLOCKS, call()))


def test_a_rule_can_change_a_clock_and_turn_one_off(call: Make, at: Callable[..., Any]) -> None:
    rule = "{rule: r, then: {clocks: {callback: {within: 10m, calendar: always}, first-response: off}}}"
    decision = run(section(rule, before=CLOCKS), call(received_at=at("2026-06-13 12:00")))
    assert due(decision) == {"callback": "2026-06-13T17:10:00Z"}


ACTIONS = """
actions:
  discuss: {}
  account-changes: {needs: {proof: authenticated, contact.authorized: true}, else: Needs a proven mail.}
"""


def test_an_action_is_allowed_only_where_what_it_needs_holds(mail: Make) -> None:
    proven = mail(verdict="authenticated", contact_authorized=True)
    assert run(ACTIONS, proven).actions_allowed == ("discuss", "account-changes")
    assert run(ACTIONS, proven).actions_blocked == {}
    for lacking in (replace(proven, verdict="unverified"), replace(proven, contact_authorized=None)):
        decision = run(ACTIONS, lacking)
        assert decision.actions_allowed == ("discuss",)
        assert decision.actions_blocked == {"account-changes": "Needs a proven mail."}


def test_an_action_sees_the_tags_that_the_rules_gave(mail: Make) -> None:
    text = "actions: {a: {needs: {tag: yes-please}, else: No.}}\ndecide: {s: [{rule: r, then: {tag: yes-please}}]}\n"
    assert run(text, mail()).actions_allowed == ("a",)


def test_the_trace_shows_each_rule_with_each_condition_its_line_and_its_value(call: Make) -> None:
    text = """\
phrases: {stopped: [down, dead]}
decide:
  priority:
    - {rule: quiet, when: {not: {says: stopped}}, then: {priority: low}}
    - rule: down
      when:
        channel: voicemail
        any: [{says: stopped}, {account.plan: 24x7}]
      then: {priority: urgent}
    - {rule: rest, then: {tag: unseen}}
"""
    (only,) = run(text, call(text="It is down")).to_json()["trace"]
    assert only["section"] == "priority"
    quiet, down = only["rules"]
    assert (quiet["rule"], quiet["file"], quiet["line"], quiet["holds"], quiet["decided"]) == (
        "quiet",
        "rules.yaml",
        4,
        False,
        False,
    )
    assert quiet["conditions"][0]["parts"][0] == {
        "test": "says",
        "line": 4,
        "wanted": "stopped",
        "value": ["down"],
        "holds": True,
        "parts": [],
    }
    assert (down["line"], down["holds"], down["decided"]) == (5, True, True)
    channel, either = down["conditions"]
    assert (channel["test"], channel["line"], channel["value"], channel["holds"]) == ("channel", 7, "voicemail", True)
    assert [part["holds"] for part in either["parts"]] == [True, False]
    assert either["parts"][1]["value"] is None


def test_actions_are_explained_like_rules(mail: Make) -> None:
    traces = run(ACTIONS, mail(contact_authorized=True)).to_json()["actions_trace"]
    assert [(trace["rule"], trace["holds"]) for trace in traces] == [("discuss", True), ("account-changes", False)]
    assert [condition["holds"] for condition in traces[1]["conditions"]] == [False, True]


def test_a_decision_is_plain_json(tech_line: Any, call: Make) -> None:
    written = decide(tech_line, call(called="+15550191", text="Fax server down")).to_json()
    assert json.loads(json.dumps(written)) == written


def test_a_long_section_decides_as_a_short_one_does_and_shows_what_it_looked_at(mail: Make, call: Make) -> None:
    rules = [f"{{rule: r{n}, when: {{says: [word{n}]}}, then: {{queue: q{n}}}}}" for n in range(LONG * 2)]
    rules.insert(50, "{rule: acme, when: {account.id: acme, tag: vip}, then: {queue: acme}}")
    rules.insert(60, "{rule: bounced, when: {bounce: true}, then: {queue: bounced}}")
    rules.append("{rule: rest, then: {queue: rest}}")
    whole = loads(section(*rules), "rules.yaml")
    plain = replace(whole, sections=tuple(replace(one, index=None) for one in whole.sections))
    assert whole.sections[0].index is not None
    for facts in (
        mail(text="word399 and word70"),
        mail(account_id="acme", text="word300"),
        mail(account_id="acme", staff_tags=("vip",), text="word300"),
        mail(is_bounce=True, text="word3"),
        mail(is_bounce=True, text="word300"),
        call(text="nothing of the kind"),
    ):
        fast, slow = decide(whole, facts), decide(plain, facts)
        assert fast.queue == slow.queue
        looked = fast.trace[0]
        assert looked.rules[-1] == slow.trace[0].rules[-1]
        assert looked.passed_over + len(looked.rules) == len(slow.trace[0].rules)


def test_facts_refuse_a_time_without_a_zone(mail: Make, at: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match="time zone"):
        mail(received_at=at("2026-06-10 09:00").replace(tzinfo=None))
