"""The page about the rules file: its example works, and it names every word of the language."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import BaseModel

from rules.decide import decide
from rules.decision import PRIORITIES
from rules.expectations import EXPECTATIONS, OUTBOX
from rules.facts import Facts
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


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_of_the_page_loads(example: str) -> None:
    assert loads(example, "rules.yaml").sections


def test_the_example_does_what_the_page_says_of_it(mail: Callable[..., Facts], call: Callable[..., Facts]) -> None:
    ruleset = loads(EXAMPLES[0], "rules.yaml")
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
