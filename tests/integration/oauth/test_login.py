"""A person signs in once: the address, what is pasted, and every answer that is none."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from inboxd.errors import InboxdError, UsageWrong
from inboxd.oauth import login
from inboxd.settings import OAuth2
from tests.harness.sign_ins import sign_in_at
from tests.harness.token_endpoint import Answer, TokenEndpoint


@pytest.fixture
def oauth2(endpoint: TokenEndpoint, tmp_path: Path) -> OAuth2:
    return sign_in_at(endpoint, tmp_path, grant="refresh-token")


def browse(address: str) -> str:
    """Open an address as a browser would, agree, and give the address that it shows at the end."""
    answer = requests.get(address, allow_redirects=False, timeout=20)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def asked(address: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}


@pytest.mark.parametrize("form", ["{0}", " {0}\r\n", "'{0}'", "<{0}>"])
def test_the_pasted_address_is_worth_a_refresh_token(endpoint: TokenEndpoint, oauth2: OAuth2, form: str) -> None:
    under_way = login.begin(oauth2, "support@example.com")
    assert endpoint.is_good(login.finish(under_way, form.format(browse(under_way.address))))


def test_the_code_alone_will_do_and_what_stands_behind_the_question_mark(
    endpoint: TokenEndpoint, oauth2: OAuth2
) -> None:
    under_way = login.begin(oauth2, None)
    assert endpoint.is_good(login.finish(under_way, asked(browse(under_way.address))["code"]))
    assert endpoint.is_good(login.finish(under_way, "?" + urlsplit(browse(under_way.address)).query))


def test_every_attempt_has_secrets_of_its_own_which_do_not_show(oauth2: OAuth2) -> None:
    one, other = login.begin(oauth2, None), login.begin(oauth2, None)
    assert one.state != other.state
    assert one.verifier != other.verifier
    assert 43 <= len(one.verifier) <= 128  # RFC 7636 4.1
    assert one.verifier not in one.address + repr(one)
    assert asked(one.address)["code_challenge_method"] == "S256"


def test_a_code_of_another_attempt_is_refused_before_it_is_used(endpoint: TokenEndpoint, oauth2: OAuth2) -> None:
    one, other = login.begin(oauth2, None), login.begin(oauth2, None)
    with pytest.raises(UsageWrong, match="belongs to another attempt"):
        login.finish(one, browse(other.address))
    assert endpoint.questions == []
    with pytest.raises(InboxdError, match="of another attempt"):
        login.finish(one, asked(browse(other.address))["code"])  # bare: PKCE refuses it at the server


@pytest.mark.parametrize("state", ["", "%C3%A9", "x"])
def test_a_wrong_state_is_refused_whatever_it_is(oauth2: OAuth2, state: str) -> None:
    with pytest.raises(UsageWrong, match="another attempt"):
        login.finish(login.begin(oauth2, None), f"http://127.0.0.1:49700/?code=abc&state={state}")


@pytest.mark.parametrize(
    ("pasted", "kind", "words"),
    [
        ("", UsageWrong, "nothing was pasted"),
        ("http://127.0.0.1:49700/", UsageWrong, "holds no code"),
        ("two words", UsageWrong, "no address"),
        ("x" * 40_000, UsageWrong, "no address"),
        ("http://127.0.0.1:49700/?error=access_denied&state=x", InboxdError, "said no on the page"),
        ("http://x/?error=invalid_scope", InboxdError, "may not ask for mail"),
        ("http://x/?error=unauthorized_client", InboxdError, "does not know the application"),
        ("http://x/?error=made_up%1b%5b2J&error_description=odd", InboxdError, "made_up"),
        ("http://x/?error=invalid_request&error_description=AADSTS50011%3A+no", InboxdError, "Add http://localhost"),
    ],
)
def test_what_is_no_answer_is_said(oauth2: OAuth2, pasted: str, kind: type[InboxdError], words: str) -> None:
    with pytest.raises(kind, match=words) as refused:
        login.finish(login.begin(oauth2, None), pasted)
    assert type(refused.value) is kind
    assert str(refused.value).isprintable()


def test_the_address_to_open_is_not_the_address_to_paste(oauth2: OAuth2) -> None:
    under_way = login.begin(oauth2, None)
    with pytest.raises(UsageWrong, match="that is the address to open"):
        login.finish(under_way, under_way.address)


def test_without_a_refresh_token_nothing_is_won(endpoint: TokenEndpoint, oauth2: OAuth2) -> None:
    endpoint.answers.append(Answer(200, b'{"access_token": "a", "token_type": "Bearer"}'))
    with pytest.raises(InboxdError, match=r"no refresh token .*offline_access"):
        login.finish(login.begin(oauth2, None), "code")


def test_who_unticks_the_box_is_told_what_is_missing(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    oauth2 = sign_in_at(endpoint, tmp_path, grant="refresh-token", login_scope="https://mail.google.com/")
    endpoint.answers.append(Answer(200, b'{"access_token": "a", "refresh_token": "r", "scope": "openid"}'))
    with pytest.raises(InboxdError, match=r"without https://mail\.google\.com/: nothing is kept"):
        login.finish(login.begin(oauth2, None), "code")


def test_microsofts_other_name_for_the_same_permission_will_do(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    asked_for = "https://outlook.office.com/IMAP.AccessAsUser.All offline_access"
    oauth2 = sign_in_at(endpoint, tmp_path, grant="refresh-token", login_scope=asked_for)
    granted = (
        b'{"access_token": "a", "refresh_token": "r", "scope": "https://outlook.office365.com/IMAP.AccessAsUser.All"}'
    )
    endpoint.answers.append(Answer(200, granted))
    assert login.finish(login.begin(oauth2, None), "code") == "r"


def test_each_provider_is_asked_as_it_wants(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    google = login.begin(sign_in_at(endpoint, tmp_path, grant="refresh-token", provider="google"), "s@example.com")
    assert (
        asked(google.address).items()
        >= {
            "access_type": "offline",
            "prompt": "consent",
            "login_hint": "s@example.com",
            "redirect_uri": "http://127.0.0.1:49700",
        }.items()
    )
    microsoft = login.begin(
        sign_in_at(endpoint, tmp_path, grant="refresh-token", provider="microsoft"), "s@example.com"
    )
    assert asked(microsoft.address)["redirect_uri"] == "http://localhost:49700"
    assert "login_hint" not in asked(microsoft.address)


def test_a_page_that_has_a_query_already_keeps_it(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    page = f"{endpoint.url}/authorize?realm=desk"
    under_way = login.begin(sign_in_at(endpoint, tmp_path, grant="refresh-token", authorize_url=page), None)
    assert asked(under_way.address)["realm"] == "desk"
    assert browse(under_way.address)


def test_nobody_signs_in_for_an_application_or_where_there_is_no_page(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    with pytest.raises(UsageWrong, match="signs in by itself"):
        login.begin(sign_in_at(endpoint, tmp_path), None)
    with pytest.raises(UsageWrong, match="add authorize_url"):
        login.begin(sign_in_at(endpoint, tmp_path, grant="refresh-token", authorize_url=None), None)
