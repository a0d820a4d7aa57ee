"""Sign-ins by OAuth 2.0 for tests: settings, refresh tokens in memory, a Dovecot that asks a token endpoint."""

import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from inboxd.oauth import RefreshToken
from inboxd.settings import OAuth2, Place, SecretFile
from tests.harness.dovecot import Dovecot
from tests.harness.token_endpoint import TokenEndpoint

_PASSDB = """\
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = FILE
}
"""
_SUBMISSION = """\
protocols = imap submission
hostname = localhost
submission_relay_host = 127.0.0.1
submission_relay_port = RELAY
service submission-login {
  chroot =
  inet_listener submission {
    port = PORT
  }
}
"""
_INTROSPECTION = """\
introspection_mode = post
introspection_url = URL/introspect
force_introspection = yes
username_attribute = username
active_attribute = active
active_value = true
"""


def secret_file(path: Path, content: str, key: str = "oauth2.client_secret_file") -> SecretFile:
    """Write a secret into a file that nobody else may read."""
    path.touch(mode=0o600)
    path.write_text(content)
    return SecretFile(key=key, path=path, place=Place(file="inboxd.yaml", line=1, column=1))


def sign_in_at(endpoint: TokenEndpoint, folder: Path, **changes: Any) -> OAuth2:
    """Give the settings of an application that signs in by itself; `changes` make it another."""
    settings: dict[str, Any] = {
        "name": "imap.support",
        "provider": None,
        "grant": "client-credentials",
        "token_url": f"{endpoint.url}/token",
        "authorize_url": f"{endpoint.url}/authorize",
        "client_id": "inboxd",
        "client_secret": secret_file(folder / "client-secret", "client secret"),
        "refresh_token": None,
        "scope": "mail",
        "login_scope": "mail",
        "ca_file": None,
    }
    return OAuth2(**{**settings, **changes})


class RefreshTokensInMemory:
    """`RefreshTokens` without a store, for tests of what uses them."""

    def __init__(self) -> None:
        self.kept: dict[str, RefreshToken] = {}
        self.claimed: set[str] = set()
        self._lock = threading.Lock()

    def get(self, name: str) -> RefreshToken | None:
        return self.kept.get(name)

    def begin(self, name: str, token: RefreshToken) -> None:
        there = self.kept.get(name)
        if there is None or there.origin != token.origin:
            self.kept[name] = token

    def rotate(self, name: str, token: str, *, instead_of: str) -> bool:
        there = self.kept[name]
        if there.token != instead_of:
            return False
        self.kept[name] = RefreshToken(token=token, origin=there.origin)
        return True

    def claim(self, name: str) -> bool:
        with self._lock:
            if name in self.claimed or name not in self.kept:
                return False
            self.claimed.add(name)
            return True

    def release(self, name: str) -> None:
        self.claimed.discard(name)


def submission_service(port: int, relay_port: int) -> str:
    """Give the configuration of Dovecot's submission service, which hands mail on to a relay on loopback."""
    return _SUBMISSION.replace("RELAY", str(relay_port)).replace("PORT", str(port))


@contextlib.contextmanager
def dovecot_that_asks(endpoint: TokenEndpoint, *, extra: str = "") -> Iterator[Dovecot]:
    """Run a Dovecot whose OAuth2 passdb asks this endpoint whether a token is good (introspection by POST)."""
    folder = Path(tempfile.mkdtemp(prefix="ido-", dir="/tmp"))
    try:
        folder.chmod(0o755)
        file = folder / "oauth2.conf.ext"
        file.write_text(_INTROSPECTION.replace("URL", endpoint.url))
        os.chmod(file, 0o644)  # noqa: PTH101 - the server runs as somebody else
        passdb = _PASSDB.replace("FILE", str(file))
        with Dovecot.running(mechanisms="plain login xoauth2 oauthbearer", extra=passdb + extra) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)
