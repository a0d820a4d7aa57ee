"""The shipped policy books: the tests inside of them, and further sentences of their policies in tests/policies."""

from pathlib import Path

import pytest
import yaml

from inboxd.init_files import policies
from inboxd.message.urgency import in_words
from rules.file_tests import run
from rules.findings import findings
from rules.load import load

ROOT = Path(__file__).parents[3]
FILES = [
    path
    for name in policies()
    for path in (ROOT / "config" / "policies" / name / "rules.yaml", ROOT / "tests" / "policies" / f"{name}.yaml")
]


@pytest.mark.parametrize("file", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_sentence_holds(file: Path) -> None:
    rules = load(file, zone="UTC")
    differences = [
        f"{result.file}:{result.line}: {result.test}: {each.key} wanted {each.wanted}, got {each.got}, {each.because}"
        for result in run(rules, in_words)
        for each in result.differences
    ]
    assert differences == []
    assert len(rules.tests) >= 13


@pytest.mark.parametrize("name", policies())
def test_nothing_in_a_book_is_odd(name: str) -> None:
    assert not findings(load(ROOT / "config" / "policies" / name / "rules.yaml", zone="UTC"))


@pytest.mark.parametrize("name", policies())
def test_other_readers_of_yaml_read_a_book_too(name: str) -> None:
    """Editors and pipelines use PyYAML and its like, which take a `?` before a bracket for a sign of their own."""
    for file in (ROOT / "config" / "policies" / name).glob("*.yaml"):
        assert yaml.safe_load(file.read_text("utf-8"))
