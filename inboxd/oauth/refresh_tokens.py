"""Refresh tokens: where they are kept, and which of them counts."""

import hashlib
from dataclasses import dataclass, field
from typing import Final, Protocol

from inboxd.settings import OAuth2

# A renewal is over in less: the time limits of its one question. Who dies meanwhile holds up nobody for longer.
RENEWAL_SECONDS: Final = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """A refresh token as it is kept. `origin` says what it descends from (`origin_of`)."""

    token: str = field(repr=False)
    origin: str


class RefreshTokens(Protocol):
    """Where refresh tokens are kept, by the name of their sign-in (`imap.support`); each call commits by itself."""

    def get(self, name: str) -> RefreshToken | None:
        """Return the newest one."""

    def begin(self, name: str, token: RefreshToken) -> None:
        """Keep the first one of its line; where one of the same `origin` is kept already, that one stays."""

    def rotate(self, name: str, token: str, *, instead_of: str) -> bool:
        """Keep a newer one in place of the one it was had for; False: another stands there by now, and stays."""

    def claim(self, name: str) -> bool:
        """Say whether this process alone may renew now, for RENEWAL_SECONDS at most."""

    def release(self, name: str) -> None:
        """Let others renew."""


def origin_of(oauth2: OAuth2) -> str:
    """Name what a refresh token of this sign-in descends from: the application, and the file's token if there is one.

    A token that is kept for another origin means nothing any more: somebody has put a new one into the file, or has
    moved to another application. Raises ConfigurationWrong when the file cannot be read.
    """
    file = oauth2.refresh_token.read() if oauth2.refresh_token else ""
    return hashlib.sha256(f"{oauth2.token_url}\0{oauth2.client_id}\0{file}".encode()).hexdigest()
