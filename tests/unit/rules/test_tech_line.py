"""The sentences of one desk's policy, as far as the language goes: what its admin would have the rules file prove."""

from collections.abc import Callable
from typing import Any

import pytest

from rules.decide import decide
from rules.facts import Facts
from rules.ruleset import RuleSet

Make = Callable[..., Facts]
At = Callable[..., Any]
HELP, PRIVATE = "+15550190", "+15550191"


def callback(ruleset: RuleSet, facts: Facts, at: At) -> str:
    (clock,) = [clock for clock in decide(ruleset, facts).clocks if clock.name == "callback"]
    return clock.due_at.astimezone(at("2026-01-01").tzinfo).strftime("%Y-%m-%d %H:%M")


def test_down_at_night_on_the_private_line_is_urgent_and_called_back_at_night(
    tech_line: RuleSet, call: Make, at: At
) -> None:
    facts = call(
        called=PRIVATE,
        received_at=at("2026-01-14 02:05"),
        account_id="harbor",
        account_plan="24x7",
        text="Our fax server is down. Nothing goes out.",
    )
    decision = decide(tech_line, facts)
    assert (decision.priority, decision.priority_by, decision.type) == ("urgent", "rule down", "incident")
    assert callback(tech_line, facts, at) == "2026-01-14 02:35"


def test_the_same_words_by_mail_are_medium_and_wait_for_the_morning(tech_line: RuleSet, mail: Make, at: At) -> None:
    facts = mail(
        received_at=at("2026-01-14 02:05"),
        account_id="harbor",
        account_plan="24x7",
        subject="URGENT fax server down",
        claimed_urgency="urgent",
    )
    decision = decide(tech_line, facts)
    assert (decision.priority, decision.priority_by, decision.type) == ("medium", "rule mail", "incident")
    assert callback(tech_line, facts, at) == "2026-01-14 10:00"


@pytest.mark.parametrize(
    ("line", "received", "plan", "says", "due"),
    [
        (PRIVATE, "2026-06-12 18:20", "standard", "Fax server stopped", "2026-06-15 08:30"),
        (PRIVATE, "2026-06-10 16:59", "24x7", "All faxing stopped", "2026-06-11 08:29"),
        (PRIVATE, "2026-06-10 17:00", "24x7", "Hello?", "2026-06-10 17:30"),
        (PRIVATE, "2026-06-10 17:00", None, "Hello?", "2026-06-10 17:30"),
        (HELP, "2026-06-12 16:30", "standard", "One user cannot see a cover page.", "2026-06-15 09:30"),
        (HELP, "2026-06-10 09:00", "standard", "How do I add a user?", "2026-06-11 09:00"),
    ],
)
def test_callbacks_are_due_as_the_policy_says(
    tech_line: RuleSet, call: Make, at: At, line: str, received: str, plan: str | None, says: str, due: str
) -> None:
    account = None if plan is None else "acme"
    facts = call(called=line, received_at=at(received), account_id=account, account_plan=plan, text=says)
    assert callback(tech_line, facts, at) == due


def test_a_stranger_is_looked_up(tech_line: RuleSet, call: Make) -> None:
    decision = decide(tech_line, call(text="How do I add a user?"))
    assert (decision.tags, decision.queue) == (("needs-lookup",), "look-up")
    assert (decision.priority, decision.type) == ("low", "service-request")


def test_what_limps_is_high_and_what_only_concerns_a_test_server_is_not(tech_line: RuleSet, call: Make) -> None:
    assert decide(tech_line, call(text="Production is slow today")).priority == "high"
    assert decide(tech_line, call(text="Our test server is slow today")).priority == "medium"


def test_a_contact_without_authority_is_filed_and_marked(tech_line: RuleSet, mail: Make) -> None:
    decision = decide(
        tech_line, mail(account_id="acme", contact_id="x", contact_authorized=False, verdict="authenticated")
    )
    assert (decision.tags, decision.queue) == (("not-authorized",), "tech")
    assert decision.actions_allowed == ("discuss",)


def test_unproven_mail_changes_nothing(tech_line: RuleSet, mail: Make) -> None:
    known = {"account_id": "acme", "contact_id": "x", "contact_authorized": True, "contact_role": "primary"}
    unproven = decide(tech_line, mail(verdict="unverified", text="Reset our password", **known))
    assert unproven.actions_allowed == ("discuss",)
    assert set(unproven.actions_blocked) == {"credentials", "account-changes"}
    proven = decide(tech_line, mail(verdict="authenticated", text="Reset our password", **known))
    assert proven.actions_allowed == ("discuss", "credentials", "account-changes")


def test_nothing_said_on_the_phone_is_proof(tech_line: RuleSet, call: Make) -> None:
    facts = call(account_id="acme", contact_id="x", contact_authorized=True, contact_role="primary", text="Reset it")
    assert decide(tech_line, facts).actions_allowed == ("discuss",)
