"""What a token endpoint answers when it refuses, in words that name what is missing and who can mend it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, quote_plus

import requests

from inboxd.oauth import microsoft
from inboxd.remote.trouble import Trouble
from inboxd.settings import OAuth2

_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500
_LONGEST: Final = 240  # characters of a server's own words
_MARKUP: Final = re.compile(rb"\s*<(?:!doctype|html|\?xml)", re.IGNORECASE)
# What Microsoft appends for its own support.
_TRACES: Final = re.compile(r"\s*(?:Trace ID|Correlation ID|Timestamp):.*", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What was asked: for which sign-in, by which grant, and which secrets must not come back in any words."""

    oauth2: OAuth2
    grant: str
    secrets: tuple[str, ...] = field(repr=False)

    @property
    def login(self) -> str:
        """The command by which a person signs in anew."""
        return f"inboxd oauth login {self.oauth2.name.removeprefix('imap.')}"

    @property
    def whose(self) -> str:
        """Whom the token is for, as people name it."""
        return f"oauth2 of {self.oauth2.name}"


def refused(question: Question, status: int, answer: Mapping[str, Any]) -> Trouble:
    """Say an error answer (RFC 6749 5.2)."""
    oauth2 = question.oauth2
    error = _words(question, answer.get("error")) or f"status {status}"
    description = _words(question, answer.get("error_description"))
    said = f"{error}: {description}" if description else error
    if status >= _SERVER_ERROR or status == _TOO_MANY or error in {"temporarily_unavailable", "server_error"}:
        return Trouble(
            kind="temporary",
            what=f"{oauth2.token_url} gives no access token for now ({said}).",
            advice="If it lasts, look at the provider's page on the state of its services.",
        )
    known = microsoft.explained(description, question.login)
    if known is not None:
        what, advice = known
        return Trouble(kind="credentials", what=f"No access token for {oauth2.name}: {what} ({said}).", advice=advice)
    what, advice = _by_error(question, error)
    return Trouble(kind="credentials", what=f"No access token for {oauth2.name}: {what} ({said}).", advice=advice)


def _by_error(question: Question, error: str) -> tuple[str, str]:
    oauth2 = question.oauth2
    where = oauth2.client_secret.where_to_put_it if oauth2.client_secret else "into client_secret_file"
    match error:
        case "invalid_grant" if question.grant == "authorization_code":
            return (
                "the code is used up, too old, or of another attempt",
                f"Run {question.login} again and paste the newest address.",
            )
        case "invalid_grant":
            file = oauth2.refresh_token
            instead = f", or put a new refresh token {file.where_to_put_it}" if file is not None else ""
            return (
                "the refresh token is revoked or expired, or the password of the account was changed",
                f"Sign in anew: {question.login}{instead}.",
            )
        case "invalid_client":
            return (
                "the application is not known there, or its secret is wrong",
                f"Compare client_id with the provider's console, and put the current secret {where}.",
            )
        case "unauthorized_client":
            return (
                f"the application may not ask by {question.grant}",
                "Allow that kind of grant for the application in the provider's console.",
            )
        case "unsupported_grant_type":
            return (
                f"the endpoint knows no {question.grant}",
                f"See that token_url in {question.whose} is the token endpoint, and that the server offers this grant.",
            )
        case "invalid_scope":
            asked = oauth2.scope if question.grant == "client_credentials" else oauth2.login_scope
            return (
                f'the scope "{asked}" is not one that the application may have',
                f"Grant it to the application in the provider's console, or correct scope in {question.whose}.",
            )
        case "access_denied" | "consent_required" | "interaction_required":
            return ("nobody has agreed to what the application asks for", f"Sign in and agree: {question.login}.")
        case _:
            return ("the endpoint refuses", f"Compare {question.whose} with the provider's console.")


def no_json(question: Question, status: int, content: bytes) -> Trouble:
    """Say an answer that is no JSON object: a page, a redirect, a proxy's word."""
    kind = "a web page" if _MARKUP.match(content) else "something that is no JSON object" if content else "nothing"
    if status >= _SERVER_ERROR or status == _TOO_MANY:
        return refused(question, status, {})
    turned = "a redirect" if 300 <= status < 400 else kind
    return Trouble(
        kind="temporary",
        what=f"{question.oauth2.token_url} answers with {turned} (status {status}) where a token should be.",
        advice=f"See that token_url in {question.whose} is the token endpoint, and that no proxy answers for it.",
    )


def odd(question: Question, problem: str) -> Trouble:
    """Say an answer that is JSON and yet of no use."""
    return Trouble(
        kind="temporary",
        what=f"{question.oauth2.token_url} gives no token that can be used: {problem}.",
        advice=f"See that token_url in {question.whose} is the token endpoint itself.",
    )


def unreachable(question: Question, error: requests.RequestException) -> Trouble:
    """Say why there was no answer at all."""
    url = question.oauth2.token_url
    text = str(error)
    if isinstance(error, requests.Timeout):
        what, advice = f"{url} does not answer in time.", "See that this machine may reach it (firewall, proxy)."
    elif isinstance(error, requests.exceptions.ProxyError):
        what, advice = f"The proxy on the way to {url} refuses.", "Correct HTTPS_PROXY, or except the host by NO_PROXY."
    elif isinstance(error, requests.exceptions.SSLError):
        what, advice = _of_certificate(question, text)
    elif "Name or service not known" in text or "NameResolutionError" in text or "resolve" in text:
        what, advice = f"The host of {url} is not found.", "See that the name is right and that DNS works here."
    elif "refused" in text:
        what, advice = f"{url} refuses the connection.", "See that address and port are right."
    else:
        what, advice = f"{url} cannot be reached ({type(error).__name__}).", "See that this machine may reach it."
    return Trouble(kind="temporary", what=what, advice=advice)


def _of_certificate(question: Question, text: str) -> tuple[str, str]:
    url = question.oauth2.token_url
    if "ostname mismatch" in text or "doesn't match" in text or "not valid for" in text:
        return f"The certificate of {url} is for another name.", f"Correct the host in token_url of {question.whose}."
    if "has expired" in text:
        return f"The certificate of {url} has expired.", "Whoever runs that server has to renew it."
    if "self-signed" in text or "self signed" in text or "unable to get local issuer" in text:
        return (
            f"The certificate of {url} is signed by nobody that this machine trusts.",
            f"Name the authority's certificate as ca_file in {question.whose}.",
        )
    return f"{url} offers no TLS that can be used.", f"See that token_url in {question.whose} is right."


def _words(question: Question, value: Any) -> str:
    """Return a server's own words: one line, not too long, and without what we sent."""
    if not isinstance(value, str):
        return ""
    text = _TRACES.sub("", value)
    for secret in question.secrets:
        # As it is, and as it stood in the form, which an endpoint may repeat as it came.
        for form in (secret, quote_plus(secret), quote(secret, safe="")):
            text = re.sub(re.escape(form), "…", text, flags=re.IGNORECASE)
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split()).rstrip(".")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
