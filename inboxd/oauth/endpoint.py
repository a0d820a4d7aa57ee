"""Questions to a token endpoint (RFC 6749 3.2): one POST each, within bounds, over verified TLS."""

import json
from collections.abc import Mapping
from typing import Any, Final

import requests
import urllib3

from inboxd.oauth import refusals
from inboxd.oauth.answer import AnswerWrong, Granted, granted
from inboxd.remote.http_line import Line, authorities
from inboxd.remote.time_limit import TimeLimit
from inboxd.remote.trouble import Trouble, Troubled
from inboxd.settings import OAuth2

_CONNECT_SECONDS: Final = 10.0
_SILENCE_SECONDS: Final = 20.0
_WHOLE_SECONDS: Final = 40.0
_MAX_BYTES: Final = 256 * 1024
_OK: Final = 200


def client_credentials(oauth2: OAuth2) -> Granted:
    """Ask for a token in the application's own name (RFC 6749 4.4). Raises Troubled, ConfigurationWrong."""
    return _ask(oauth2, {"grant_type": "client_credentials", "scope": oauth2.scope})


def refresh(oauth2: OAuth2, refresh_token: str) -> Granted:
    """Ask for a token in the name of who signed in once. Raises Troubled, ConfigurationWrong."""
    # RFC 6749 6: without a scope the token is for what was granted then.
    return _ask(oauth2, {"grant_type": "refresh_token", "refresh_token": refresh_token})


def redeem(oauth2: OAuth2, *, code: str, redirect_uri: str, verifier: str) -> Granted:
    """Turn the code that a person's sign-in gave into tokens (RFC 6749 4.1.3, RFC 7636 4.5)."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
    return _ask(oauth2, form)


def _ask(oauth2: OAuth2, form: Mapping[str, str]) -> Granted:
    # Read anew each time: whoever puts a new secret into the file need not restart anything. The client's name and
    # secret stand in the form (RFC 6749 2.3.1), as Microsoft and Google want it.
    secret = oauth2.client_secret.read() if oauth2.client_secret else None
    whole = {**form, "client_id": oauth2.client_id, **({"client_secret": secret} if secret else {})}
    question = refusals.Question(
        oauth2=oauth2,
        grant=form["grant_type"],
        secrets=tuple(filter(None, (secret, *(form.get(key) for key in ("refresh_token", "code", "code_verifier"))))),
    )
    status, content = _post(question, {key: value for key, value in whole.items() if value})
    answer = _object(content)
    if answer is None:
        raise Troubled(refusals.no_json(question, status, content))
    if status != _OK or "error" in answer:
        raise Troubled(refusals.refused(question, status, answer))
    try:
        return granted(answer)
    except AnswerWrong as error:
        raise Troubled(refusals.odd(question, str(error))) from None


def _post(question: refusals.Question, form: Mapping[str, str]) -> tuple[int, bytes]:
    """Ask, and give status and content. Raises Troubled; an answer that takes too long as a whole is ended."""
    line = Line()
    with TimeLimit(_WHOLE_SECONDS, line.end) as limit:
        try:
            answer = _exchange(question, form, line)
        except Troubled:
            if not limit.passed:
                raise
        else:
            # What was cut off may look like an end.
            if not limit.passed:
                return answer
    raise Troubled(refusals.unreachable(question, requests.Timeout()))


def _exchange(question: refusals.Question, form: Mapping[str, str], line: Line) -> tuple[int, bytes]:
    oauth2 = question.oauth2
    try:
        with requests.Session() as session:
            session.mount("https://", line)
            session.mount("http://", line)
            # Not from the environment: a .netrc would put a password of somebody else's into the question.
            session.trust_env = False
            # http is this machine's alone (settings): through a proxy the secret would leave it in the clear.
            inside = oauth2.token_url.startswith("http:")
            proxies = {} if inside else requests.utils.get_environ_proxies(oauth2.token_url)
            with session.post(
                oauth2.token_url,
                data=form,
                headers={"Accept": "application/json", "Accept-Encoding": "identity"},
                timeout=(_CONNECT_SECONDS, _SILENCE_SECONDS),
                allow_redirects=False,  # a secret goes to the address in the configuration and to no other
                stream=True,
                verify=str(oauth2.ca_file) if oauth2.ca_file else authorities(),
                proxies=proxies,
            ) as answer:
                return answer.status_code, _body(question, answer)
    except urllib3.exceptions.HTTPError as error:  # below requests, while the body is read
        ended = requests.Timeout() if isinstance(error, urllib3.exceptions.TimeoutError) else requests.ConnectionError()
        raise Troubled(refusals.unreachable(question, ended)) from None
    except requests.RequestException as error:
        # Without the cause: it holds the request, and that the secrets.
        raise Troubled(refusals.unreachable(question, error)) from None
    except OSError as error:  # requests checks the file itself
        raise Troubled(
            Trouble(
                kind="temporary",
                what=f"The authorities for {oauth2.token_url} cannot be read: {error}.",
                advice=f"Correct ca_file below oauth2 of {oauth2.name}.",
            )
        ) from None


def _body(question: refusals.Question, answer: requests.Response) -> bytes:
    content = b""
    while chunk := answer.raw.read1(8192):
        content += chunk
        if len(content) > _MAX_BYTES:
            raise Troubled(refusals.odd(question, f"the answer is longer than {_MAX_BYTES} bytes"))
    return content


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
