"""Each folder here holds a file of accounts that cannot be imported, and in `expected-error` every line of the refusal.

`plans`: the plans that rules would declare. A new case needs no Python: make the folder, run with `WRITE_EXPECTED=1`,
read what came out.
"""

import os
import shutil
from pathlib import Path

import pytest

from inboxd.accounts.reading import read
from inboxd.errors import ConfigurationWrong
from tests.harness.cli import call
from tests.harness.desk import Desk

HERE = Path(__file__).parent
SCENARIOS = sorted(path.parent for path in HERE.glob("*/import.*"))


@pytest.mark.parametrize("folder", SCENARIOS, ids=lambda folder: folder.name)
def test_a_wrong_file_is_refused_with_every_mistake_at_its_place(folder: Path) -> None:
    (path,) = folder.glob("import.*")
    plans = folder / "plans"
    with pytest.raises(ConfigurationWrong) as refused:
        read(path.read_bytes(), path.name, frozenset(plans.read_text().split()) if plans.exists() else None)
    expected = folder / "expected-error"
    if os.environ.get("WRITE_EXPECTED"):
        expected.write_text(f"{refused.value}\n", "utf-8")
    assert f"{refused.value}\n" == expected.read_text("utf-8")
    assert [str(mistake) for mistake in refused.value.mistakes] == str(refused.value).splitlines()


def test_a_command_imports_nothing_of_a_file_with_one_bad_row_and_names_it(tmp_path: Path) -> None:
    desk = Desk.init(tmp_path / "desk")
    before = call("-c", desk.config, "accounts", "list").out
    shutil.copy(HERE / "quote-in-the-middle" / "import.csv", tmp_path / "import.csv")
    ended = call("-c", desk.config, "--json", "accounts", "import", tmp_path / "import.csv")
    assert ended.code == 78
    assert [line["line"] for line in ended.json] == [2, 3, 4]
    assert all(line["file"] == str(tmp_path / "import.csv") for line in ended.json)
    assert f"{tmp_path}/import.csv:2:31: addresses: " in ended.err
    assert call("-c", desk.config, "accounts", "list").out == before
