"""Questions to a token endpoint over real HTTP, and every way in which it may not answer."""

import logging
import socket
import threading
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from inboxd.errors import ConfigurationWrong
from inboxd.oauth import endpoint as questions
from inboxd.remote.trouble import Trouble, Troubled
from inboxd.settings import OAuth2
from tests.harness.certificates import Authority
from tests.harness.sign_ins import secret_file, sign_in_at
from tests.harness.token_endpoint import Answer, TokenEndpoint, refusal


def trouble_of(oauth2: OAuth2, refresh_token: str | None = None) -> Trouble:
    with pytest.raises(Troubled) as raised:  # noqa: PT012 - one of two questions
        if refresh_token is None:
            questions.client_credentials(oauth2)
        else:
            questions.refresh(oauth2, refresh_token)
    assert raised.value.__cause__ is None
    return raised.value.trouble


def test_an_application_gets_a_token_in_its_own_name(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    grant = questions.client_credentials(sign_in_at(endpoint, tmp_path))
    assert grant.lasts == 3600
    assert endpoint.questions == [
        {"grant_type": "client_credentials", "scope": "mail", "client_id": "inboxd", "client_secret": "client secret"}
    ]


def test_a_public_client_sends_no_secret(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    endpoint.clients = {"inboxd": None}
    token = endpoint.sign_in("support")
    questions.refresh(sign_in_at(endpoint, tmp_path, client_secret=None), token)
    assert endpoint.questions == [{"grant_type": "refresh_token", "refresh_token": token, "client_id": "inboxd"}]


def test_the_secret_is_read_anew_each_time(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    oauth2 = sign_in_at(endpoint, tmp_path)
    (tmp_path / "client-secret").write_text("an old one")
    assert trouble_of(oauth2).kind == "credentials"
    (tmp_path / "client-secret").write_text("client secret\n")
    assert questions.client_credentials(oauth2).access_token
    (tmp_path / "client-secret").unlink()
    with pytest.raises(ConfigurationWrong, match="client-secret is not there"):
        questions.client_credentials(oauth2)


AADSTS = "AADSTS{}: Something went wrong there. Trace ID: 0001 Correlation ID: 0002 Timestamp: 2026-01-13 16:00:00Z"


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (refusal("invalid_grant", "Token has been expired or revoked."), "credentials", "inboxd oauth login support"),
        (refusal("invalid_grant"), "credentials", "revoked or expired, or the password of the account was changed"),
        (refusal("invalid_client", status=401), "credentials", "client-secret"),
        (refusal("unauthorized_client"), "credentials", "may not ask by refresh_token"),
        (refusal("unsupported_grant_type"), "credentials", "knows no refresh_token"),
        (refusal("invalid_scope"), "credentials", 'the scope "mail"'),
        (refusal("interaction_required"), "credentials", "inboxd oauth login support"),
        (refusal("made_up"), "credentials", "made_up"),
        (refusal("temporarily_unavailable"), "temporary", "for now"),
        (refusal("server_error", status=503), "temporary", "for now"),
        (refusal("slow_down", status=429), "temporary", "for now"),
        (refusal("invalid_client", AADSTS.format(7000215)), "credentials", "the secret's Value, not its Secret ID"),
        (refusal("invalid_client", AADSTS.format(7000222)), "credentials", "the client secret has expired"),
        (refusal("invalid_client", AADSTS.format(7000218)), "credentials", "Allow public client flows"),
        (refusal("unauthorized_client", AADSTS.format(700016)), "credentials", "no such application in this directory"),
        (refusal("invalid_request", AADSTS.format(90002)), "credentials", "there is no such directory"),
        (refusal("invalid_grant", AADSTS.format(65001)), "credentials", "Grant admin consent"),
        (refusal("invalid_grant", AADSTS.format(700082)), "credentials", "not used for 90 days"),
        (refusal("invalid_grant", AADSTS.format(50173)), "credentials", "revoked, as by a changed password"),
        (refusal("invalid_grant", AADSTS.format(50076)), "credentials", "second factor"),
        (Answer(502, b"<html><body>Bad Gateway</body></html>"), "temporary", "for now"),
        (Answer(200, b"<!DOCTYPE html><title>Sign in</title>"), "temporary", "a web page (status 200)"),
        (Answer(404, b""), "temporary", "nothing (status 404)"),
        (Answer(302, b"", {"Location": "http://127.0.0.1:1/"}), "temporary", "a redirect (status 302)"),
        (Answer(200, b"[]"), "temporary", "no JSON object"),
        (Answer(200, b"[" * 100_000), "temporary", "no JSON object"),
        (Answer(200, b"\xff\xfe"), "temporary", "no JSON object"),
        (Answer(200, b"{}"), "temporary", "no usable access_token"),
        (Answer(200, b'{"access_token": "a b"}'), "temporary", "no usable access_token"),
        (Answer(200, b'{"access_token": "a", "token_type": "mac"}'), "temporary", "of a kind that mail servers"),
        (Answer(200, b" " * 300_000), "temporary", "longer than 262144 bytes"),
        (Answer(200, b'{"error": "invalid_grant"}'), "credentials", "revoked or expired"),
        (Answer(400, b'{"error": {"no": "text"}}'), "credentials", "status 400"),
    ],
)
def test_a_refusal_is_said_in_words_that_name_what_to_do(
    endpoint: TokenEndpoint, tmp_path: Path, answer: Answer, kind: str, words: str
) -> None:
    endpoint.answers.append(answer)
    trouble = trouble_of(sign_in_at(endpoint, tmp_path, grant="refresh-token"), endpoint.sign_in("support"))
    assert trouble.kind == kind
    assert words in str(trouble)
    assert "Trace ID" not in str(trouble)


def test_nothing_that_a_server_says_brings_a_secret_or_a_control_character_back(
    endpoint: TokenEndpoint, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = endpoint.sign_in("support")
    endpoint.answers.append(
        refusal("invalid_grant", f"you sent client secret and {token}\x1b[2J\u202e" + "and so on " * 100)
    )
    trouble = trouble_of(sign_in_at(endpoint, tmp_path), token)
    for words in (str(trouble), repr(trouble), caplog.text):
        assert "client secret" not in words
        assert token not in words
    assert str(trouble).isprintable()
    assert len(str(trouble)) < 700


def test_a_form_that_an_endpoint_repeats_as_it_came_brings_no_secret_back(
    endpoint: TokenEndpoint, tmp_path: Path
) -> None:
    secret, token = "a+secret&so on", "1//token+of"
    sent = f"client_secret={quote_plus(secret)}&refresh_token={quote_plus(token).lower()}"
    endpoint.answers.append(refusal("invalid_request", f"cannot read {sent} {quote(secret)}"))
    oauth2 = sign_in_at(endpoint, tmp_path)
    (tmp_path / "client-secret").write_text(secret)
    words = str(trouble_of(oauth2, token))
    assert "client_secret=…&refresh_token=…" in words
    assert "secret%26so" not in words


def test_a_server_that_is_not_there_says_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    gone = TokenEndpoint(url=f"http://127.0.0.1:{port}")
    trouble = trouble_of(sign_in_at(gone, tmp_path))
    assert (trouble.kind, trouble.what) == ("temporary", f"http://127.0.0.1:{port}/token refuses the connection.")


def test_a_name_that_is_not_found_says_so(tmp_path: Path) -> None:
    trouble = trouble_of(sign_in_at(TokenEndpoint(url="https://login.invalid"), tmp_path))
    assert trouble.kind == "temporary"
    assert "is not found" in trouble.what or "cannot be reached" in trouble.what


_DRIPS = {
    "silent": (b"", b""),
    "dripping": (b"HTTP/1.1 200 OK\r\nContent-Length: 200000000000\r\n\r\n", b" "),
    "dripping before the body": (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "dripping the length of a chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
    "never beginning": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.parametrize("way", _DRIPS)
def test_a_server_that_does_not_come_to_an_end_is_left(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beginning, drip = _DRIPS[way]
    monkeypatch.setattr(questions, "_SILENCE_SECONDS", 0.3)
    monkeypatch.setattr(questions, "_WHOLE_SECONDS", 0.5)
    done = threading.Event()

    def serve(listener: socket.socket) -> None:
        line, _ = listener.accept()
        with line:
            line.recv(65536)
            line.sendall(beginning)
            while drip and not done.wait(0.05):
                try:
                    line.sendall(drip)
                except OSError:
                    return
            done.wait(20)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        slow = TokenEndpoint(url=f"http://127.0.0.1:{listener.getsockname()[1]}")
        trouble = trouble_of(sign_in_at(slow, tmp_path))
        done.set()
        thread.join(20)
    assert trouble.kind == "temporary"
    assert "does not answer in time" in trouble.what


def test_a_secret_goes_over_verified_tls_alone(tmp_path: Path) -> None:
    authority = Authority.made(tmp_path)
    endpoint = TokenEndpoint(applications={"inboxd": "support"})
    with endpoint.running(authority.sign("localhost"), host="localhost"):
        assert questions.client_credentials(sign_in_at(endpoint, tmp_path, ca_file=authority.certificate)).access_token
        stranger = trouble_of(sign_in_at(endpoint, tmp_path))
        assert "signed by nobody that this machine trusts" in stranger.what
        other_name = f"https://127.0.0.1:{endpoint.port}/token"
        wrong_name = trouble_of(sign_in_at(endpoint, tmp_path, ca_file=authority.certificate, token_url=other_name))
        assert "is for another name" in wrong_name.what
        no_file = trouble_of(sign_in_at(endpoint, tmp_path, ca_file=tmp_path / "none.pem"))
        assert "ca_file" in no_file.advice
    assert len(endpoint.questions) == 1


def test_a_password_in_netrc_goes_nowhere(
    endpoint: TokenEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password of-somebody-else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert questions.client_credentials(sign_in_at(endpoint, tmp_path)).access_token
    assert endpoint.authorizations == []


def test_a_proxy_gets_no_secret_that_stays_on_this_machine(
    endpoint: TokenEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert questions.client_credentials(sign_in_at(endpoint, tmp_path)).access_token


def test_settings_show_no_secret(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    oauth2 = sign_in_at(
        endpoint, tmp_path, refresh_token=secret_file(tmp_path / "refresh", "a refresh token of a test")
    )
    assert "client secret" not in repr(oauth2)
    assert "a refresh token of a test" not in repr(oauth2)
