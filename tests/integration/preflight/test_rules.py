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
    def look(rules: str = RULES, plan: str = "gold", more: str = "") -> list[tuple[str, str]]:
        (tmp_path / "rules.yaml").write_text(rules)
        (tmp_path / "accounts.yaml").write_text(ACCOUNTS.replace("PLAN", plan))
        (tmp_path / "inboxd.yaml").write_text(f"rules: rules.yaml\naccounts: accounts.yaml\n{more}")
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
        'rules.yaml:3:41: no account has the plan "gold"; there is "silver" (`plans: […]` would name all there may be)',
    ) in found(plan="silver")


NAMES = """\
decide:
  who:
    - {rule: one,  when: {account.id: [acme, acne]}, then: {queue: tech}}
    - {rule: two,  when: {contact.role: primry}, then: {queue: tehc, assignee: engineer-2}}
  then-what:
    - {rule: here, when: {queue: tech},    then: {tag: here}}
    - {rule: gone, when: {queue: [tech, support]}, then: {tag: gone}}
"""
STAFF = "staff: [{name: engineer-1, login: eng1, addresses: [engineer-1@example.com], queues: [tech], notify: true}]\n"


def test_names_that_nobody_has_are_told_with_their_place_and_what_there_is(found) -> None:
    told = [what for level, what in found(NAMES, more=STAFF) if level == "warning"]
    assert told == [
        'rules.yaml:3:46: no account "acne" is on file; did you mean "acme"?',
        'rules.yaml:4:41: no contact has the role "primry"',
        'rules.yaml:4:64: nobody of `staff` takes notices of the queue "tehc"; did you mean "tech"?',
        'rules.yaml:4:80: nobody of `staff` is called "engineer-2"; did you mean "engineer-1"?',
        'rules.yaml:7:41: no rule gives the queue "support"; there are "tech", "tehc"',
    ]


def test_without_staff_nobody_of_it_is_missed(found) -> None:
    assert [what.split(":")[1] for level, what in found(NAMES) if level == "warning"] == ["3", "4", "7"]
    assert not [what for _, what in found(NAMES) if "staff" in what]


def test_a_plan_that_the_rules_file_names_no_more_is_a_mistake_wherever_it_is_asked_for(found) -> None:
    assert ("wrong", 'rules.yaml:4:41: unknown plan "gold"; only "silver" is allowed here') in found(
        f"plans: [silver]\n{RULES}", plan="silver"
    )


@pytest.mark.parametrize(("zone", "differs"), [("UTC", 0), ("Etc/UTC", 0), ("Europe/London", 1)])
def test_a_zone_that_goes_otherwise_is_told_and_not_another_name_of_the_same(found, zone: str, differs: int) -> None:
    told = found(f"desk: {{zone: {zone}}}\n{RULES}", more="desk: {zone: Etc/UTC}\n")
    assert len([what for _, what in told if "say the same in both" in what]) == differs


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
    assert any("1:79: `override` names nobody-here" in what for what in told)


def test_accounts_at_which_nobody_can_be_asked_are_told_where_rules_want_to_ask(found) -> None:
    asks = "decide: {answer: [{rule: ask, when: {channel: voicemail}, then: {confirm: true}}]}\n"
    told = [what for level, what in found(asks, "null") if level == "warning" and "nobody can be asked" in what]
    assert len(told) == 1
    assert "1 account (acme) without an authorised contact of the role primary" in told[0]
    assert not [what for _, what in found("", "null") if "nobody can be asked" in what]


def test_a_greeting_that_nobody_wrote_and_a_receipt_that_is_off_are_told_at_their_places(found) -> None:
    rules = """\
lines: {help: {number: +15550190, greeting: {open: leave-a-mesage, closed: closed-until}}}
decide: {answer: [{rule: none, then: {template: off}}]}
"""
    phone = f"twilio: {{account_sid: AC{'0' * 32}, auth_token_file: token}}\n"
    told = [what for level, what in found(rules, more=phone) if level == "wrong"]
    assert [what.partition(" (")[0] for what in told] == [
        'rules.yaml:2:49: no template "off"; for no receipt write acknowledge: off',
        'rules.yaml:1:52: no greeting "leave-a-mesage"; did you mean "leave-a-message"?',
    ]
