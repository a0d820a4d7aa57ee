"""What `check` says of rules that load: what is odd about them, whom they ask for in vain, and how their tests end."""

from pathlib import Path

import pytest

from inboxd.preflight.policy import policy
from inboxd.settings import load

RULES = """\
decide:
  who:
    - {rule: gold, when: {account.plan: gold}, then: {queue: gold}}
    - {rule: all, then: {queue: support}}
    - {rule: late, when: {says: [down]}, then: {tag: late}}
tests:
  - {test: everybody waits somewhere, mail: {}, expect: {queue: support}}
"""
ACCOUNTS = """\
accounts:
  - {id: acme, name: Acme, plan: PLAN, contacts: [{name: Operations, addresses: [ops@acme.example]}]}
"""


@pytest.fixture
def found(tmp_path: Path):
    def look(rules: str = RULES, plan: str = "gold") -> list[tuple[str, str]]:
        (tmp_path / "rules.yaml").write_text(rules)
        (tmp_path / "accounts.yaml").write_text(ACCOUNTS.replace("PLAN", plan))
        (tmp_path / "inboxd.yaml").write_text("rules: rules.yaml\naccounts: accounts.yaml\n")
        told = policy(load(tmp_path / "inboxd.yaml"))
        return [(each.level, str(each).replace(f"{tmp_path}/", "")) for each in told]

    return look


def test_rules_that_never_decide_and_tests_that_hold_are_told(found) -> None:
    told = found()
    assert (
        "warning",
        'rules.yaml:5: rule "late" never decides: "all" on line 4 always holds, and ends the section',
    ) in told
    assert ("ok", "rules.yaml: 1 test holds") in told
    assert not any("no account has it" in what for _, what in told)


def test_a_plan_that_nobody_has_any_more_is_named_at_the_rule_that_asks_for_it(found) -> None:
    assert (
        "warning",
        'rules.yaml:3: rule "gold" asks for the plan gold, and no account has it; `plans: […]` would name them all',
    ) in found(plan="silver")


def test_a_plan_that_the_rules_file_names_no_more_is_a_mistake_wherever_it_is_asked_for(found) -> None:
    assert ("wrong", 'rules.yaml:4:41: unknown plan "gold"; only "silver" is allowed here') in found(
        f"plans: [silver]\n{RULES}", plan="silver"
    )


def test_a_test_that_comes_out_otherwise_fails_the_check_and_says_why(found) -> None:
    told = found(RULES.replace("expect: {queue: support}", "expect: {queue: gold}"))
    (failed,) = [what for level, what in told if level == "failed"]
    assert failed == (
        'rules.yaml:7: test "everybody waits somewhere": queue is support, and gold is expected (these rules held: all '
        "(rules.yaml:4))"
    )


def test_lists_of_a_test_are_told_as_they_stand_in_the_file(found) -> None:
    told = found(RULES.replace("expect: {queue: support}", "expect: {tags: [gold, late]}"))
    (failed,) = [what for level, what in told if level == "failed"]
    assert "tags is [], and [gold, late] is expected" in failed


def test_whoever_may_override_and_is_not_of_the_staff_is_named(found) -> None:
    actions = "actions: {access: {needs: {proof: authenticated}, else: Prove it., override: [nobody-here]}}\n"
    told = [what for level, what in found(actions + RULES) if level == "warning"]
    assert any('"access" names nobody-here' in what for what in told)


def test_accounts_at_which_nobody_can_be_asked_are_told_where_rules_want_to_ask(found) -> None:
    asks = "decide: {answer: [{rule: ask, when: {channel: voicemail}, then: {confirm: true}}]}\n"
    told = [what for level, what in found(asks, "null") if level == "warning" and "nobody can be asked" in what]
    assert len(told) == 1
    assert "1 account (acme) without an authorised contact of the role primary" in told[0]
    assert not [what for _, what in found("", "null") if "nobody can be asked" in what]
