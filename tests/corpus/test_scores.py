"""How many real cases are read right, by suite and by ability; `make corpus` shows the table."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from inboxd.message import parse_with_html, to_json

# Share of cases with every asserted field right that may not be fallen behind; what is reached stands above it.
FLOORS = {"parse": 0.97, "classify": 0.98, "reply": 0.95}


def cases(corpus: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    for path in sorted(corpus.glob("*/*.eml")):
        yield json.loads(path.with_suffix(".expected.json").read_text()), path


@pytest.fixture(scope="module")
def wrong(corpus: Path, scorer: ModuleType) -> list[tuple[dict[str, Any], list[str]]]:
    """Each case with the fields that were not read as it asserts."""
    results = []
    for wanted, path in cases(corpus):
        message, html = parse_with_html(path.read_bytes())
        body = {**to_json(message), "html": html}
        scorer.derive(body, None)
        fields = [
            name
            for name in scorer.FIELDS
            if name in wanted and name != "max_seconds" and not scorer.check(name, wanted[name], body, wanted)[0]
        ]
        results.append((wanted, fields))
    return results


def test_every_ability_stays_above_its_floor(wrong, scorer, capsys):
    asserted, right = Counter(), Counter()
    for wanted, fields in wrong:
        for ability in {scorer.GROUP[name] for name in scorer.FIELDS if name in wanted} & set(FLOORS):
            asserted[ability] += 1
            right[ability] += not any(scorer.GROUP[name] == ability for name in fields)
    with capsys.disabled():
        print()
        for ability in FLOORS:
            print(f"  {ability:10} {right[ability]:4} of {asserted[ability]:4} cases right")
    fallen = {name: right[name] / asserted[name] for name in FLOORS if right[name] < FLOORS[name] * asserted[name]}
    assert fallen == {}


def test_every_suite_is_scored(wrong, capsys):
    asserted, right = Counter(), Counter()
    for wanted, fields in wrong:
        asserted[wanted["suite"]] += 1
        right[wanted["suite"]] += not fields
    with capsys.disabled():
        print()
        for suite in sorted(asserted):
            print(f"  {suite:20} {right[suite]:4} of {asserted[suite]:4} cases right")
        for wanted, fields in wrong:
            if fields:
                print(f"  not right: {wanted['suite']}/{wanted['case']}: {', '.join(fields)}")
    assert sum(right.values()) >= 0.98 * sum(asserted.values())
