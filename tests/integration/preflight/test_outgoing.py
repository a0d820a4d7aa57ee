"""`check` and the smarthost: signed in to, asked what it can do; nothing is sent and each trouble is in words."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from inboxd.oauth import RefreshToken
from inboxd.oauth.refresh_tokens import origin_of
from inboxd.oauth.stored import StoredRefreshTokens
from inboxd.preflight.outgoing import outgoing
from inboxd.settings import Settings, load
from inboxd.wiring.local_backend import open_backend
from inboxd.wiring.stores import open_store
from tests.harness.control import serving
from tests.harness.sign_ins import secret_file
from tests.harness.token_endpoint import TokenEndpoint

USER = "support@example.com"
Load = Callable[..., Settings]


class Sink:
    """Counts the mail that comes; none may."""

    mails = 0

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        type(self).mails += 1
        return "250 2.0.0 taken"


class TokenTaking(SMTP):
    """aiosmtpd with OAUTHBEARER: takes what the endpoint calls good."""

    endpoint: TokenEndpoint

    async def auth_OAUTHBEARER(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's name
        words = base64.b64decode(args[1]) if len(args) > 1 else await self.challenge_auth("")
        token = bytes(words).partition(b"auth=Bearer ")[2].partition(b"\1")[0].decode()
        active = json.loads(self.endpoint.introspect({"token": token}).body)["active"]
        return AuthResult(success=active, handled=False)


class Server(Controller):
    """A smarthost on loopback."""

    def __init__(self, kind: type[SMTP], **options: Any) -> None:
        self._make = lambda: kind(Sink(), auth_require_tls=False, **options)
        super().__init__(Sink(), hostname="127.0.0.1", port=0)

    def factory(self) -> SMTP:
        return self._make()

    def _trigger_server(self) -> None:
        # With port 0 the port is only known now.
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def settings_of(tmp_path: Path) -> Load:
    def settings_of(**section: Any) -> Settings:
        whole = {"outgoing": {"host": "127.0.0.1", "tls": "none", "user": USER, **section}}
        (tmp_path / "inboxd.yaml").write_text(json.dumps(whole))
        return load(tmp_path / "inboxd.yaml", {})

    (tmp_path / "credentials").mkdir()
    secret_file(tmp_path / "credentials" / "smtp-password", "a password")
    return settings_of


@pytest.fixture
def server() -> Iterator[Server]:
    def check(server: SMTP, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=isinstance(data, LoginPassword) and data.password == b"a password", handled=False)

    controller = Server(SMTP, authenticator=check, data_size_limit=5_000_000)
    controller.start()
    yield controller
    controller.stop()


def found(settings: Settings, *, running: bool = False) -> list[tuple[str, str]]:
    return [(finding.level, finding.what) for finding in outgoing(settings, running=running)]


def test_without_the_section_there_is_nothing_to_say(tmp_path: Path) -> None:
    (tmp_path / "inboxd.yaml").write_text("{}")
    assert found(load(tmp_path / "inboxd.yaml", {})) == []


def test_a_desk_that_takes_mail_in_and_has_no_way_out_is_told_so(tmp_path: Path) -> None:
    smtp = {"listen": "127.0.0.1:0", "recipients": ["support@example.com"]}
    (tmp_path / "inboxd.yaml").write_text(json.dumps({"smtp": smtp}))
    ((level, what),) = found(load(tmp_path / "inboxd.yaml", {}))
    assert (level, "wait in the outbox" in what) == ("warning", True)


def test_what_is_held_back_is_said(settings_of: Load, server: Server) -> None:
    said = found(settings_of(port=server.port, user=None, mode="hold"))
    assert any(level == "warning" and "nothing but pages goes out" in what for level, what in said)


def test_a_smarthost_that_lets_us_in_says_what_it_takes_and_gets_no_mail(settings_of: Load, server: Server) -> None:
    (ok, little) = found(settings_of(port=server.port, password_file="smtp-password"))
    signed_in = f"signed in to 127.0.0.1:{server.port} as {USER}; mails of up to 5,000,000 bytes, with 8BITMIME"
    assert ok == ("ok", signed_in)
    assert little[0] == "warning"
    assert Sink.mails == 0


def test_a_relay_without_a_sign_in_is_greeted(settings_of: Load, server: Server) -> None:
    ok = found(settings_of(port=server.port, user=None))[0]
    assert ok[1].startswith(f"127.0.0.1:{server.port} takes mail without a sign-in")


def test_a_wrong_password_fails_with_what_to_do(settings_of: Load, server: Server, tmp_path: Path) -> None:
    (tmp_path / "credentials" / "smtp-password").write_text("another")
    ((level, what),) = found(settings_of(port=server.port, password_file="smtp-password"))
    assert level == "failed"
    assert f"refuses the password of {USER}" in what
    assert "Put the right password into" in what
    assert "another" not in what


def test_a_secret_that_cannot_be_read_is_said_once(settings_of: Load, server: Server, tmp_path: Path) -> None:
    (tmp_path / "credentials" / "smtp-password").unlink()
    ((level, what),) = found(settings_of(port=server.port, password_file="smtp-password"))
    assert level == "failed"
    assert "smtp-password is not there" in what


def test_while_a_daemon_runs_it_renews_the_token_and_keeps_the_newer_one(settings_of: Load, tmp_path: Path) -> None:
    with TokenEndpoint(clients={"inboxd": None}, rotation="strict").running() as endpoint:
        TokenTaking.endpoint = endpoint
        controller = Server(TokenTaking, auth_exclude_mechanism=["PLAIN", "LOGIN"])
        controller.start()
        oauth2 = {"client_id": "inboxd", "token_url": f"{endpoint.url}/token", "authorize_url": f"{endpoint.url}/a"}
        settings = settings_of(port=controller.port, oauth2=oauth2)
        assert settings.outgoing is not None
        assert settings.outgoing.oauth2 is not None
        try:
            # Before anybody has signed in; then with a token that the first use makes void.
            with open_backend(settings, actor="root") as backend, serving(lambda _: backend, settings.control.socket):
                ((level, what),) = found(settings, running=True)
                assert level == "failed"
                assert "inboxd oauth login outgoing" in what
            first = endpoint.sign_in(USER)
            with open_store(settings, "command") as store:
                token = RefreshToken(token=first, origin=origin_of(settings.outgoing.oauth2))
                StoredRefreshTokens(store).keep("outgoing", token)
            with open_backend(settings, actor="root") as backend, serving(lambda _: backend, settings.control.socket):
                assert found(settings, running=True)[0][0] == "ok"
            assert found(settings, running=False)[0][0] == "ok"
            with open_store(settings, "command") as store:
                kept = StoredRefreshTokens(store).get("outgoing")
        finally:
            controller.stop()
        assert kept is not None
        assert kept.token != first
        assert endpoint.is_good(kept.token)
