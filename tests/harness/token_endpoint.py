"""A small authorization server on loopback that speaks the true protocol: RFC 6749, 7636 (PKCE), 7662 (introspection).

Knows nothing of pytest. It holds what it handed out, and can be told to misbehave: `answers` are given first, one for
each question to the token endpoint.
"""

import base64
import contextlib
import hashlib
import json
import secrets
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.harness.certificates import Signed

Form = dict[str, str]
Rotation = Literal["never", "strict", "lenient"]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it goes out."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


def refusal(error: str, description: str = "", *, status: int = 400) -> Answer:
    """An error answer (RFC 6749 5.2)."""
    content = {"error": error, "error_description": description} if description else {"error": error}
    return Answer(status, json.dumps(content).encode(), {"Content-Type": "application/json"})


@dataclass
class _Grant:
    user: str
    scope: str
    expires_at: float
    active: bool = True


@dataclass
class TokenEndpoint:
    """The server. `clients` maps a client_id to its secret (None: public), `applications` to whom its tokens are for.

    `rotation`: whether a refresh token is used up by its use (`strict`), stays good until the newer one is used
    (`lenient`), or stays good and the only one (`never`). `before_answer` runs once a grant
    stands, before anybody hears of it.
    """

    clients: dict[str, str | None] = field(default_factory=lambda: {"inboxd": "client secret"})
    applications: dict[str, str] = field(default_factory=dict)
    lifetime: int = 3600
    rotation: Rotation = "never"
    scope: str = "mail"
    answers: list[Answer] = field(default_factory=list)
    questions: list[Form] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    introspections: int = 0
    before_answer: Callable[[Form], None] = field(default=lambda _form: None)
    make_token: Callable[[str], str] = field(default=lambda _user: secrets.token_urlsafe(24))
    _access: dict[str, _Grant] = field(default_factory=dict)
    _refresh: dict[str, _Grant] = field(default_factory=dict)
    _parents: dict[str, str] = field(default_factory=dict)
    _codes: dict[str, Form] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    url: str = ""
    port: int = 0

    @contextlib.contextmanager
    def running(self, signed: Signed | None = None, host: str = "127.0.0.1") -> Iterator["TokenEndpoint"]:
        """Listen on a free port; with `signed` over TLS, under the name `host`."""

        class Handler(_Handler):
            endpoint = self

        server = _Server(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        if signed is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(signed.certificate, signed.key)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        self.port = server.server_address[1]
        self.url = f"{'https' if signed else 'http'}://{host}:{self.port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join(10)

    def sign_in(self, user: str) -> str:
        """Give a refresh token for somebody, as if they had signed in."""
        with self._lock:
            return self._refresh_for(user, self.scope)

    def revoke(self) -> None:
        """Make everything void that was handed out until now."""
        with self._lock:
            for grant in (*self._access.values(), *self._refresh.values()):
                grant.active = False

    def revoke_access(self) -> None:
        """Make the access tokens void, as a server may before their time."""
        with self._lock:
            for grant in self._access.values():
                grant.active = False

    def is_good(self, refresh_token: str) -> bool:
        """Whether a refresh token would be taken."""
        with self._lock:
            return refresh_token in self._refresh and self._refresh[refresh_token].active

    def token(self, form: Form) -> Answer:
        """POST /token."""
        with self._lock:
            self.questions.append(form)
            if self.answers:
                return self.answers.pop(0)
            client = form.get("client_id", "")
            if client not in self.clients or self.clients[client] not in (None, form.get("client_secret")):
                return refusal("invalid_client", "The client is not known, or its secret is wrong.", status=401)
            match form.get("grant_type"):
                case "client_credentials":
                    if client not in self.applications:
                        return refusal("unauthorized_client")
                    return self._granted(self.applications[client], form.get("scope", self.scope), refresh=None)
                case "refresh_token":
                    return self._by_refresh_token(form.get("refresh_token", ""))
                case "authorization_code":
                    return self._by_code(form)
                case _:
                    return refusal("unsupported_grant_type")

    def authorize(self, query: Form, user: str) -> Answer:
        """GET /authorize, with somebody in front of the browser who is signed in as `user` and agrees."""
        wanted = ("client_id", "redirect_uri", "code_challenge", "state")
        if query.get("response_type") != "code" or query.get("code_challenge_method") != "S256":
            return refusal("invalid_request")
        if query["client_id"] not in self.clients or not all(query.get(key) for key in wanted):
            return refusal("invalid_request")
        code = secrets.token_urlsafe(12)
        with self._lock:
            self._codes[code] = {**query, "user": user}
        where = f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"
        return Answer(302, b"", {"Location": where})

    def introspect(self, form: Form) -> Answer:
        """POST /introspect."""
        with self._lock:
            self.introspections += 1
            grant = self._access.get(form.get("token", ""))
            active = grant is not None and grant.active and time.monotonic() < grant.expires_at
            content: dict[str, Any] = {"active": active}
            if active and grant is not None:
                content |= {"username": grant.user, "scope": grant.scope}
            return Answer(200, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def _by_refresh_token(self, token: str) -> Answer:
        grant = self._refresh.get(token)
        if grant is None or not grant.active:
            return refusal("invalid_grant", "The refresh token is revoked or expired.")
        parent = self._parents.pop(token, None)
        if parent is not None:
            self._refresh[parent].active = False
        newer = None
        if self.rotation != "never":
            newer = self._refresh_for(grant.user, grant.scope)
            if self.rotation == "strict":
                grant.active = False
            else:
                self._parents[newer] = token
        return self._granted(grant.user, grant.scope, refresh=newer)

    def _by_code(self, form: Form) -> Answer:
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if (
            asked is None
            or asked["redirect_uri"] != form.get("redirect_uri")
            or asked["code_challenge"] != base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        ):
            return refusal("invalid_grant", "The code is not good.")
        scope = asked.get("scope", self.scope)
        return self._granted(asked["user"], scope, refresh=self._refresh_for(asked["user"], scope))

    def _granted(self, user: str, scope: str, *, refresh: str | None) -> Answer:
        token = self.make_token(user)
        self._access[token] = _Grant(user, scope, time.monotonic() + self.lifetime)
        content = {"access_token": token, "token_type": "Bearer", "expires_in": self.lifetime, "scope": scope}
        if refresh is not None:
            content["refresh_token"] = refresh
        return Answer(200, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def _refresh_for(self, user: str, scope: str) -> str:
        token = secrets.token_urlsafe(24)
        self._refresh[token] = _Grant(user, scope, float("inf"))
        return token


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        # Tests hang up in the middle of things, and refuse the certificate.
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    endpoint: TokenEndpoint
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        form = {key: values[0] for key, values in parse_qs(content, keep_blank_values=True).items()}
        if self.headers.get_content_type() != "application/x-www-form-urlencoded":
            self._say(refusal("invalid_request", "RFC 6749 wants a form."))
        elif self.path == "/token":
            if "Authorization" in self.headers:
                self.endpoint.authorizations.append(self.headers["Authorization"])
            answer = self.endpoint.token(form)
            self.endpoint.before_answer(form)
            self._say(answer)
        elif self.path == "/introspect":
            self._say(self.endpoint.introspect(form))
        else:
            self._say(Answer(404, b"<!DOCTYPE html><title>nothing here</title>", {"Content-Type": "text/html"}))

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if parts.path == "/authorize":
            self._say(self.endpoint.authorize(query, query.get("login_hint", "")))
        else:
            self._say(Answer(404, b"nothing here"))

    def _say(self, answer: Answer) -> None:
        if answer.delay:
            time.sleep(answer.delay)
        with contextlib.suppress(ConnectionError):  # whoever asked may be gone by now
            self.send_response(answer.status)
            for key, value in answer.headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that http.server calls
        """Say nothing."""
