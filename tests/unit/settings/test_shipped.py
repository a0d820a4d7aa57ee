"""Where the files lie that come with inboxd."""

from pathlib import Path

import pytest

from inboxd import shipped


def test_an_editable_install_takes_them_from_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "files", lambda _: tmp_path / "inboxd")
    (tmp_path / "config").mkdir()
    assert shipped.folder("config") == tmp_path / "config"


def test_a_wheel_carries_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "files", lambda _: tmp_path / "inboxd")
    (tmp_path / "config").mkdir()
    (tmp_path / "inboxd" / "_data" / "config").mkdir(parents=True)
    assert shipped.folder("config") == tmp_path / "inboxd" / "_data" / "config"


def test_the_templates_are_there() -> None:
    assert (shipped.folder("config") / "default" / "inboxd.yaml").is_file()
