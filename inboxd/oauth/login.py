"""A person signs in once, for inboxd to go on alone: authorization code with PKCE (RFC 6749 4.1, RFC 7636).

As a native application does (RFC 8252), but without a listener: the browser is sent to an address of its own machine
where nobody listens, shows an error, and has the answer in its address line. So it works over ssh, too.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from inboxd.errors import InboxdError, UsageWrong
from inboxd.oauth import endpoint, microsoft
from inboxd.oauth.answer import Granted
from inboxd.settings import OAuth2

# RFC 6335 6: of the ports that are nobody's; at both providers any port of the loopback address will do.
_PORT: Final = 49700
_LONGEST: Final = 32 * 1024
# Asked for to get a refresh token; not everybody repeats it among what was granted.
_NO_PERMISSION: Final = frozenset({"offline_access", "openid", "profile", "email"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A sign-in under way. `address` is what a browser opens; the rest stays here until the answer comes."""

    oauth2: OAuth2
    address: str
    redirect_uri: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)


def demand_a_person(oauth2: OAuth2) -> None:
    """Raise UsageWrong where nobody has to sign in, or nobody can."""
    if oauth2.grant == "client-credentials":
        raise UsageWrong(
            f"{oauth2.name} signs in by itself, with client_secret_file: nobody has to. Where a person shall, leave "
            "client_secret_file out, or name authorize_url beside it"
        )
    if oauth2.authorize_url is None:
        raise UsageWrong(
            f"nobody can sign in for {oauth2.name}: add authorize_url to its oauth2, the page on which people agree"
        )


def begin(oauth2: OAuth2, user: str | None) -> Login:
    """Begin a sign-in; `user` is whom the page shall suggest. Raises UsageWrong."""
    demand_a_person(oauth2)
    # Microsoft registers localhost, and takes the number only by hand; elsewhere RFC 8252 8.3 wants the number.
    redirect_uri = f"http://{'localhost' if oauth2.provider == 'microsoft' else '127.0.0.1'}:{_PORT}"
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": oauth2.client_id,
        "redirect_uri": redirect_uri,
        "scope": oauth2.login_scope,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **_wishes(oauth2, user),
    }
    parts = urlsplit(oauth2.authorize_url or "")
    asked = urlencode({key: value for key, value in query.items() if value})
    address = parts._replace(query="&".join(filter(None, (parts.query, asked)))).geturl()
    return Login(oauth2=oauth2, address=address, redirect_uri=redirect_uri, state=state, verifier=verifier)


def _wishes(oauth2: OAuth2, user: str | None) -> dict[str, str]:
    match oauth2.provider:
        case "google":
            # Without these two Google hands out a refresh token at the very first sign-in alone.
            return {"access_type": "offline", "prompt": "consent", "login_hint": user or ""}
        case "microsoft":
            # Nobody can sign in as a shared mailbox, so its address would be no help.
            return {"prompt": "select_account"}
        case None:
            return {"login_hint": user or ""}


def finish(login: Login, pasted: str) -> str:
    """Return the refresh token that the pasted answer is worth: the whole address, or the code alone.

    Raises UsageWrong for what is no answer to this sign-in, InboxdError (Troubled) when the provider refuses.
    """
    granted = endpoint.redeem(
        login.oauth2, code=_code(login, pasted), redirect_uri=login.redirect_uri, verifier=login.verifier
    )
    _demand_scope(login.oauth2, granted)
    if granted.refresh_token is None:
        raise InboxdError(_no_refresh_token(login.oauth2))
    return granted.refresh_token


def _code(login: Login, pasted: str) -> str:
    text = pasted.strip().strip("\"'<>")
    if not text:
        raise UsageWrong("nothing was pasted: paste the address that the browser shows after the sign-in")
    if len(text) > _LONGEST or not text.isascii() or not text.isprintable() or " " in text:
        raise UsageWrong("what was pasted is no address: copy the whole line, from http:// to its end")
    if text == login.address or ("code_challenge=" in text and "response_type=" in text):
        raise UsageWrong("that is the address to open: open it, sign in, and paste the address the browser shows then")
    query = urlsplit(text).query if "://" in text else text.removeprefix("?") if "=" in text else ""
    answer = {key: values[0] for key, values in parse_qs(query).items()}
    if "error" in answer:
        raise InboxdError(_refusal(login, answer))
    # RFC 6749 10.12: an answer to somebody else's sign-in must not become ours. A bare code is bound by PKCE alone.
    if "code" in answer and not hmac.compare_digest(answer.get("state", "").encode(), login.state.encode()):
        raise UsageWrong(
            "that address belongs to another attempt: run the command again, and paste the address of that sign-in"
        )
    if "code" in answer:
        return answer["code"]
    if "://" in text or "&" in text:
        raise UsageWrong(
            f"that address holds no code: paste the one that the browser shows at the very end, {login.redirect_uri}/?…"
        )
    return text


def _refusal(login: Login, answer: dict[str, str]) -> str:
    error, description = (_printable(answer.get(key, "")) for key in ("error", "error_description"))
    name = login.oauth2.name.removeprefix("imap.")
    known = microsoft.explained(description, f"inboxd oauth login {name}")
    said = f"({error}: {description})" if description else f"({error})"
    if known is not None:
        return f"the sign-in was refused: {known[0]} {said}. {known[1]}"
    match error:
        case "access_denied":
            return f"somebody said no on the page, or may not agree there {said}: sign in again and allow the access"
        case "invalid_scope":
            return f"the application may not ask for {login.oauth2.login_scope} {said}: add that permission to it"
        case "unauthorized_client" | "invalid_client" | "invalid_request":
            return f"the page does not know the application {said}: compare client_id with the provider's console"
        case _:
            return f"the sign-in was refused {said}"


def _demand_scope(oauth2: OAuth2, granted: Granted) -> None:
    # At Google a person may untick the box for mail and agree to the rest.
    if granted.scope is None:
        return
    given = {_bare(word) for word in granted.scope}
    missing = [word for word in oauth2.login_scope.split() if word not in _NO_PERMISSION and _bare(word) not in given]
    if missing:
        raise InboxdError(
            f"signed in, but without {' '.join(missing)}: nothing is kept. Sign in again and leave every box ticked"
        )


def _bare(scope: str) -> str:
    # Microsoft gives them back under another name of the same host.
    return scope.rstrip("/").rpartition("/")[2].lower()


def _no_refresh_token(oauth2: OAuth2) -> str:
    what = f"signed in, but {oauth2.token_url} gave no refresh token to go on with; nothing is kept. "
    if oauth2.provider is None:
        return what + "Many servers want offline_access in scope, or a switch in the application's settings"
    return what + "Leave scope out of oauth2, so that inboxd asks for one"


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)[:300].rstrip(". ")
