"""Each folder here holds a wrong file and, in `expected-error`, every line that it is refused with.

`config-*` holds inboxd.yaml; `accounts-*` holds accounts.yaml and, where rules would declare plans, their names in
`plans`. A new case needs no Python: make the folder, run with `WRITE_EXPECTED=1`, read what came out.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from inboxd import accounts, settings
from inboxd.errors import ConfigurationWrong

HERE = Path(__file__).parent
SCENARIOS = sorted(path for kind in ("config", "accounts") for path in HERE.glob(f"{kind}-*"))


def _without_folder(text: str, folder: Path) -> str:
    return text.replace(f"{folder}/", "").replace(str(folder), "FOLDER")


def _load(folder: Path) -> None:
    if (folder / "inboxd.yaml").exists():
        settings.load(folder / "inboxd.yaml")
        return
    plans = folder / "plans"
    accounts.load(folder / "accounts.yaml", frozenset(plans.read_text().split()) if plans.exists() else None)


@pytest.mark.parametrize("folder", SCENARIOS, ids=lambda folder: folder.name)
def test_a_wrong_file_is_refused_with_every_mistake_at_its_place(folder: Path) -> None:
    with pytest.raises(ConfigurationWrong) as refused:
        _load(folder)
    said = _without_folder(f"{refused.value}\n", folder)
    expected = folder / "expected-error"
    if os.environ.get("WRITE_EXPECTED"):
        expected.write_text(said, "utf-8")
    assert said == expected.read_text("utf-8")
    assert [str(mistake) for mistake in refused.value.mistakes] == str(refused.value).splitlines()


def test_a_password_that_stands_in_a_file_is_not_repeated_in_its_mistake() -> None:
    for folder in HERE.glob("config-password-*"):
        assert "not-a-secret" not in (folder / "expected-error").read_text("utf-8")


def test_a_command_with_a_wrong_file_exits_with_78_and_says_each_mistake_on_a_line() -> None:
    folder = HERE / "config-many-at-once"
    done = subprocess.run(
        [sys.executable, "-m", "inboxd", "-c", str(folder / "inboxd.yaml"), "tickets", "list"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 78
    assert done.stdout == ""
    for line in (folder / "expected-error").read_text("utf-8").splitlines():
        assert line in _without_folder(done.stderr, folder)
