"""A session with a smarthost: aiosmtpd with AUTH on loopback, a real Dovecot submission service, and doors that lie."""

import base64
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from inboxd.oauth import TokenSource, token_source
from inboxd.remote.trouble import Trouble, Troubled
from inboxd.settings import OAuth2, Outgoing, SecretFile
from inboxd.smtp_submission import Submission, connect, line
from tests.harness.certificates import Authority
from tests.harness.sign_ins import RefreshTokensInMemory, secret_file, sign_in_at
from tests.harness.token_endpoint import TokenEndpoint

USER, PASSWORD = "support@example.com", "sec reté"
HOSTNAME = "desk.example.com"


class Sink:
    """Takes mail and keeps it."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append(envelope.content)
        return "250 2.0.0 taken"


class TokenTaking(SMTP):
    """aiosmtpd with XOAUTH2 and OAUTHBEARER as the providers have them, the error challenge included."""

    line_length_limit = 12288  # RFC 4954 4: a token's line is longer than any other
    good: Callable[[bytes], bool]

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's name
        return await self._token(args, b"")

    async def auth_OAUTHBEARER(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's name
        return await self._token(args, b"\1")

    async def _token(self, args: list[str], acknowledgement: bytes) -> AuthResult:
        words = base64.b64decode(args[1]) if len(args) > 1 else await self.challenge_auth("")
        if isinstance(words, bytes) and type(self).good(words):
            return AuthResult(success=True)
        heard = await self.challenge_auth(b'{"status":"401","scope":"mail.send"}')
        assert heard == acknowledgement
        return AuthResult(success=False, handled=False)


def check_password(server: SMTP, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and data.login.decode() == USER and data.password.decode() == PASSWORD
    return AuthResult(success=good, handled=False)


@contextmanager
def serving(factory: Callable[[], SMTP], context: ssl.SSLContext | None = None) -> Iterator[int]:
    class Ours(Controller):
        def factory(self) -> SMTP:
            return factory()

    controller = Ours(Sink(), hostname="127.0.0.1", port=_free_port(), ssl_context=context)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.made(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def context(authority: Authority) -> ssl.SSLContext:
    signed = authority.sign("localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed.certificate, signed.key)
    return context


@pytest.fixture(scope="module")
def starttls_port(context: ssl.SSLContext) -> Iterator[int]:
    with serving(
        lambda: SMTP(
            Sink(), tls_context=context, require_starttls=True, auth_required=True, authenticator=check_password
        )
    ) as port:
        yield port


@pytest.fixture
def password(tmp_path: Path) -> SecretFile:
    return secret_file(tmp_path / "smtp-password", PASSWORD, "outgoing.password_file")


def smarthost(port: int, **changes: Any) -> Outgoing:
    settings: dict[str, Any] = {
        "provider": None, "host": "localhost", "port": port, "tls": "starttls", "ca_file": None, "user": USER,
        "password": None, "oauth2": None, "from_address": None, "envelope": "null", "mode": "send",
    }  # fmt: skip
    return Outgoing(**{**settings, **changes})


def get_in(outgoing: Outgoing, tokens: TokenSource | None = None) -> Submission:
    return connect(outgoing, tokens, hostname=HOSTNAME)


def trouble_of(outgoing: Outgoing, tokens: TokenSource | None = None) -> Trouble:
    with pytest.raises(Troubled) as raised:
        get_in(outgoing, tokens).close()
    assert PASSWORD not in str(raised.value) + repr(raised.value.__cause__)
    return raised.value.trouble


# A server as it should be


def test_below_starttls_a_password_signs_in_and_mail_goes_through(
    starttls_port: int, authority: Authority, password: SecretFile
) -> None:
    with get_in(smarthost(starttls_port, password=password, ca_file=authority.certificate)) as session:
        assert isinstance(session.line.sock, ssl.SSLSocket)
        assert session.abilities.max_size == 33554432
        assert session.abilities.eight_bit
        assert not session.abilities.dsn
        assert session.line.sendmail(USER, ["ops@acme.example"], b"Subject: hello\r\n\r\nhello\r\n") == {}


def test_with_tls_from_the_first_byte_too(context: ssl.SSLContext, authority: Authority, password: SecretFile) -> None:
    make = lambda: SMTP(Sink(), authenticator=check_password, auth_require_tls=False)  # noqa: E731
    with serving(make, context) as port:
        get_in(smarthost(port, tls="implicit", password=password, ca_file=authority.certificate)).close()


def test_by_login_where_there_is_no_plain(password: SecretFile) -> None:
    make = lambda: SMTP(  # noqa: E731
        Sink(), authenticator=check_password, auth_require_tls=False, auth_exclude_mechanism=["PLAIN"]
    )
    with serving(make) as port:
        get_in(smarthost(port, host="127.0.0.1", tls="none", password=password)).close()


def test_a_relay_in_the_house_is_not_signed_in_to() -> None:
    with serving(lambda: SMTP(Sink())) as port:
        get_in(smarthost(port, host="127.0.0.1", tls="none", user=None)).close()


# Passwords and tokens that are not taken


def test_a_wrong_password_names_its_file_and_is_read_anew(
    starttls_port: int, authority: Authority, password: SecretFile
) -> None:
    outgoing = smarthost(starttls_port, password=password, ca_file=authority.certificate)
    password.path.write_text("not it")
    trouble = trouble_of(outgoing)
    assert trouble.kind == "credentials"
    assert f"refuses the password of {USER} (535" in trouble.what
    assert str(password.path) in trouble.advice
    password.path.write_text(PASSWORD)
    get_in(outgoing).close()


@pytest.fixture
def endpoint() -> Iterator[TokenEndpoint]:
    with TokenEndpoint(applications={"inboxd": USER}).running() as endpoint:
        yield endpoint


@pytest.fixture
def taking(endpoint: TokenEndpoint) -> Iterator[int]:
    """A server that takes the endpoint's tokens, as long as those are good."""

    class Ours(TokenTaking):
        good = staticmethod(lambda words: _is_good(endpoint, words))

    with serving(lambda: Ours(Sink(), auth_require_tls=False, auth_exclude_mechanism=["PLAIN", "LOGIN"])) as port:
        yield port


def _is_good(endpoint: TokenEndpoint, words: bytes) -> bool:
    token = words.partition(b"auth=Bearer ")[2].partition(b"\1")[0].decode()
    named = USER.encode() in words
    return named and b'"active": true' in endpoint.introspect({"token": token}).body


def with_token(port: int, oauth2: OAuth2) -> Outgoing:
    return smarthost(port, host="127.0.0.1", tls="none", oauth2=oauth2, provider=oauth2.provider)


@pytest.mark.parametrize("provider", [None, "microsoft"])
@pytest.mark.parametrize("length", [24, 2000])
def test_a_token_signs_in_however_long_it_is(
    endpoint: TokenEndpoint, taking: int, tmp_path: Path, provider: str | None, length: int
) -> None:
    endpoint.make_token = lambda _: f"{length}{'x' * length}{len(endpoint.questions)}"
    oauth2 = sign_in_at(endpoint, tmp_path, name="outgoing", provider=provider)
    get_in(with_token(taking, oauth2), token_source(oauth2, RefreshTokensInMemory())).close()


def test_a_token_that_is_void_before_its_time_is_renewed_once(
    endpoint: TokenEndpoint, taking: int, tmp_path: Path
) -> None:
    oauth2 = sign_in_at(endpoint, tmp_path)
    tokens = token_source(oauth2, RefreshTokensInMemory())
    get_in(with_token(taking, oauth2), tokens).close()
    endpoint.revoke_access()
    get_in(with_token(taking, oauth2), tokens).close()
    assert len(endpoint.questions) == 2


@pytest.mark.parametrize("provider", [None, "google"])
def test_a_token_that_is_refused_twice_is_trouble_with_the_servers_reason(
    endpoint: TokenEndpoint, taking: int, tmp_path: Path, provider: str | None
) -> None:
    oauth2 = sign_in_at(endpoint, tmp_path, provider=provider)
    outgoing = with_token(taking, oauth2)
    tokens = token_source(oauth2, RefreshTokensInMemory())
    stranger = smarthost(taking, host="127.0.0.1", tls="none", oauth2=oauth2, user="other@example.com")
    trouble = trouble_of(stranger, tokens)
    assert trouble.kind == "credentials"
    assert "does not let other@example.com in with the access token" in trouble.what
    assert "status 401" in trouble.what
    assert tokens.access_token() not in str(trouble)
    assert len(endpoint.questions) == 2
    get_in(outgoing, tokens).close()


def test_a_server_without_tokens_says_what_it_has(
    endpoint: TokenEndpoint, tmp_path: Path, starttls_port: int, authority: Authority
) -> None:
    oauth2 = sign_in_at(endpoint, tmp_path)
    outgoing = smarthost(starttls_port, oauth2=oauth2, ca_file=authority.certificate)
    trouble = trouble_of(outgoing, token_source(oauth2, RefreshTokensInMemory()))
    assert "offers neither XOAUTH2 nor OAUTHBEARER, but LOGIN, PLAIN" in trouble.what
    assert endpoint.questions == []


# Lines that are not what they should be


def test_where_starttls_is_taken_out_nothing_is_sent(password: SecretFile) -> None:
    make = lambda: SMTP(Sink(), authenticator=check_password, auth_require_tls=False)  # noqa: E731
    with serving(make) as port:
        trouble = trouble_of(smarthost(port, password=password))
    assert trouble.kind == "temporary"
    assert "offers no STARTTLS, so nothing was sent" in trouble.what


def test_a_certificate_that_nobody_signed_or_of_another_name_is_not_accepted(
    starttls_port: int, authority: Authority, password: SecretFile, tmp_path: Path
) -> None:
    assert "signed by nobody" in trouble_of(smarthost(starttls_port, password=password)).what
    other = smarthost(starttls_port, host="127.0.0.1", password=password, ca_file=authority.certificate)
    assert "is for another name" in trouble_of(other).what
    missing = smarthost(starttls_port, password=password, ca_file=tmp_path / "none.pem")
    assert "cannot be used" in trouble_of(missing).what


def test_a_server_that_takes_no_sign_in_says_so(password: SecretFile) -> None:
    with serving(lambda: SMTP(Sink())) as port:
        trouble = trouble_of(smarthost(port, host="127.0.0.1", tls="none", password=password))
    assert trouble.kind == "credentials"
    assert "offers no sign-in (AUTH)" in trouble.what


def test_tls_where_none_is_and_none_where_tls_is(starttls_port: int, context: ssl.SSLContext) -> None:
    assert "TLS with localhost" in trouble_of(smarthost(starttls_port, tls="implicit")).what
    with serving(lambda: SMTP(Sink()), context) as port, pytest.MonkeyPatch.context() as patch:
        patch.setattr(line, "REPLY_SECONDS", 0.5)
        patch.setattr(line, "CONNECT_SECONDS", 0.5)
        assert "does not answer in time" in trouble_of(smarthost(port)).what


def test_a_port_where_nobody_listens_and_a_name_that_nobody_has() -> None:
    assert "cannot be reached" in trouble_of(smarthost(_free_port())).what
    assert "is not found" in trouble_of(smarthost(25, host="smtp.invalid")).what


class Door:
    """Says prepared replies, one for each line that comes in; after the last one it is silent."""

    def __init__(self, *replies: bytes) -> None:
        self._replies = replies
        self.heard: list[bytes] = []

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self._thread.join(20)

    def _serve(self) -> None:
        try:
            connection, _ = self._listener.accept()
            with connection, connection.makefile("rwb", buffering=0) as file:
                for reply in self._replies:
                    file.write(reply)
                    heard = file.readline()
                    if not heard:
                        return
                    self.heard.append(heard)
                while file.readline():
                    pass
        except OSError:
            return  # the other side hung up first


OFF = b"535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the "
EHLO = b"250-there\r\n250-AUTH PLAIN XOAUTH2\r\n250 SIZE 0\r\n"


@pytest.mark.parametrize(
    ("replies", "kind", "words"),
    [
        ([b"554 5.7.1 go away\r\n"], "refused", "554 5.7.1 go away"),
        ([b"421 4.3.2 too busy\r\n"], "temporary", "421 4.3.2 too busy"),
        ([b"220 hi\r\n", b"502 no\r\n", b"502 no\r\n"], "refused", "502 no"),
        ([b"HTTP/1.1 400 Bad Request\r\n"], "temporary", "does not take us"),
        ([b"220 hi\r\n", EHLO, OFF + b"Tenant. Visit https://aka.ms/smtp_auth_disabled\r\n"], "credentials",
         "switched off for the whole organization"),
        ([b"220 hi\r\n", EHLO, OFF + b"Mailbox.\r\n"], "credentials", f"Set-CASMailbox -Identity {USER}"),
        ([b"220 hi\r\n", EHLO, b"550 5.7.30 Basic authentication is not supported for Client Submission.\r\n"],
         "credentials", "takes no passwords any more"),
        ([b"220 hi\r\n", EHLO, b"534-5.7.9 Application-specific password required.\r\n534 5.7.9 see there\r\n"],
         "credentials", "put an app password into"),
        ([b"220 hi\r\n", EHLO, b"454 4.7.0 Temporary authentication failure\r\n"], "temporary", "for now"),
        ([b"220 hi\r\n", EHLO, *[b"334 \r\n"] * 6], "temporary", "asks without an end"),
        ([b"220 hi\r\n", EHLO, b"250-" + b"x" * 600 + b"\r\n"], "temporary", "does not answer in time"),
        ([b"220 hi\r\n", b"250-more\r\n" * 8000], "temporary", "no end"),
        ([b"220 hi\r\n", EHLO, b"535 \x1b[2J\xff\r\n"], "credentials", "refuses the password"),
    ],
)  # fmt: skip
def test_what_the_server_says_becomes_words(
    password: SecretFile, monkeypatch: pytest.MonkeyPatch, replies: list[bytes], kind: str, words: str
) -> None:
    monkeypatch.setattr(line, "REPLY_SECONDS", 1.0)
    with Door(*replies) as door:
        trouble = trouble_of(smarthost(door.port, host="127.0.0.1", tls="none", password=password))
    assert trouble.kind == kind
    assert words in str(trouble)
    assert str(trouble).isprintable()


def test_what_was_said_before_tls_is_not_taken_for_what_is_said_below_it(
    password: SecretFile, context: ssl.SSLContext, authority: Authority
) -> None:
    # A reply smuggled in behind the go-ahead must not answer the EHLO inside TLS (RFC 3207 5).
    with Door(b"220 hi\r\n", b"250-there\r\n250 STARTTLS\r\n", b"220 go\r\n250-there\r\n250 AUTH PLAIN\r\n") as door:
        outgoing = smarthost(door.port, password=password, ca_file=authority.certificate)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(line, "REPLY_SECONDS", 1.0)
            trouble = trouble_of(outgoing)
        assert trouble.kind == "temporary"
    assert not any(b"AUTH" in heard for heard in door.heard)
