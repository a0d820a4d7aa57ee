"""A real daemon, a real Dovecot, a token endpoint: expiry, revocation and a kill while a mailbox is pulled."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from store import oauth_tokens
from store.open import Store
from tests.harness.desk import Daemon, Desk, wait_until
from tests.harness.dovecot import Account, Dovecot
from tests.harness.sign_ins import dovecot_that_asks
from tests.harness.token_endpoint import TokenEndpoint
from tests.plugins.dovecot import need_dovecot

USER = "support@example.com"
PATIENCE = 90


@pytest.fixture
def endpoint() -> Iterator[TokenEndpoint]:
    with TokenEndpoint(clients={"inboxd": None}).running() as endpoint:
        yield endpoint


@pytest.fixture
def dovecot(endpoint: TokenEndpoint) -> Iterator[Dovecot]:
    need_dovecot()
    with dovecot_that_asks(endpoint) as server:
        yield server


@pytest.fixture
def mailbox(dovecot: Dovecot) -> Account:
    return dovecot.account(USER)


@pytest.fixture
def desk(tmp_path: Path, endpoint: TokenEndpoint, mailbox: Account) -> Desk:
    oauth2 = {"client_id": "inboxd", "token_url": f"{endpoint.url}/token", "authorize_url": f"{endpoint.url}/authorize"}
    pulled = {
        "name": "support", "host": "localhost", "port": mailbox.server.tls_port, "user": USER,
        "ca_file": str(mailbox.server.ca_file), "oauth2": oauth2, "start": "all",
    }  # fmt: skip
    return Desk.init(tmp_path / "desk", {"imap": [pulled], "http": None})


def log_in(desk: Desk) -> None:
    """Sign in as a person does, with a browser that agrees to everything."""
    process = subprocess.Popen(
        desk.command("oauth", "login", "support"),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=desk.environment,
    )  # fmt: skip
    assert process.stdout is not None
    address = next(line for line in iter(process.stdout.readline, b"") if line.startswith(b"http")).decode().strip()
    answer = requests.get(address, allow_redirects=False, timeout=20).headers["Location"]
    _, said = process.communicate(f"{answer}\n".encode(), timeout=PATIENCE)
    assert process.returncode == 0, said.decode()


def kept(desk: Desk) -> str:
    with Store.open(f"sqlite:///{desk.folder / 'inboxd.db'}", role="reader") as store, store.read() as txn:
        token = oauth_tokens.get(txn, "imap.support")
    assert token is not None
    return token.refresh_token


def mail(number: int) -> bytes:
    return (
        f"From: Operations <ops@acme.example>\r\nTo: {USER}\r\nSubject: mail {number}\r\n"
        f"Message-ID: <{number}@acme.example>\r\nDate: Tue, 13 Jan 2026 10:00:00 -0600\r\n\r\nhello\r\n"
    ).encode()


def subjects(desk: Desk) -> list[str]:
    return sorted(ticket["subject"] for ticket in desk.json("tickets", "list"))


def arrives(desk: Desk, account: Account, number: int) -> None:
    account.append(mail(number))
    wait_until(
        lambda: f"mail {number}" in subjects(desk), within=PATIENCE, what=f"mail {number} as a ticket", every=0.3
    )


def hang_up(dovecot: Dovecot) -> None:
    """End every session on the server, as a restart of its machine would."""
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            name, _, fields = entry.read_text().partition("(")[2].rpartition(")")
            if name == "imap" and fields.split()[1] == str(dovecot.process.pid):
                os.kill(int(entry.parent.name), signal.SIGTERM)


def mailbox_in_status(desk: Desk) -> dict[str, Any]:
    (status,) = desk.json("status")
    (view,) = status["mailboxes"]
    return dict(view)


def test_expired_revoked_and_signed_in_anew_the_mailbox_goes_on_without_losing_a_mail(
    desk: Desk, mailbox: Account, dovecot: Dovecot, endpoint: TokenEndpoint
) -> None:
    endpoint.rotation = "strict"
    log_in(desk)
    daemon = desk.start()
    try:
        arrives(desk, mailbox, 1)
        # The token ends and the line with it: the next one is had and nobody has to do anything.
        before = kept(desk)
        endpoint.revoke_access()
        hang_up(dovecot)
        arrives(desk, mailbox, 2)
        assert kept(desk) != before
        assert not endpoint.is_good(before)
        assert endpoint.is_good(kept(desk))
        # Revoked altogether: a person is told what to do, by name, and does it.
        endpoint.revoke()
        hang_up(dovecot)
        mailbox.append(mail(3))
        wait_until(
            lambda: "inboxd oauth login support" in str(mailbox_in_status(desk)["trouble"]),
            within=PATIENCE, what="the revoked sign-in in the status", every=0.3,
        )  # fmt: skip
        log_in(desk)
        wait_until(lambda: "mail 3" in subjects(desk), within=PATIENCE, what="mail 3 as a ticket", every=0.3)
        assert mailbox_in_status(desk)["trouble"] is None
        _shows_no_secret(daemon, desk)
    finally:
        daemon.kill()
    assert subjects(desk) == ["mail 1", "mail 2", "mail 3"]


def _shows_no_secret(daemon: Daemon, desk: Desk) -> None:
    shown = (
        daemon.log() + Path(f"/proc/{daemon.pid}/cmdline").read_text() + Path(f"/proc/{daemon.pid}/environ").read_text()
    )
    assert kept(desk) not in shown
    assert "Bearer" not in shown


def test_killed_between_the_answer_and_the_commit_the_sign_in_still_holds(
    desk: Desk, mailbox: Account, endpoint: TokenEndpoint
) -> None:
    endpoint.rotation = "lenient"
    log_in(desk)
    first = kept(desk)
    lives: list[Daemon] = []

    def kill(form: dict[str, str]) -> None:
        # A newer token stands at the provider by now, and the daemon has not heard of it.
        os.killpg(lives[0].pid, signal.SIGKILL)

    endpoint.before_answer = kill
    lives.append(desk.start(wait=False))
    lives[0].process.wait(PATIENCE)
    endpoint.before_answer = lambda form: None
    assert kept(desk) == first
    daemon = desk.start()
    try:
        arrives(desk, mailbox, 1)
        assert kept(desk) != first
        assert endpoint.is_good(kept(desk))
    finally:
        daemon.kill()
