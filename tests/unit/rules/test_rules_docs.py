"""The page about the rules file: its example works, and it names every word of the language."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import BaseModel

from inboxd.message.urgency import in_words
from rules.decide import decide
from rules.decision import PRIORITIES
from rules.expectations import EXPECTATIONS, OUTBOX
from rules.facts import Facts
from rules.file_tests import run
from rules.findings import findings
from rules.language import (
    FILE_KEYS,
    ActionPart,
    ClockChangePart,
    ClockPart,
    DeskPart,
    EffectsPart,
    GreetingPart,
    LinePart,
    PagePart,
    RulePart,
)
from rules.language_of_tests import EarlierPart, FileTestPart, GivenCallPart, GivenMailPart
from rules.load import loads
from rules.mistakes import MistakesFound
from rules.vocabulary import CHANNELS, TESTS, VERDICTS
from rules.yaml_reader import MAX_VALUES

PAGE = (Path(__file__).parents[3] / "docs" / "rules.md").read_text()
PARTS: tuple[type[BaseModel], ...] = (
    DeskPart, LinePart, GreetingPart, ClockPart, ClockChangePart, ActionPart, EffectsPart, PagePart, RulePart,
    FileTestPart, EarlierPart, GivenMailPart, GivenCallPart,
)  # fmt: skip
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
# What stands in code marks, without the code blocks.
CODE = " ".join(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)))


WHOLE = max(EXAMPLES, key=len)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_example_of_the_page_loads_and_its_tests_hold(number: int) -> None:
    # A piece of a file may name what stands in a piece before it.
    text = EXAMPLES[number]
    pieces = [piece for piece in EXAMPLES[:number] if not piece.startswith(text.split(":")[0])]
    try:
        ruleset = loads(text, "rules.yaml")
    except MistakesFound:
        ruleset = loads("".join([*pieces, text]), "rules.yaml")
    assert all(result.holds for result in run(ruleset, in_words))


def test_the_whole_example_has_tests_of_its_policy_without_anything_odd() -> None:
    ruleset = loads(WHOLE, "rules.yaml")
    assert len(ruleset.tests) >= 8
    assert findings(ruleset) == ()


MESSAGES = re.findall(
    r"^\| `([^|]+)`(?: for any message)? \| `([^`]+)`", PAGE.split("## What goes wrong")[1], re.MULTILINE
)


def test_what_the_page_says_of_mistakes_is_what_is_said() -> None:
    files = {
        "zone: EST": "desk: {zone: EST}",
        "when: {says: stoped}": WHOLE.replace("{says: question}", "{says: stoped}"),
        "{rule: down, if: …}": WHOLE.replace("{rule: down,     when:", "{rule: down, if:"),
        "when: {or: […]}": WHOLE.replace("when: {says: question}", "when: {or: [{says: question}]}"),
        "mon-fri: 8am-5pm": WHOLE.replace("{mon-fri: 08:00-17:00}", "{mon-fri: 8am-5pm}"),
        "then: {priority: urgent}": "decide: {s: [{rule: down, when: {says: [down]}, then: {priority: urgent}}]}",
        "then: {page: rota}": WHOLE.replace("        channel: voicemail\n        line: private\n", "").replace(
            "private-line-after-hours", "night"
        ),
        "else: No: needs a proof": "actions: {a: {needs: {proof: failed}, else: No: needs a proof}}",
        "{says: a, says: b}": WHOLE.replace("when: {says: question}", "when: {says: question, says: stopped}"),
    }
    told = dict(MESSAGES)
    assert set(files) <= set(told)
    for written, file in files.items():
        with pytest.raises(MistakesFound) as found:
            loads(file, "rules.yaml")
        pieces = [re.escape(piece) for piece in told[written].split("…")]
        pattern = "[^\n]*".join(pieces)
        assert re.search(pattern, str(found.value)), (written, str(found.value))


def test_the_example_does_what_the_page_says_of_it(mail: Callable[..., Facts], call: Callable[..., Facts]) -> None:
    ruleset = loads(WHOLE, "rules.yaml")
    words = "Our fax server is down"
    assert decide(ruleset, call(text=words)).priority == "urgent"
    assert decide(ruleset, mail(text=words)).priority == "medium"
    assert decide(ruleset, call(called="+15550199")).tags == ("needs-lookup", "unknown-line")
    held = decide(ruleset, mail(attachments=("Invoice.EXE",))).disposal
    assert held is not None
    assert held.kind == "quarantine"


@pytest.mark.parametrize("test", TESTS)
def test_every_test_has_its_row(test: str) -> None:
    assert f"| `{test}: " in PAGE


@pytest.mark.parametrize("key", FILE_KEYS)
def test_every_key_of_the_file_has_its_row(key: str) -> None:
    assert f"| `{key}` |" in PAGE


@pytest.mark.parametrize("key", [field.alias or name for name, field in EffectsPart.model_fields.items()])
def test_every_effect_has_its_row(key: str) -> None:
    assert f"| `{key}: " in PAGE


@pytest.mark.parametrize(
    "key", sorted({field.alias or name for part in PARTS for name, field in part.model_fields.items()})
)
def test_every_key_of_every_part_is_named(key: str) -> None:
    assert re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", CODE)


@pytest.mark.parametrize(
    "word",
    [
        *CHANNELS,
        *VERDICTS,
        *PRIORITIES,
        "all",
        "any",
        "not",
        "hours.CALENDAR",
        "closed",
        "zone",
        *EXPECTATIONS,
        *OUTBOX,
    ],
)
def test_every_word_with_a_meaning_is_named(word: str) -> None:
    assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", CODE)


def test_the_limits_on_the_page_are_those_of_the_reader() -> None:
    assert f"{MAX_VALUES:,} values" in PAGE.replace("\n", " ")
