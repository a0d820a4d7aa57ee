"""Fixtures for the real thing: a desk made with `inboxd init`, and `inboxd run` as a process of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.desk import Daemon, Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A fresh desk with embedded defaults (SQLite, free ports on loopback)."""
    return Desk.init(tmp_path / "desk")


@pytest.fixture
def daemon(desk: Desk) -> Iterator[Daemon]:
    """The daemon of `desk`, listening; killed at the end if the test has not ended it."""
    running = desk.start()
    yield running
    running.kill()
