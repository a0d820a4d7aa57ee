"""Refresh tokens for a process beside the daemon (`check`): it reads the store itself and lets the daemon write."""

from collections.abc import Callable
from typing import Any

from inboxd.oauth.refresh_tokens import RefreshToken
from store.claimant import claimant

Call = Callable[[str, dict[str, Any]], Any]


class RefreshTokensByCalls:
    """`RefreshTokens` by operations of the desk. No token comes back over the control socket: `read` has the store."""

    def __init__(self, call: Call, read: Callable[[str], RefreshToken | None]) -> None:
        self._call = call
        self._read = read
        self._claimant = claimant()

    def get(self, name: str) -> RefreshToken | None:
        """See RefreshTokens."""
        return self._read(name)

    def begin(self, name: str, token: RefreshToken) -> None:
        """See RefreshTokens."""
        self._call("oauth.begin", {"name": name, "token": token.token, "origin": token.origin})

    def rotate(self, name: str, token: str, *, instead_of: str) -> bool:
        """See RefreshTokens."""
        return bool(self._call("oauth.rotate", {"name": name, "token": token, "instead_of": instead_of}))

    def claim(self, name: str) -> bool:
        """See RefreshTokens."""
        return bool(self._call("oauth.claim", {"name": name, "claimant": self._claimant}))

    def release(self, name: str) -> None:
        """See RefreshTokens."""
        self._call("oauth.release", {"name": name, "claimant": self._claimant})
