"""What is told of rules that never hold or never decide is certain: over generated files, no message belies it."""

import json
import random
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rules.decide import decide
from rules.facts import Facts
from rules.findings import findings
from rules.load import loads

HEAD: dict[str, Any] = {
    "desk": {"zone": "UTC"},
    "lines": {"help": {"number": "+15550190", "default": True}, "private": {"number": "+15550191"}},
    "calendars": {"office": {"mon-fri": "08:00-17:00", "closed": ["2026-06-10"]}},
    "phrases": {"down": ["down"], "slow": ["slow*"]},
}
TESTS: list[tuple[str, list[Any]]] = [
    ("channel", ["email", "voicemail", ["email", "voicemail"]]),
    ("line", ["help", "private", ["help", "private"]]),
    ("line.known", [True, False]),
    ("caller", ["+15550101", ["+15550101", "+15550102"]]),
    ("caller.withheld", [True, False]),
    ("from", ["ops@acme.example", "@acme.example", ["@acme.example", "x@other.example"]]),
    ("account.known", [True, False]),
    ("account.ambiguous", [True, False]),
    ("account.id", ["acme", ["acme", "harbor"]]),
    ("account.plan", ["standard", "24x7"]),
    ("account.open-tickets", [0, 2, {"at-least": 1}, {"at-most": 2}, {"at-least": 1, "at-most": 2}]),
    ("contact.known", [True, False]),
    ("contact.authorized", [True, False]),
    ("contact.role", ["primary", ["primary", "user"]]),
    ("proof", ["authenticated", "none", ["unverified", "authenticated"]]),
    ("authentication.verdict", ["authenticated", "none", ["unverified", "failed"]]),
    ("says", ["down", "slow", ["other"]]),
    ("subject", ["down", ["other"]]),
    ("body", ["down", "slow"]),
    ("matches", ["down", "o.her"]),
    ("subject.matches", ["down"]),
    ("subject.only", ["down", ["other"]]),
    ("attachment", [True, False, "*.exe", "a.*"]),
    ("bounce", [True, False]),
    ("bounce.kind", ["failed", ["failed", "delayed"]]),
    ("auto-reply", [True, False]),
    ("claimed_urgency", ["urgent", "low"]),
    ("transcript", ["words", ["pending", "words"]]),
    ("hours.office", ["open", "closed"]),
    ("day.office", ["working", "free", ["free", "holiday"]]),
    ("tag", ["a", "b", ["a", "b"]]),
    ("queue", ["q", "r"]),
    ("type", ["incident", ["incident", "problem"]]),
    ("priority", ["low", "medium", ["low", "medium"]]),
]


def condition(hand: random.Random, depth: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(hand.choice([1, 1, 2])):
        kind = hand.choice(["all", "any", "any", "not"]) if depth < 2 and hand.random() < 0.4 else ""
        if kind == "not":
            found[kind] = condition(hand, depth + 1)
        elif kind:
            found[kind] = [condition(hand, depth + 1) for _ in range(hand.randint(1, 2))]
        else:
            name, values = hand.choice(TESTS[:12] if hand.random() < 0.5 else TESTS)
            found[name] = hand.choice(values)
    return found


def rules(hand: random.Random) -> list[dict[str, Any]]:
    effects: list[dict[str, Any]] = [{}, {"tag": "a"}, {"tag": "b"}, {"queue": "q"}, {"type": "incident"}]
    return [
        {"rule": f"r{at}", "then": hand.choice([*effects, {"priority": "low"}]), "continue": hand.random() < 0.3}
        | ({"when": condition(hand)} if hand.random() < 0.97 else {})
        for at in range(hand.randint(2, 6))
    ]


def message(hand: random.Random) -> Facts:
    known, pick = hand.random() < 0.6, hand.choice
    contact = known and hand.random() < 0.7
    facts: dict[str, Any] = {
        "received_at": datetime(2026, 6, 8, 5, tzinfo=UTC) + timedelta(hours=hand.randrange(24 * 7)),
        "account_id": pick(["acme", "harbor", "else"]) if known else None,
        "account_plan": pick([None, "standard", "24x7"]) if known else None,
        "candidates": 1 if known else pick([0, 2]),
        "contact_id": "somebody" if contact else None,
        "contact_authorized": pick([True, False]) if contact else None,
        "contact_role": pick([None, "primary", "user", "else"]) if contact else None,
        "open_tickets": hand.randrange(4),
        "confirmed": hand.random() < 0.2,
        "text": pick(["", "down", "slower", "other", "down and slow"]),
        "staff_tags": pick([(), (), ("a",), ("b",)]),
        "staff_type": pick([None, "incident", "problem"]),
        "staff_queue": pick([None, "q", "r"]),
        "staff_priority": pick([None, "low", "high"]),
    }
    if hand.random() < 0.5:
        bounce = pick([None, None, "failed", "delayed"])
        return Facts(
            channel="email",
            source="support@example.com",
            verdict=pick(["authenticated", "unverified", "failed", "unknown"]),
            from_address=pick([None, "Ops@acme.example", "x@acme.example", "x@other.example", "y@third.example"]),
            subject=pick(["", "down", "other", "It is down"]),
            is_bounce=bounce is not None or hand.random() < 0.2,
            bounce_kind=bounce,
            is_auto_reply=hand.random() < 0.3,
            attachments=pick([(), ("a.exe",), ("a.txt",), ("b.txt", "b.exe")]),
            claimed_urgency=pick([None, "urgent", "low"]),
            **facts,
        )
    caller = pick([None, "+15550101", "+15550102", "+15550103"])
    called = pick(["+15550190", "+15550191", "+15550199"])
    return Facts(
        channel="voicemail",
        source=called,
        called=called,
        caller=caller,
        caller_withheld=caller is None,
        verdict="none",
        transcript=pick(["pending", "words", "no-words"]),
        **facts,
    )


@pytest.mark.parametrize("seed", range(4))
def test_no_message_comes_to_a_rule_of_which_it_is_told_that_none_does(seed: int) -> None:
    hand = random.Random(seed)
    messages = [message(hand) for _ in range(250)]
    told = 0
    for _ in range(60):
        text = json.dumps(HEAD | {"decide": {"s": rules(hand)}})
        ruleset = loads(text, "rules.yaml")
        dead = {
            found[1]
            for each in findings(ruleset)
            if (found := re.match(r'rule "(\w+)" (?:can never|never)', each.message)) is not None
        }
        told += len(dead)
        if not dead:
            continue
        for facts in messages:
            held = {rule.rule for section in decide(ruleset, facts).trace for rule in section.rules if rule.holds}
            assert not held & dead, (text, facts)
    assert told > 20
