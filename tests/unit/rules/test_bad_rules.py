"""Each folder of tests/bad_configs named rules-* is a case: a file, and in `expected-error` what is said about it."""

from pathlib import Path

import pytest

from rules.load import loads
from rules.mistakes import MistakesFound

FOLDERS = sorted((Path(__file__).parents[2] / "bad_configs").glob("rules-*"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_wrong_file_is_refused_with_every_mistake_and_what_would_be_right(folder: Path) -> None:
    with pytest.raises(MistakesFound) as found:
        loads((folder / "rules.yaml").read_bytes(), "rules.yaml")
    told = [str(mistake) for mistake in found.value.mistakes]
    assert told == (folder / "expected-error").read_text().splitlines()


def test_there_are_cases() -> None:
    assert len(FOLDERS) >= 10
