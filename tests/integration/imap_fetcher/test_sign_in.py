"""Signing in to a real Dovecot, by password and by access tokens that a token endpoint hands out and answers for."""

import base64
import imaplib
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from inboxd.imap_fetcher.connection import connect
from inboxd.oauth import TokenSource, token_source
from inboxd.remote.trouble import Trouble, Troubled
from inboxd.settings import After, Mailbox, OAuth2, SecretFile, Start
from tests.harness.dovecot import Account, Dovecot
from tests.harness.provider_imap import GOOGLE, MICROSOFT, ProviderImap, Scene
from tests.harness.sign_ins import RefreshTokensInMemory, dovecot_that_asks, secret_file, sign_in_at
from tests.harness.token_endpoint import TokenEndpoint
from tests.plugins.dovecot import need_dovecot

USER = "support@example.com"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[TokenEndpoint]:
    with TokenEndpoint(applications={"inboxd": USER}).running() as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def asking(endpoint: TokenEndpoint) -> Iterator[Dovecot]:
    need_dovecot()
    with dovecot_that_asks(endpoint) as server:
        server.account(USER)
        yield server


def mailbox(
    port: int, *, user: str = USER, password: SecretFile | None = None, oauth2: OAuth2 | None = None
) -> Mailbox:
    return Mailbox(
        name="support", provider=oauth2.provider if oauth2 else None, host="127.0.0.1", port=port, tls="none",
        ca_file=None, user=user, password=password, oauth2=oauth2, address=None, folders=("INBOX",),
        after=After(action="keep"), start=Start(what="now"), authserv_id=None, sent=None, max_size=52_428_800,
    )  # fmt: skip


def tokens_for(oauth2: OAuth2) -> TokenSource:
    return token_source(oauth2, RefreshTokensInMemory())


def trouble_of(box: Mailbox, tokens: TokenSource | None = None) -> Trouble:
    with pytest.raises(Troubled) as raised:
        connect(box, tokens)
    return raised.value.trouble


def get_in(box: Mailbox, tokens: TokenSource | None = None) -> None:
    connection = connect(box, tokens)
    connection.noop()
    connection.close()


# By password


@pytest.mark.parametrize("password", ["simple-password", 'with spaces and "quotes" \\ in it', "пароль-für-😀"])
def test_a_password_of_any_letters_opens_the_mailbox_and_shows_in_no_log(
    dovecot: Dovecot, tmp_path: Path, password: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    account = dovecot.account(password=password)
    get_in(mailbox(dovecot.port, user=account.user, password=secret_file(tmp_path / "password", f"{password}\n")))
    on_the_wire = base64.b64encode(f"\0{account.user}\0{password}".encode()).decode()
    assert password not in caplog.text
    assert on_the_wire not in caplog.text


def test_a_wrong_password_is_trouble_that_names_its_file_and_is_read_anew(account: Account, tmp_path: Path) -> None:
    file = secret_file(tmp_path / "password", "not it")
    box = mailbox(account.server.port, user=account.user, password=file)
    trouble = trouble_of(box)
    assert trouble.kind == "credentials"
    assert f"refuses the password of {account.user}" in trouble.what
    assert str(file.path) in trouble.advice
    assert "not it" not in str(trouble)
    file.path.write_text(account.password)
    get_in(box)


def test_a_password_file_that_cannot_be_read_is_trouble(account: Account, tmp_path: Path) -> None:
    file = secret_file(tmp_path / "password", account.password)
    file.path.chmod(0o644)
    trouble = trouble_of(mailbox(account.server.port, user=account.user, password=file))
    assert trouble.kind == "credentials"
    assert f"chmod 600 {file.path}" in trouble.what
    assert account.password not in str(trouble)


@pytest.mark.parametrize(
    ("capabilities", "heard"),
    [
        ((b"IMAP4rev1", b"AUTH=LOGIN", b"AUTH=PLAIN"), [b"\0support@example.com\0sec ret\xc3\xa9"]),
        ((b"IMAP4rev1", b"AUTH=LOGIN"), [b"support@example.com"]),
    ],
)
def test_the_strongest_way_that_carries_every_letter_is_taken(
    tmp_path: Path, capabilities: tuple[bytes, ...], heard: list[bytes]
) -> None:
    with ProviderImap([Scene(b"OK welcome")], capabilities) as server:
        get_in(mailbox(server.port, password=secret_file(tmp_path / "password", "sec reté")))
        assert server.heard == heard


def test_a_server_without_any_mechanism_gets_ascii_by_login_and_nothing_else(tmp_path: Path) -> None:
    file = secret_file(tmp_path / "password", 'sec"ret')
    with ProviderImap([Scene(b"OK welcome")], (b"IMAP4rev1",)) as server:
        get_in(mailbox(server.port, password=file))
        assert server.heard == [b'LOGIN support@example.com "sec\\"ret"']
        file.path.write_text("secreté")
        assert "carries ASCII only" in trouble_of(mailbox(server.port, password=file)).what
        assert len(server.heard) == 1


def test_a_server_that_wants_tls_first_is_not_given_the_password(tmp_path: Path) -> None:
    with ProviderImap([Scene(b"OK welcome")], (b"IMAP4rev1", b"LOGINDISABLED")) as server:
        trouble = trouble_of(mailbox(server.port, password=secret_file(tmp_path / "password", "secret")))
        assert "takes no passwords here" in trouble.what
        assert server.heard == []


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (b"NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)", "credentials", "Invalid credentials"),
        (b"NO [ALERT] Application-specific password required", "credentials", "put an app password into"),
        (b"NO [UNAVAILABLE] Temporary authentication failure.", "temporary", "for now"),
        (b"NO [ALERT] Too many simultaneous connections. (Failure)", "temporary", "for now"),
        (b"NO [LIMIT] come back later", "temporary", "for now"),
        (b"NO ", "credentials", "no reason given"),
    ],
)
def test_what_the_server_says_decides_whether_a_person_must_act(
    tmp_path: Path, answer: bytes, kind: str, words: str
) -> None:
    with ProviderImap([Scene(answer)], GOOGLE) as server:
        trouble = trouble_of(mailbox(server.port, password=secret_file(tmp_path / "password", "secret")))
    assert trouble.kind == kind
    assert words in str(trouble)


# By access token, at a real Dovecot


@pytest.mark.parametrize(("provider", "mechanism"), [(None, "OAUTHBEARER"), ("google", "XOAUTH2")])
def test_a_token_opens_the_mailbox_by_either_mechanism(
    asking: Dovecot, endpoint: TokenEndpoint, tmp_path: Path, provider: str | None, mechanism: str
) -> None:
    oauth2 = sign_in_at(endpoint, tmp_path, provider=provider)
    get_in(mailbox(asking.port, oauth2=oauth2), tokens_for(oauth2))
    assert f"Login: user=<{USER}>, method={mechanism}" in asking.log


def test_a_token_that_is_void_before_its_time_is_renewed_once_without_trouble(
    asking: Dovecot, endpoint: TokenEndpoint, tmp_path: Path
) -> None:
    oauth2 = sign_in_at(endpoint, tmp_path)
    tokens = tokens_for(oauth2)
    get_in(mailbox(asking.port, oauth2=oauth2), tokens)
    endpoint.revoke_access()
    asked = len(endpoint.questions)
    get_in(mailbox(asking.port, oauth2=oauth2), tokens)
    assert len(endpoint.questions) == asked + 1


def test_a_token_for_somebody_else_does_not_open_this_mailbox(
    asking: Dovecot, endpoint: TokenEndpoint, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    asking.account("other@example.com")
    oauth2 = sign_in_at(endpoint, tmp_path)
    tokens = tokens_for(oauth2)
    asked = len(endpoint.questions)
    trouble = trouble_of(mailbox(asking.port, user="other@example.com", oauth2=oauth2), tokens)
    assert trouble.kind == "credentials"
    assert "does not let other@example.com in with the access token" in trouble.what
    assert len(endpoint.questions) == asked + 2  # the first one, and one renewal, no more
    token = tokens.access_token()
    assert token not in str(trouble) + repr(trouble) + caplog.text
    assert base64.b64encode(token.encode()).decode()[:20] not in caplog.text


def test_a_revoked_sign_in_says_how_to_sign_in_anew(asking: Dovecot, endpoint: TokenEndpoint, tmp_path: Path) -> None:
    file = secret_file(tmp_path / "refresh", endpoint.sign_in(USER))
    oauth2 = sign_in_at(endpoint, tmp_path, grant="refresh-token", refresh_token=file)
    tokens = tokens_for(oauth2)
    get_in(mailbox(asking.port, oauth2=oauth2), tokens)
    endpoint.revoke()
    trouble = trouble_of(mailbox(asking.port, oauth2=oauth2), tokens)
    assert trouble.kind == "credentials"
    assert "inboxd oauth login support" in trouble.advice
    file.path.write_text(endpoint.sign_in(USER))
    get_in(mailbox(asking.port, oauth2=oauth2), tokens)


def test_a_server_without_tokens_says_so(dovecot: Dovecot, endpoint: TokenEndpoint, tmp_path: Path) -> None:
    oauth2 = sign_in_at(endpoint, tmp_path)
    trouble = trouble_of(mailbox(dovecot.port, oauth2=oauth2), tokens_for(oauth2))
    assert "neither XOAUTH2 nor OAUTHBEARER" in trouble.what


# By access token, at the providers' doors


def jwt_of(**claims: object) -> str:
    parts = (base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode() for each in ({}, claims))
    return ".".join((*parts, "c2lnbmF0dXJl"))


def test_microsoft_without_the_permission_is_said_with_its_name(
    endpoint: TokenEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "make_token", lambda _: jwt_of(aud="https://outlook.office365.com", roles=["x"]))
    oauth2 = sign_in_at(endpoint, tmp_path, provider="microsoft")
    with ProviderImap([Scene(b"NO AUTHENTICATE failed.")], MICROSOFT) as server:
        trouble = trouble_of(mailbox(server.port, oauth2=oauth2), tokens_for(oauth2))
    assert trouble.kind == "credentials"
    assert "lacks the permission IMAP.AccessAsApp (AUTHENTICATE failed)" in trouble.what
    assert len(server.heard) == 2


def test_microsoft_that_lets_in_and_then_opens_nothing_is_said_with_the_command(
    endpoint: TokenEndpoint, tmp_path: Path
) -> None:
    oauth2 = sign_in_at(endpoint, tmp_path, provider="microsoft")
    scene = Scene(b"OK AUTHENTICATE completed.", noop=b"BAD User is authenticated but not connected.")
    with ProviderImap([scene], MICROSOFT) as server:
        trouble = trouble_of(mailbox(server.port, oauth2=oauth2), tokens_for(oauth2))
    assert trouble.kind == "credentials"
    assert f"may not open the mailbox {USER}" in trouble.what
    assert "Add-MailboxPermission" in trouble.advice


def test_googles_refusal_is_heard_to_its_end(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    oauth2 = sign_in_at(endpoint, tmp_path, provider="google", grant="client-credentials")
    challenge = b'{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}'
    refused = Scene(b"NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)", challenge)
    with ProviderImap([refused, Scene(b"OK welcome")], GOOGLE) as server:
        get_in(mailbox(server.port, oauth2=oauth2), tokens_for(oauth2))
        first, empty, second = server.heard
        assert empty == b""
        assert first != second
    with ProviderImap([refused], GOOGLE) as server:
        trouble = trouble_of(mailbox(server.port, oauth2=oauth2), tokens_for(oauth2))
    assert "status 400" in trouble.what
    assert "https://mail.google.com/" in trouble.advice


def test_a_server_that_hangs_up_after_a_refusal_leaves_a_fresh_token_for_the_next_time(
    endpoint: TokenEndpoint, tmp_path: Path
) -> None:
    oauth2 = sign_in_at(endpoint, tmp_path)
    tokens = tokens_for(oauth2)
    before = tokens.access_token()
    refused = Scene(b"NO refused", b"{}", hang_up=True)
    with ProviderImap([refused], GOOGLE) as server, pytest.raises((imaplib.IMAP4.abort, OSError)):
        connect(mailbox(server.port, oauth2=oauth2), tokens)
    assert tokens.access_token() != before
