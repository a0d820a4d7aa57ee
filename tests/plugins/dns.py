"""A real name server for the tests: one for each session (and xdist worker)."""

from collections.abc import Iterator

import pytest

from tests.harness.dns import NameServer, Silence, program
from tests.plugins.needs import needs


def need_name_server() -> None:
    """Skip, or fail where nothing may be skipped, when no server can be run here."""
    if program() is None:
        needs("NSD", "apt-get install nsd")


@pytest.fixture(scope="session")
def name_server() -> Iterator[NameServer]:
    """The session's server: tests publish under names of their own. One that stops it runs its own."""
    need_name_server()
    with NameServer.running() as server:
        yield server


@pytest.fixture
def silence() -> Iterator[Silence]:
    """A name server that never answers."""
    server = Silence()
    yield server
    server.close()
