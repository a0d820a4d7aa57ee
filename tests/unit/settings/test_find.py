"""Which configuration file a command takes."""

import os
from pathlib import Path

import pytest

from inboxd.errors import ConfigurationWrong
from inboxd.settings import find
from tests.harness.users import let_everybody_reach
from tests.plugins.needs import needs


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    one.touch()
    other.touch()
    return one, other


def test_the_file_that_is_named_wins_over_the_environment(files: tuple[Path, Path]) -> None:
    one, other = files
    assert find(str(one), {"INBOXD_CONFIG": str(other)}) == one


def test_without_a_name_the_environment_says_which(files: tuple[Path, Path]) -> None:
    assert find(None, {"INBOXD_CONFIG": str(files[1])}) == files[1]


def test_a_missing_file_is_wrong_configuration_and_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationWrong) as refused:
        find(str(tmp_path / "none.yaml"), {})
    assert refused.value.exit_code == 78
    assert "none.yaml" in str(refused.value)
    assert "inboxd init DIR" in str(refused.value)


def test_a_folder_is_answered_with_the_file_in_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationWrong, match=r"name the file in it, like .*/inboxd\.yaml"):
        find(str(tmp_path), {})


def test_a_file_that_is_not_for_this_user_says_who_may_read_it(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        needs("root, to become a user with fewer rights", "run the tests as root")
    (tmp_path / "inboxd").mkdir(mode=0o700)
    let_everybody_reach(tmp_path)
    os.seteuid(65534)
    try:
        with pytest.raises(ConfigurationWrong, match="members of its group may"):
            find(str(tmp_path / "inboxd" / "inboxd.yaml"), {})
    finally:
        os.seteuid(0)
