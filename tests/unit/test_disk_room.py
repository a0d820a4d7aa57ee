"""Room on the disk of the store: said while there is still some."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from inboxd import disk_room


def _settings(database: Path | None, blobs: Path | None = None) -> Any:
    return SimpleNamespace(store=SimpleNamespace(sqlite_path=database, blobs=blobs))


def _left(monkeypatch: pytest.MonkeyPatch, left: int) -> None:
    monkeypatch.setattr(
        os, "statvfs", lambda _: SimpleNamespace(f_blocks=1 << 30, f_bavail=left // 4096, f_frsize=4096)
    )


def test_a_disk_with_room_says_nothing_and_one_without_is_said_once(tmp_path, monkeypatch):
    settings = _settings(tmp_path / "inboxd.db", tmp_path)
    _left(monkeypatch, disk_room.LITTLE_BYTES)
    assert list(disk_room.little(settings)) == []
    _left(monkeypatch, 3 << 20)
    ((folder, said),) = disk_room.little(settings)
    assert folder == tmp_path
    assert said.startswith("3 MB are left on this disk")


def test_a_store_elsewhere_and_a_folder_that_is_not_there_are_no_disk_of_ours(tmp_path, monkeypatch):
    _left(monkeypatch, 0)
    assert list(disk_room.little(_settings(None, tmp_path / "not" / "there"))) == []


def test_a_disk_that_is_full_has_no_room_for_a_mail(tmp_path, monkeypatch):
    settings = _settings(tmp_path / "inboxd.db")
    _left(monkeypatch, disk_room.NONE_BYTES)
    assert disk_room.none(settings) is None
    _left(monkeypatch, disk_room.NONE_BYTES - 4096)
    assert disk_room.none(settings) == f"{tmp_path}: no room is left on this disk for a mail"
