"""Files that hold a secret: where they are looked for, and who else may read them."""

import os
from pathlib import Path

import pytest

from inboxd.errors import ConfigurationWrong
from inboxd.settings import Place, SecretFile, load

PLACE = Place(file="inboxd.yaml", line=3, column=18)


def secret(path: Path) -> SecretFile:
    return SecretFile(key="store.password_file", path=path, place=PLACE)


def written(path: Path, content: bytes, mode: int = 0o600) -> SecretFile:
    path.write_bytes(content)
    path.chmod(mode)
    return secret(path)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640, 0o440])
def test_a_file_for_its_owner_and_readers_of_its_group_is_taken(tmp_path: Path, mode: int) -> None:
    assert written(tmp_path / "password", b"secret\n", mode).read() == "secret"


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o666, 0o660, 0o620, 0o601])
def test_a_file_that_others_may_use_is_refused_with_the_command_that_mends_it(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "password"
    with pytest.raises(ConfigurationWrong) as refused:
        written(path, b"not-shown", mode).check()
    assert str(refused.value).startswith(f"inboxd.yaml:3:18: store.password_file: {path} has mode {mode:04o}, open to ")
    assert str(refused.value).endswith(f"chmod 600 {path}")
    assert "not-shown" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "read"),
    [
        (b"secret", "secret"),
        (b"secret\r\n", "secret"),
        (b" with blanks \n", " with blanks "),
        ("gr\u00fcn".encode(), "gr\u00fcn"),
    ],
)
def test_only_the_end_of_the_line_is_no_part_of_a_secret(tmp_path: Path, content: bytes, read: str) -> None:
    assert written(tmp_path / "password", content).read() == read


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"one\ntwo\n", "holds several lines"),
        (b"\xff\xfe", "does not hold UTF-8 text"),
        (b"x" * 70_000, "is larger than 65536 bytes"),
    ],
)
def test_what_cannot_be_a_secret_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    with pytest.raises(ConfigurationWrong, match=problem):
        written(tmp_path / "password", content).read()


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationWrong, match=r"^inboxd\.yaml:3:18: store\.password_file: .*none is not there$"):
        secret(tmp_path / "none").read()
    with pytest.raises(ConfigurationWrong, match="Is a directory"):
        secret(tmp_path).read()


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(ConfigurationWrong, match="pipe is not a file"):
        secret(tmp_path / "pipe").read()


def test_a_bare_name_is_a_credential_of_the_service_before_it_is_a_file_of_the_desk(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    own = tmp_path / "credentials"
    own.mkdir()
    file = tmp_path / "inboxd.yaml"
    file.write_text('store: {url: "postgresql://inboxd@db.example.com/inboxd", password_file: store-password}')

    def found(environment: dict[str, str]) -> Path:
        password_file = load(file, environment).store.password_file
        assert password_file is not None
        return password_file.path

    assert found({}) == own / "store-password"
    assert found({"CREDENTIALS_DIRECTORY": str(given)}) == own / "store-password"
    (given / "store-password").touch(mode=0o400)
    assert found({"CREDENTIALS_DIRECTORY": str(given)}) == given / "store-password"
    assert found({}) == own / "store-password"


def test_a_folder_of_credentials_is_known_by_the_name_that_systemd_gives_to_its_files(tmp_path: Path) -> None:
    """`LoadCredential=inboxd:FOLDER` brings each file as `inboxd_FILE` (systemd.exec(5))."""
    file = tmp_path / "inboxd.yaml"
    file.write_text('store: {url: "postgresql://inboxd@db.example.com/inboxd", password_file: store-password}')
    (tmp_path / "inboxd_store-password").touch(mode=0o400)

    def found() -> Path:
        password_file = load(file, {"CREDENTIALS_DIRECTORY": str(tmp_path)}).store.password_file
        assert password_file is not None
        return password_file.path

    assert found() == tmp_path / "inboxd_store-password"
    (tmp_path / "store-password").touch(mode=0o400)
    assert found() == tmp_path / "store-password"


def test_advice_names_the_file_that_a_person_changes_and_when_it_counts(tmp_path: Path) -> None:
    """What systemd hands over is a copy in memory: nobody can write there, and no later change comes through."""
    file = tmp_path / "inboxd.yaml"
    file.write_text('store: {url: "postgresql://inboxd@db.example.com/inboxd", password_file: store-password}')
    own, copies = tmp_path / "credentials" / "store-password", tmp_path / "copies"
    copies.mkdir()

    def advice() -> str:
        password_file = load(file, {"CREDENTIALS_DIRECTORY": str(copies)}).store.password_file
        assert password_file is not None
        return password_file.where_to_put_it

    assert advice() == f"into {own} (it is read anew at each try)"
    (copies / "inboxd_store-password").touch(mode=0o400)
    assert advice() == f"into {own} and restart inboxd (systemd hands it a copy at the start)"
    (copies / "store-password").touch(mode=0o400)
    assert advice() == f"into {copies / 'store-password'} (it is read anew at each try)"


def test_a_name_with_a_slash_is_a_path(tmp_path: Path) -> None:
    file = tmp_path / "inboxd.yaml"
    file.write_text('store: {url: "postgresql://inboxd@db.example.com/inboxd", password_file: ./store-password}')
    password_file = load(file, {"CREDENTIALS_DIRECTORY": str(tmp_path)}).store.password_file
    assert password_file is not None
    assert password_file.path == tmp_path / "store-password"
