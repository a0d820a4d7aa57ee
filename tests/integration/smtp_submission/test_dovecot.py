"""The submission service of a real Dovecot: signed in to by password and by tokens, and mail goes on."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from inboxd.oauth import token_source
from inboxd.remote.trouble import Troubled
from inboxd.settings import Outgoing
from inboxd.smtp_submission import Mail, connect, transfer
from tests.harness.dovecot import Dovecot
from tests.harness.sign_ins import (
    RefreshTokensInMemory,
    dovecot_that_asks,
    secret_file,
    sign_in_at,
    submission_service,
)
from tests.harness.token_endpoint import TokenEndpoint
from tests.plugins.dovecot import need_dovecot
from tests.plugins.needs import needs

USER = "support@example.com"
MAIL = b"From: support@example.com\r\nSubject: hello\r\n\r\nhello\r\n"


class Relay:
    """What the submission service hands mail on to."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append(envelope.content)
        return "250 2.0.0 taken"


@dataclass(frozen=True)
class House:
    """Everything that a desk's mail leaves through."""

    dovecot: Dovecot
    endpoint: TokenEndpoint
    relay: Relay
    port: int

    def smarthost(self, **changes: Any) -> Outgoing:
        settings: dict[str, Any] = {
            "provider": None, "host": "localhost", "port": self.port, "tls": "starttls",
            "ca_file": self.dovecot.ca_file, "user": USER, "password": None, "oauth2": None, "from_address": None,
            "envelope": "null", "mode": "send",
        }  # fmt: skip
        return Outgoing(**{**settings, **changes})


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    need_dovecot()
    if not Path("/usr/lib/dovecot/submission").exists():
        needs("Dovecot's submission service", "apt-get install dovecot-submissiond")
    relay, port = Relay(), _free_port()
    controller = Controller(relay, hostname="127.0.0.1", port=_free_port())
    controller.start()
    try:
        with (
            TokenEndpoint(applications={"inboxd": USER}).running() as endpoint,
            dovecot_that_asks(endpoint, extra=submission_service(port, controller.port)) as dovecot,
        ):
            dovecot.account(USER, password="пароль")
            yield House(dovecot=dovecot, endpoint=endpoint, relay=relay, port=port)
    finally:
        controller.stop()


@pytest.mark.parametrize(("provider", "mechanism"), [(None, "OAUTHBEARER"), ("google", "XOAUTH2")])
def test_a_token_signs_in_and_mail_goes_on(house: House, tmp_path: Path, provider: str | None, mechanism: str) -> None:
    oauth2 = sign_in_at(house.endpoint, tmp_path, provider=provider)
    outgoing = house.smarthost(oauth2=oauth2, provider=provider)
    before = len(house.relay.mails)
    tokens = token_source(oauth2, RefreshTokensInMemory())
    with connect(outgoing, tokens, hostname="desk.example.com") as session:
        assert session.line.sendmail(USER, ["ops@acme.example"], MAIL) == {}
    assert house.relay.mails[before].endswith(MAIL)
    assert f"Login: user=<{USER}>, method={mechanism}" in house.dovecot.log


def test_a_mail_is_handed_over_whole_and_a_recipient_that_is_none_is_refused(house: House, tmp_path: Path) -> None:
    outgoing = house.smarthost(password=secret_file(tmp_path / "password", "пароль"))
    raw = MAIL + b".a line that begins with a dot\r\n..and two\r\n"
    before = len(house.relay.mails)
    with connect(outgoing, None, hostname="desk.example.com") as session:
        transfer(session, outgoing, Mail(sender="", recipient="ops@acme.example", raw=raw))
        assert house.relay.mails[before].endswith(raw)
        begun: list[int] = []

        def begin() -> bytes:
            begun.append(1)
            return raw

        with pytest.raises(Troubled, match="does not take ops acme") as refused:
            transfer(session, outgoing, Mail(sender=USER, recipient="ops acme", raw=raw), begin)
        assert (refused.value.trouble.kind, begun) == ("refused", [])


def test_a_password_signs_in_whatever_letters_it_has(house: House, tmp_path: Path) -> None:
    outgoing = house.smarthost(password=secret_file(tmp_path / "password", "пароль"))
    with connect(outgoing, None, hostname="desk.example.com") as session:
        assert session.abilities.eight_bit


def test_a_revoked_token_is_renewed_and_a_stranger_stays_out(house: House, tmp_path: Path) -> None:
    oauth2 = sign_in_at(house.endpoint, tmp_path)
    tokens = token_source(oauth2, RefreshTokensInMemory())
    connect(house.smarthost(oauth2=oauth2), tokens, hostname="desk.example.com").close()
    house.endpoint.revoke_access()
    connect(house.smarthost(oauth2=oauth2), tokens, hostname="desk.example.com").close()
    stranger = house.smarthost(oauth2=oauth2, user="other@example.com")
    with pytest.raises(Troubled, match=r"does not let other@example\.com in with the access token"):
        connect(stranger, tokens, hostname="desk.example.com")
