from pathlib import Path

import pytest

from rules.findings import MOST, findings
from rules.load import load, loads

HEAD = """\
desk: {zone: UTC}
plans: [standard, 24x7]
lines: {help: {number: +15550190, default: true}}
calendars: {office: {mon-fri: 08:00-17:00}}
phrases: {down: [down], slow: [slow]}
decide:
  s:
"""


def told(*rules: str) -> list[str]:
    text = HEAD + "".join(f"    - {rule}\n" for rule in rules)
    return [f"{each.line}: {each.message}" for each in findings(loads(text, "rules.yaml"))]


@pytest.mark.parametrize(
    "when",
    [
        "{channel: email, line: help}",
        "{channel: email, caller.withheld: true}",
        "{channel: voicemail, from: ops@acme.example}",
        "{channel: voicemail, all: [{bounce: true}, {says: down}]}",
        "{account.known: false, account.plan: 24x7}",
        "{account.known: false, contact.authorized: false}",
        "{contact.known: false, contact.role: primary}",
        "{account.plan: standard, any: [{says: down}], all: [{account.plan: 24x7}]}",
        "{all: [{hours.office: open}, {hours.office: closed}]}",
        "{says: down, not: {says: down}}",
        "{says: slow, all: [{says: down}, {not: {all: [{says: down}]}}]}",
        "{any: [{channel: email, line: help}, {account.known: false, account.id: a}]}",
        "{all: [{proof: failed}, {proof: [authenticated, unverified]}]}",
    ],
)
def test_a_rule_that_no_message_can_meet_is_told_with_both_conditions(when: str) -> None:
    (found,) = told(f"{{rule: r, when: {when}, then: {{tag: a}}}}")
    assert found.startswith('8: rule "r" can never hold: ')
    assert found.count("(line 8)") == 2


@pytest.mark.parametrize(
    "when",
    [
        "{channel: [email, voicemail], line: help}",
        "{channel: voicemail, bounce: false}",
        "{account.known: true, account.plan: 24x7}",
        "{account.known: false, not: {account.plan: 24x7}}",
        "{says: down, all: [{says: slow}]}",
        "{all: [{tag: a}, {tag: b}]}",
        "{all: [{proof: [failed, unverified]}, {proof: [authenticated, unverified]}]}",
        "{any: [{channel: email, line: help}, {says: down}]}",
        "{not: {channel: email, line: help}}",
    ],
)
def test_a_rule_that_some_message_can_meet_is_not(when: str) -> None:
    assert told(f"{{rule: r, when: {when}, then: {{tag: a}}}}") == []


def test_a_rule_behind_one_that_ends_the_section_whenever_it_could_hold_is_told_with_both_lines() -> None:
    assert told(
        "{rule: a, when: {says: down}, then: {queue: x}}",
        "{rule: b, when: {line: help, says: down}, then: {queue: y}}",
        "{rule: c, when: {says: slow}, continue: true, then: {tag: x}}",
        "{rule: d, when: {says: slow}, then: {queue: y}}",
        "{rule: e, then: {queue: z}}",
        "{rule: f, when: {says: [else]}, then: {tag: t}}",
    ) == [
        (
            '9: rule "b" never decides: "a" on line 8 holds whenever this one does, and ends the section '
            "(queue x there, y here)"
        ),
        '13: rule "f" never decides: "e" on line 12 always holds, and ends the section',
    ]


@pytest.mark.parametrize(
    ("before", "when", "told_so"),
    [
        (["any: [{says: down}, {says: slow}]"], "says: slow", '"e0" on line 8 holds whenever this one does'),
        (["not: {says: down}"], "not: {any: [{says: slow}, {says: down}]}", '"e0" on line 8 holds whenever'),
        (["not: {not: {says: down}}"], "says: down, line: help", '"e0" on line 8 holds whenever this one does'),
        (["channel: [email, voicemail]"], "says: down", '"e0" on line 8 holds whenever this one does'),
        (["says: down"], "subject: down", '"e0" on line 8 holds whenever this one does'),
        (["account.open-tickets: {at-least: 1}"], "account.open-tickets: {at-least: 3}", '"e0" on line 8 holds'),
        (["from: '@acme.example'"], "from: Ops@ACME.example", '"e0" on line 8 holds whenever this one does'),
        (["not: {account.plan: 24x7}"], "account.known: false", '"e0" on line 8 holds whenever this one does'),
        (["day.office: working"], "hours.office: open", '"e0" on line 8 holds whenever this one does'),
        (["channel: email", "channel: voicemail"], "says: down", 'of "e0" on line 8, "e1" on line 9 one always holds'),
        (["hours.office: open", "hours.office: closed"], "tag: x", 'of "e0" on line 8, "e1" on line 9 one always'),
        (["says: down", "not: {says: down}"], "line: help", 'of "e0" on line 8, "e1" on line 9 one always holds'),
        (["tag: a", "says: down", "not: {says: down}"], "tag: b", 'of "e1" on line 9, "e2" on line 10 one always'),
    ],
)
def test_a_rule_is_shadowed_through_any_and_not_and_by_several_together(
    before: list[str], when: str, told_so: str
) -> None:
    rules = [f"{{rule: e{at}, when: {{{each}}}, then: {{}}}}" for at, each in enumerate(before)]
    (found,) = told(*rules, f"{{rule: r, when: {{{when}}}, then: {{tag: z}}}}")
    assert f'rule "r" never decides: {told_so}' in found


@pytest.mark.parametrize(
    ("before", "when"),
    [
        (["says: down"], "any: [{says: down}, {says: slow}]"),
        (["subject: down"], "says: down"),
        (["account.known: true", "account.ambiguous: true"], "says: down"),
        (["channel: email", "line: help"], "says: down"),
        (["contact.authorized: true", "contact.authorized: false"], "says: down"),
        (["line.known: true", "line.known: false"], "says: down"),
        (["proof: authenticated"], "authentication.verdict: unverified"),
        (["from: ops@acme.example"], "from: '@acme.example'"),
        (["account.open-tickets: {at-least: 3}"], "account.open-tickets: {at-most: 3}"),
        (["account.plan: standard", "account.plan: 24x7"], "account.known: true"),
    ],
)
def test_a_rule_that_some_message_still_comes_to_is_not_called_shadowed(before: list[str], when: str) -> None:
    rules = [f"{{rule: e{at}, when: {{{each}}}, then: {{}}}}" for at, each in enumerate(before)]
    assert told(*rules, f"{{rule: r, when: {{{when}}}, then: {{tag: z}}}}") == []


def test_what_rules_between_have_given_is_no_longer_what_was_asked_before() -> None:
    assert (
        told(
            "{rule: a, when: {tag: x}, then: {queue: q}}",
            "{rule: b, continue: true, then: {tag: x}}",
            "{rule: c, when: {tag: x}, then: {queue: r}}",
        )
        == []
    )


def test_two_rules_of_one_section_contradict_where_the_first_goes_on() -> None:
    (found,) = told(
        "{rule: a, when: {says: down}, continue: true, then: {queue: x}}",
        "{rule: b, when: {says: down}, then: {queue: y}}",
    )
    assert found == (
        '9: rule "b" gives queue y, and "a" on line 8 gives x under the same conditions; the later rule stands'
    )


def test_the_order_of_what_stands_side_by_side_does_not_hide_a_shadow() -> None:
    (found,) = told(
        "{rule: a, when: {any: [{says: down}, {says: slow}], line: help}, then: {}}",
        "{rule: b, when: {line: help, any: [{says: slow}, {says: down}]}, then: {}}",
    )
    assert '"b" never decides: "a" on line 8' in found


def test_rules_of_two_sections_that_contradict_under_the_same_conditions_are_told_with_both_lines() -> None:
    (found,) = told(
        "{rule: a, when: {says: down, line: help}, then: {queue: x, priority: low}}",
        "{rule: b, then: {queue: x}}",
    ) or [""]
    assert found == ""
    text = (
        HEAD
        + "    - {rule: a, when: {says: down, line: help}, then: {priority: urgent, queue: x}}\n"
        + "  t:\n    - {rule: b, when: {line: help, says: down}, then: {priority: low, queue: x}}\n"
    )
    (contradiction,) = findings(loads(text, "rules.yaml"))
    assert str(contradiction) == (
        'rules.yaml:10: rule "b" gives priority low, and "a" of section s on line 8 gives urgent under the same '
        "conditions; the later section stands"
    )


def test_places_in_other_files_are_named_with_their_file(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("decide: {s: [{rule: a, when: {tag: x}, then: {queue: x}}]}\n")
    path = tmp_path / "rules.yaml"
    path.write_text("include: base.yaml\ndecide: {t: [{rule: b, when: {tag: x}, then: {queue: y}}]}\n")
    (found,) = findings(load(path))
    assert found.file == str(path)
    assert 'and "a" of section s in base.yaml:1 gives x' in found.message


def test_every_name_of_what_stands_outside_of_the_file_is_given_with_its_place() -> None:
    text = """\
lines: {help: {number: +15550190, greeting: hello}}
actions: {access: {needs: {contact.role: primary}, else: No., override: [lead]}}
decide:
  s:
    - rule: r
      when: {not: {any: [{account.plan: [b, a]}, {account.id: acme}, {queue: tech}]}}
      then: {queue: tech, assignee: engineer-1, acknowledge: receipt, tell: [receipt]}
    - {rule: again, when: {account.id: acme}, then: {queue: tech, acknowledge: off, template: receipt}}
"""
    assert [(use.kind, use.name, use.line, use.column) for use in loads(text, "rules.yaml").outside] == [
        ("greeting", "hello", 1, 45),
        ("role", "primary", 2, 42),
        ("approver", "lead", 2, 74),
        ("plan", "b", 6, 42),
        ("plan", "a", 6, 45),
        ("account", "acme", 6, 63),
        ("queue asked for", "tech", 6, 78),
        ("queue", "tech", 7, 21),
        ("person", "engineer-1", 7, 37),
        ("template", "receipt", 7, 62),
        ("template", "receipt", 7, 78),
        ("template", "receipt", 8, 95),
    ]


def test_no_more_is_told_than_anybody_reads() -> None:
    rules = "".join(f"    - {{rule: r{number}, then: {{}}}}\n" for number in range(300))
    told = findings(loads(HEAD + rules, "rules.yaml"))
    assert len(told) == MOST
    assert told[-1].message == "… and 200 more of the kind; mend these first"
