import os
from pathlib import Path

import pytest

from rules.load import load, loads
from rules.mistakes import MistakesFound
from rules.ruleset import RuleSet
from rules.yaml_reader import MAX_MISTAKES


def test_a_file_is_read_from_its_path_and_its_mistakes_name_it(tmp_path: Path) -> None:
    path = tmp_path / "desk rules.yaml"
    path.write_text("plans: [standard, 24x7]\n")
    assert load(path).plans == ("standard", "24x7")
    path.write_text("palns: []\n")
    with pytest.raises(MistakesFound) as found:
        load(path)
    assert str(found.value).startswith(f'{path}:1:1: unknown key "palns"; did you mean "plans"?')


@pytest.mark.parametrize(("name", "reason"), [("missing.yaml", "No such file or directory"), (".", "Is a directory")])
def test_a_file_that_cannot_be_read_is_a_mistake_like_others(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(MistakesFound, match=f":1:1: cannot be read: {reason}"):
        load(tmp_path / name)


@pytest.mark.timeout(10)
def test_a_pipe_in_the_place_of_the_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(MistakesFound, match="cannot be read: it is a pipe; name a file"):
        load(tmp_path / "pipe")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing yet\n",
        "plans:\nlines:\ncalendars:\nclocks:\nphrases:\nactions:\ndecide:\ndesk:\n",
        "decide: {s: []}",
    ],
)
def test_an_empty_file_and_keys_with_nothing_behind_them_are_valid(text: str) -> None:
    ruleset = loads(text, "rules.yaml")
    assert all(not section.rules for section in ruleset.sections)
    assert ruleset.clocks == ()
    assert ruleset.plans is None


def test_the_file_tells_what_other_files_are_held_to(tech_line: RuleSet) -> None:
    assert tech_line.plans == ("standard", "24x7")
    assert tech_line.zone == "America/Chicago"
    assert [(line.name, line.number, line.hours, line.default) for line in tech_line.lines] == [
        ("help", "+15550190", "office", True),
        ("private", "+15550191", "office", False),
    ]
    assert [action.name for action in tech_line.actions] == ["discuss", "credentials", "account-changes"]


def test_the_zone_of_the_desk_serves_calendars_that_name_none() -> None:
    text = "calendars: {office: {mon: 08:00-17:00}, berlin: {zone: Europe/Berlin, mon: 08:00-17:00}}\n"
    found = loads(text, "rules.yaml", zone="America/Chicago")
    assert {name: one.zone.key for name, one in found.calendars.items()} == {
        "office": "America/Chicago",
        "berlin": "Europe/Berlin",
    }
    own = loads("desk: {zone: UTC}\n" + text, "rules.yaml", zone="America/Chicago")
    assert own.calendars["office"].zone.key == "UTC"


def test_days_are_taken_singly_in_ranges_and_across_the_week_end() -> None:
    text = "desk: {zone: UTC}\ncalendars: {c: {fri-mon: [08:00-12:00, 13:00-24:00], wed: 00:00-06:30}}\n"
    week = loads(text, "rules.yaml").calendars["c"].week
    long = ((480, 720), (780, 1440))
    assert week == (long, (), ((0, 390),), (), long, long, long)


def test_a_file_of_mistakes_alone_is_refused_with_the_first_of_them() -> None:
    rules = "".join(f"    - {{rule: r{n}, when: {{says: word{n}}}, then: {{}}}}\n" for n in range(5000))
    with pytest.raises(MistakesFound) as found:
        loads("decide:\n  s:\n" + rules, "rules.yaml")
    assert len(found.value.mistakes) == MAX_MISTAKES + 1
    assert found.value.mistakes[-1].message == "… and there may be more; mend these first"


def test_one_wrong_value_hides_no_other_mistake() -> None:
    text = """\
desk: {zone: CST}
lines: {help: {number: 5, hours: offce, greetng: x}}
calendars: {office: {mon-fri: 08:00-17:00}}
decide:
  s:
    - {rule: a, when: {line: hlep, hours.office: opn}, then: {priority: hgh, clocks: {callback: off}, page: x}}
"""
    with pytest.raises(MistakesFound) as found:
        loads(text, "rules.yaml")
    assert [(one.line, one.column) for one in found.value.mistakes] == [
        (1, 14),
        (2, 24),
        (2, 34),
        (2, 41),
        (6, 30),
        (6, 50),
        (6, 73),
        (6, 97),
        (6, 109),
    ]


def test_a_part_with_more_entries_than_any_needs_is_refused_in_one_sentence() -> None:
    for wrong in (f"tag: [{'[],' * 501}]", "".join(f"k{number}: 1, " for number in range(501))):
        with pytest.raises(MistakesFound) as found:
            loads(f"decide: {{s: [{{rule: r, then: {{{wrong}}}}}]}}\n", "rules.yaml")
        assert str(found.value) == ("rules.yaml:1:30: expected at most 500 entries here, those inside of them included")


def test_a_suggestion_is_found_among_many_names_and_is_not_looked_for_without_end() -> None:
    lists = "".join(f"  {chr(97 + number % 26)}{'x' * 60}{number}: [a]\n" for number in range(4000))
    unknown = "".join(f"    - {{rule: r{n}, when: {{says: {'qx' * 30}{n}}}, then: {{}}}}\n" for n in range(90))
    near = "    - {rule: r, when: {says: stoped}, then: {}}\n"
    with pytest.raises(MistakesFound) as found:
        loads(f"phrases:\n  stopped: [down]\n{lists}decide:\n  s:\n{unknown}{near}", "rules.yaml")
    assert len(found.value.mistakes) == 91
    assert found.value.mistakes[-1].message.startswith('unknown phrase list "stoped"; did you mean "stopped"?')
