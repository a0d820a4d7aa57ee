"""A real Dovecot for the tests: one for each session (and xdist worker), an account of its own for each test."""

import shutil
from collections.abc import Iterator

import pytest

from tests.harness.dovecot import Account, Dovecot, program
from tests.plugins.needs import needs


def need_dovecot() -> None:
    """Skip, or fail where nothing may be skipped, when a server cannot be run here."""
    if program() is None:
        needs("Dovecot", "apt-get install dovecot-imapd")
    if shutil.which("openssl") is None:
        needs("openssl", "apt-get install openssl")


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """The session's server. A test that stops it, or wants other settings, runs one of its own."""
    need_dovecot()
    with Dovecot.running() as server:
        yield server


@pytest.fixture
def account(dovecot: Dovecot) -> Account:
    """An empty Maildir account."""
    return dovecot.account()
