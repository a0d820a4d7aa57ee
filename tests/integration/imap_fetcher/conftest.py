"""A mailbox at a real Dovecot, and a store behind it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inboxd.imap_fetcher import backoff, fetcher
from inboxd.settings import Mailbox
from tests.harness.dovecot import HOST, Account
from tests.harness.pulled import Pulled, mailbox


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What inboxd waits for by the clock comes in moments."""
    monkeypatch.setattr(backoff, "FIRST_SECONDS", 0.05)
    monkeypatch.setattr(backoff, "LONGEST_SECONDS", 0.2)
    monkeypatch.setattr(backoff, "LONGEST_WITH_WRONG_CREDENTIALS", 0.2)
    monkeypatch.setattr(fetcher, "POLL_SECONDS", 0.2)


@pytest.fixture
def pulled(tmp_path: Path) -> Iterator[Pulled]:
    """An empty store; every fetcher that a test starts ends with it."""
    opened = Pulled.open(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def of(account: Account, tmp_path: Path) -> Callable[..., Mailbox]:
    """Make the settings of `account` (or another one), by TLS where nothing else is said."""

    def made(of_account: Account = account, **keys: Any) -> Mailbox:
        server = of_account.server
        given: dict[str, Any] = {
            "host": HOST,
            "port": server.tls_port,
            "tls": "implicit",
            "ca_file": server.ca_file,
            "user": of_account.user,
        }
        return mailbox(tmp_path, password=of_account.password, **{**given, **keys})

    return made
