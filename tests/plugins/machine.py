"""A machine with inboxd installed on it, as its administrator would: `make install` in a clone."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.machine import FOLDER, Machine, missing
from tests.plugins.needs import needs

ROOT = Path(__file__).parents[2]
# A path with a space, no repository around it, and the umask of a careful root.
CLONE = "/root/a clone/inboxd"
PARTS = (
    "Makefile", "README.md", "LICENSE", "pyproject.toml",
    "config", "inboxd", "requirements", "rules", "store", "systemd", "tools", "transcribe",
)  # fmt: skip


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    """A machine that systemd has started, with a clone of inboxd in it and nothing installed."""
    absent = missing()
    if absent is not None:
        needs(*absent)
    machine = Machine.boot(Path(tempfile.mkdtemp(prefix="inboxd-machine-", dir=FOLDER)))
    try:
        for part in PARTS:
            machine.bring(ROOT / part, f"{CLONE}/{part}")
        yield machine
    finally:
        machine.off()


@pytest.fixture(scope="session")
def installed(machine: Machine) -> Machine:
    """The same machine after `make install` by a root whose umask is 077."""
    done = machine.try_run("make", "-C", CLONE, "install", umask=0o077, timeout=580)
    if "could not be installed" in done.stderr:
        needs("a package index, or pip's cache of it", "run the tests with a network")
    assert done.returncode == 0, done.stdout + done.stderr
    return machine
