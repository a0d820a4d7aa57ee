"""Files that were right once and then edited by an unsteady hand: loaded or refused in words, never with a crash."""

import copy
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inboxd.message.urgency import in_words
from rules.file_tests import run
from rules.findings import findings
from rules.load import loads
from rules.mistakes import MistakesFound
from rules.yaml_source import read

PAGE = (Path(__file__).parents[3] / "docs" / "rules.md").read_text()
WHOLE = read(max(re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL), key=len), "rules.yaml").data
BAD = Path(__file__).parents[2] / "bad_configs"
WORDS = [read((BAD / name / "rules.yaml").read_text(), name).data for name in ("rules-words", "rules-tests")]
VALUES: list[Any] = [
    None, True, False, 0, -1, 10**12, 1.5, "", "x", "rota", "off", "30m", "1 business day", "2026-02-30 25:61",
    "+15550190", "*", "...", "a" * 2000, [], {}, [[]], [{}], [None], {"a": 1}, {"within": "1h"}, {"at-least": -1},
    {"all": []}, {"not": {}}, "(", "EST", "24:00-25:00",
]  # fmt: skip


def places(value: Any, so_far: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if so_far:
        yield so_far
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from places(inner, (*so_far, step))


def at(data: Any, place: tuple[Any, ...]) -> Any:
    for step in place:
        data = data[step]
    return data


def mutated(hand: random.Random) -> Any:
    data = copy.deepcopy(hand.choice([WHOLE, WHOLE, *WORDS]))
    for _ in range(hand.randint(1, 3)):
        everywhere = list(places(data))
        place = hand.choice(everywhere)
        holder, last = at(data, place[:-1]), place[-1]
        match hand.randrange(5):
            case 0:
                del holder[last]
            case 1:
                holder[last] = copy.deepcopy(at(data, hand.choice(everywhere)))
            case _:
                holder[last] = copy.deepcopy(hand.choice(VALUES))
    return data


@pytest.mark.parametrize("seed", range(10))
def test_every_edit_is_loaded_or_refused_in_words(seed: int) -> None:
    hand = random.Random(seed)
    for _ in range(25):
        try:
            ruleset = loads(json.dumps(mutated(hand)), "rules.yaml")
        except MistakesFound:
            continue
        findings(ruleset)
        list(run(ruleset, in_words))
