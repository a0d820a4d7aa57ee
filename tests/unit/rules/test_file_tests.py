"""Tests that stand in a rules file: read with their mistakes, run, and those that fail."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from inboxd.message.urgency import in_words
from rules.expectations import EXPECTATIONS
from rules.facts import Earlier, Facts
from rules.file_tests import TestResult, run
from rules.load import loads

FILE = """\
desk: {zone: America/Chicago}
plans: [standard, 24x7]
lines: {help: {number: +15550190, default: true}, private: {number: +15550191}}
calendars: {office: {mon-fri: 08:00-17:00}}
clocks: {callback: {within: {urgent: 30m, medium: 2h}, calendar: office}}
actions: {discuss: {}, credentials: {needs: {proof: authenticated}, else: Needs proof.}}
decide:
  priority:
    - {rule: mail, when: {channel: email}, then: {priority: medium}}
    - {rule: down, when: {says: [down]}, then: {priority: urgent, type: incident}}
  tags:
    - {rule: nobody, when: {account.known: false}, then: {tag: [needs-lookup, stranger], queue: look-up}}
    - {rule: unproven, when: {proof: unverified}, then: {confirm: true}}
tests:
"""


def results(*tests: str) -> list[TestResult]:
    lines = "".join(f"  - {test}\n" for test in tests)
    return list(run(loads(FILE + lines, "rules.yaml"), in_words))


def given(test: str) -> Facts:
    (found,) = loads(f"{FILE}  - {{test: t, {test}, expect: {{pages: 0}}}}\n", "rules.yaml").tests
    return found.facts


def test_what_comes_out_as_expected_holds() -> None:
    outcome = results(
        "{test: a, call: {at: 2026-06-12 16:30, says: It is down}, "
        "expect: {priority: urgent, type: incident, callback: 2026-06-12 17:00, pages: 0, oncall: null}}",
        "{test: b, mail: {subject: URGENT, says: It is down}, expect: {priority: medium, claimed_urgency: urgent}}",
        "{test: c, mail: {proof: unverified},"
        " expect: {allowed: discuss, blocked: [credentials], outbox: confirmation}}",
        "{test: d, call: {account: null}, expect: {tags: [stranger, needs-lookup], queue: look-up, outbox: []}}",
        "{test: e, mail: {auto-reply: true}, expect: {outbox: [], type: null, assignee: null}}",
    )
    assert [(each.test, each.differences) for each in outcome] == [(name, ()) for name in "abcde"]


@pytest.mark.parametrize(
    ("test", "goes_out"),
    [
        ("mail: {}", "[acknowledgement]"),
        ("mail: {proof: unverified}", "[confirmation]"),
        ("mail: {proof: unverified, account: null}", "[acknowledgement]"),
        ("mail: {proof: failed}", "[]"),
        ("mail: {list: true}", "[]"),
        ("call: {}", "[confirmation]"),
        ("call: {contact: null}", "[confirmation]"),
        ("call: {account: null}", "[]"),
        ("call: {says: quietly}", "[]"),
        ("call: {contact: null, says: quick receipt}", "[]"),
        ("call: {says: quick receipt}", "[acknowledgement]"),
    ],
)
def test_what_goes_out_is_what_the_rules_want_for_whom_it_can_reach(test: str, goes_out: str) -> None:
    rules = """
desk: {zone: UTC}
decide:
  a:
    - {rule: quiet, when: {says: [quietly]}, then: {acknowledge: off}}
    - {rule: quick, when: {says: [quick receipt]}, then: {acknowledge: received}}
    - {rule: ask, then: {confirm: true}}
tests:
"""
    text = f"{rules}  - {{test: t, {test}, expect: {{outbox: {goes_out}}}}}\n"
    (outcome,) = run(loads(text, "rules.yaml"), in_words)
    assert outcome.differences == ()


def test_what_comes_out_otherwise_is_told_with_its_line_and_its_reason() -> None:
    (outcome,) = results(
        "{test: a, call: {at: 2026-06-12 16:30, says: It is down},\n"
        "     expect: {priority: high, callback: 2026-06-15 08:30, tags: [x], pages: 1}}"
    )
    assert not outcome.holds
    assert [(each.key, each.line, each.wanted, each.got) for each in outcome.differences] == [
        ("priority", 16, "high", "urgent"),
        ("callback", 16, "2026-06-15 08:30", "2026-06-12 17:00"),
        ("tags", 16, ("x",), ()),
        ("pages", 16, 1, 0),
    ]
    because = [each.because or "" for each in outcome.differences]
    assert because[0] == "rule down in priority (rules.yaml:10)"
    assert "30m of office (America/Chicago), received Fri 2026-06-12 16:30 (open)" in because[1]
    assert because[2] == "these rules held: down (rules.yaml:10)"


def test_a_priority_that_the_law_kept_down_says_so() -> None:
    text = FILE.replace("{rule: down,", "{rule: down, continue: true,")
    (found,) = run(loads(text + "  - {test: a, mail: {}, expect: {priority: urgent}}\n", "r"), in_words)
    assert found.differences[0].because == "rule mail in priority (r:9)"


def test_what_a_test_leaves_out_is_as_it_usually_is() -> None:
    mail = given("mail: {}")
    assert mail.received_at == datetime(2026, 6, 10, 10, tzinfo=ZoneInfo("America/Chicago"))
    assert (mail.account_id, mail.account_plan, mail.verdict) == ("customer", None, "authenticated")
    assert (mail.contact_authorized, mail.contact_role, mail.identified_by) == (True, "primary", "from-address")
    call = given("call: {}")
    assert (call.called, call.verdict, call.transcript) == ("+15550190", "none", "no-words")
    stranger = given("mail: {account: null}")
    assert (stranger.account_id, stranger.contact_id, stranger.verdict) == (None, None, "unknown")
    assert stranger.contact_authorized is None


PAGE = Earlier(kind="page", of="desk", at=datetime(2026, 6, 10, 9, tzinfo=ZoneInfo("America/Chicago")), rule="r")
CASES: list[tuple[str, dict[str, Any]]] = [
    ("call: {line: private, says: Down}", {"called": "+15550191", "text": "Down", "transcript": "words"}),
    ("call: {called: +15550199}", {"called": "+15550199"}),
    ("call: {caller: null}", {"caller": None, "caller_withheld": True}),
    ("call: {caller.withheld: true}", {"caller": None, "caller_withheld": True}),
    ("call: {transcript: pending}", {"transcript": "pending"}),
    ("mail: {plan: 24x7, account: acme}", {"account_plan": "24x7", "account_id": "acme"}),
    ("mail: {contact: null}", {"contact_id": None, "contact_role": None, "account_id": "customer"}),
    ("mail: {contact.authorized: false, contact.role: user}", {"contact_authorized": False, "contact_role": "user"}),
    ("mail: {from: ops@acme.example, subject: Hi}", {"from_address": "ops@acme.example", "subject": "Hi"}),
    ("mail: {proof: failed}", {"verdict": "failed"}),
    ("mail: {confirmed: true}", {"confirmed": True}),
    ("mail: {bounce.kind: delayed}", {"is_bounce": True, "bounce_kind": "delayed"}),
    ("mail: {list: true, forwarded: true}", {"is_list": True, "forwarded": True}),
    ("mail: {attachment: a.exe, attachment.type: [x/y]}", {"attachments": ("a.exe",), "attachment_types": ("x/y",)}),
    ("mail: {attachment.dangerous: true}", {"dangerous_attachment": True}),
    ("mail: {claimed_urgency: low}", {"claimed_urgency": "low"}),
    ("mail: {authentication.spf: fail}", {"spf": "fail"}),
    ("mail: {reference.quoted: true, callback.made: 2}", {"reference_quoted": True, "calls_made": 2}),
    ("mail: {account.open-tickets: 3, candidates: 2}", {"open_tickets": 3, "candidates": 2}),
    ("mail: {tag: beyond-scope, priority: low}", {"staff_tags": ("beyond-scope",), "staff_priority": "low"}),
    ("mail: {type: incident, queue: tech}", {"staff_type": "incident", "staff_queue": "tech"}),
    ("call: {earlier: [{what: page, of: desk, at: 2026-06-10 09:00, rule: r}]}", {"earlier": (PAGE,)}),
]


@pytest.mark.parametrize(("test", "facts"), CASES, ids=[test for test, _ in CASES])
def test_what_a_test_gives_is_what_the_rules_see(test: str, facts: dict[str, Any]) -> None:
    seen = given(test)
    assert {name: getattr(seen, name) for name in facts} == facts


def test_a_file_of_more_tests_than_anybody_reads_is_refused_in_one_sentence(
    mistakes: Callable[[str], list[str]],
) -> None:
    tests = "".join(f"  - {{test: t{number}, mail: {{}}, expect: {{pages: 0}}}}\n" for number in range(2002))
    assert mistakes(FILE + tests) == ["rules.yaml:2015:5: a file has at most 2000 tests"]


@pytest.mark.parametrize("key", EXPECTATIONS)
def test_each_key_of_expect_can_hold_and_can_differ(key: str) -> None:
    values = {
        "priority": ("medium", "low"), "type": ("null", "problem"), "claimed_urgency": ("null", "low"),
        "tags": ("[]", "[x]"), "allowed": ("[discuss, credentials]", "[discuss]"), "blocked": ("[]", "[discuss]"),
        "pages": ("0", "1"), "outbox": ("[acknowledgement]", "[page]"), "confirm": ("false", "true"),
        "tell": ("[]", "[x]"), "notice": ("[]", "[x]"), "behind": ("false", "true"),
    }  # fmt: skip
    right, wrong = values.get(key, ("null", "x"))
    (one, other) = results(
        f"{{test: a, mail: {{}}, expect: {{{key}: {right}}}}}", f"{{test: b, mail: {{}}, expect: {{{key}: {wrong}}}}}"
    )
    assert one.holds
    assert not other.holds
