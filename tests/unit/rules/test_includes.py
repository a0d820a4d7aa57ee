import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rules.decide import decide
from rules.facts import Facts
from rules.load import load, loads
from rules.mistakes import MistakesFound
from rules.yaml_reader import MAX_BYTES

Make = Callable[..., Facts]


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder / "rules.yaml"


def told(path: Path) -> list[str]:
    with pytest.raises(MistakesFound) as found:
        load(path)
    return [str(mistake).replace(f"{path.parent}/", "") for mistake in found.value.mistakes]


def test_included_files_count_as_if_they_stood_before_the_file(tmp_path: Path, call: Make) -> None:
    path = write(
        tmp_path,
        rules="include: [words.yaml, base.yaml]\nplans: [b]\n"
        "decide: {own: [{rule: r, when: {says: stopped, line: help}, then: {queue: tech}}]}\n",
        words="phrases: {stopped: [down]}\nplans: [a]\n",
        base="desk: {zone: UTC}\nlines: {help: {number: +15550190, hours: office}}\n"
        "calendars: {office: {mon: 08:00-09:00}}\ndecide: {base: [{rule: r, then: {queue: first, tag: base}}]}\n",
    )
    ruleset = load(path)
    assert ruleset.plans == ("a", "b")
    assert (ruleset.file, ruleset.zone) == (str(path), "UTC")
    decision = decide(ruleset, call(text="It is down"))
    assert (decision.queue, decision.tags) == ("tech", ("base",))
    assert [section.rules[0].file for section in decision.trace] == [str(tmp_path / "base.yaml"), str(path)]


def test_each_mistake_stands_at_its_own_file_and_line(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        rules="include: [words.yaml, missing.yaml, words.yaml, rules.yaml]\ndesk: {zone: UTC}\n"
        "decide:\n  s:\n    - {rule: a, when: {says: stoped}, then: {tag: x}}\n",
        words="desk: {zone: UTC}\nphrases: {stopped: [down]}\ndecide:\n  s: [{rule: a, then: {quue: x}}]\n",
    )
    assert told(path) == [
        "rules.yaml:1:23: missing.yaml cannot be read: No such file or directory",
        "rules.yaml:1:37: words.yaml is included in rules.yaml:1 already; each file is read once",
        "rules.yaml:1:49: rules.yaml is the file that all this begins with; each file is read once",
        "rules.yaml:2:1: `desk` stands in words.yaml:1 already; one file says where the desk is",
        'rules.yaml:4:3: "s" stands in words.yaml:4 already; name each once',
        'words.yaml:4:24: unknown key "quue"; did you mean "queue"?',
    ]


def test_files_that_include_each_other_are_read_once_and_refused(tmp_path: Path) -> None:
    path = write(tmp_path, rules="include: a.yaml\n", a="include: b.yaml\n", b="include: [a.yaml]\n")
    assert told(path) == ["b.yaml:1:11: a.yaml is included in rules.yaml:1 already; each file is read once"]


def test_an_included_rule_is_held_to_the_law_about_mail(tmp_path: Path) -> None:
    path = write(tmp_path, rules="include: [a.yaml]\n", a="decide: {s: [{rule: r, then: {priority: urgent}}]}\n")
    (mistake,) = told(path)
    assert mistake.startswith("a.yaml:1:41: email cannot set a priority")


def test_all_files_together_are_as_large_as_one_may_be(tmp_path: Path) -> None:
    half = "# " + "x" * (MAX_BYTES // 2) + "\n"
    path = write(tmp_path, rules="include: [a.yaml, b.yaml]\n", a=half, b=half)
    (mistake,) = told(path)
    assert mistake.startswith("b.yaml:1:1: the file has")


def test_a_text_that_is_no_file_includes_nothing() -> None:
    with pytest.raises(MistakesFound, match="only a file can include others"):
        loads("include: [a.yaml]\n", "rules.yaml")


def test_what_include_says_must_be_names(tmp_path: Path) -> None:
    path = write(tmp_path, rules="include: {a: b}\n")
    assert told(path) == ["rules.yaml:1:10: expected names of files ([phrases.yaml]), got keys with values"]
    path = write(tmp_path, rules='include: [{a: b}, 5, ""]\n')
    assert told(path) == [
        "rules.yaml:1:11: expected the name of a file (phrases.yaml), got keys with values",
        "rules.yaml:1:19: expected the name of a file (phrases.yaml), got the number 5",
        "rules.yaml:1:22: expected the name of a file (phrases.yaml), got an empty text",
    ]


@pytest.mark.timeout(10)
def test_what_is_no_file_is_neither_waited_for_nor_a_fault(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    long = "x" * 300
    path = write(tmp_path, rules=f'include: [pipe.yaml, ., "a\\0b", loop.yaml, {long}]\n')
    assert told(path) == [
        'rules.yaml:1:11: text "pipe.yaml" names no file; write one such as phrases.yaml',
        'rules.yaml:1:22: text "." names no file; write one such as phrases.yaml',
        'rules.yaml:1:25: text "a<U+0000>b" names no file; write one such as phrases.yaml',
        "rules.yaml:1:33: loop.yaml cannot be read: Too many levels of symbolic links",
        f"rules.yaml:1:44: {long} cannot be read: File name too long",
    ]
