"""Refresh tokens in the store of a process that writes it."""

from typing import TYPE_CHECKING

from inboxd.errors import InboxdError
from inboxd.oauth.refresh_tokens import RENEWAL_SECONDS, RefreshToken
from inboxd.remote.trouble import Trouble, Troubled
from store import oauth_tokens
from store.claimant import claimant
from store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from sqlalchemy import Connection

    from store.open import Store

    T = TypeVar("T")


class StoredRefreshTokens:
    """`RefreshTokens` in the store; each call is a commit of its own. A store that is away is temporary trouble."""

    def __init__(self, store: "Store") -> None:
        self._store = store
        self._claimant = claimant()

    def get(self, name: str) -> RefreshToken | None:
        """See RefreshTokens."""
        try:
            with self._store.read() as txn:
                kept = oauth_tokens.get(txn, name)
        except StoreError as error:
            raise _away(name, error) from error
        return None if kept is None else RefreshToken(token=kept.refresh_token, origin=kept.origin)

    def begin(self, name: str, token: RefreshToken) -> None:
        """See RefreshTokens."""
        self._write(name, lambda txn: oauth_tokens.begin(txn, name, token.token, origin=token.origin))

    def keep(self, name: str, token: RefreshToken) -> None:
        """Keep what somebody's sign-in gave, whatever stood there."""
        self._write(name, lambda txn: oauth_tokens.keep(txn, name, token.token, origin=token.origin))

    def rotate(self, name: str, token: str, *, instead_of: str) -> bool:
        """See RefreshTokens."""
        return self._write(name, lambda txn: oauth_tokens.rotate(txn, name, token, instead_of=instead_of))

    def claim(self, name: str) -> bool:
        """See RefreshTokens."""
        return self._write(name, lambda txn: oauth_tokens.claim(txn, name, self._claimant, seconds=RENEWAL_SECONDS))

    def release(self, name: str) -> None:
        """See RefreshTokens."""
        self._write(name, lambda txn: oauth_tokens.release(txn, name, self._claimant))

    def _write(self, name: str, run: "Callable[[Connection], T]") -> "T":
        try:
            return self._store.write(run)
        except StoreError as error:
            raise _away(name, error) from error


def _away(name: str, error: StoreError) -> InboxdError:
    return Troubled(
        Trouble(
            kind="temporary",
            what=f"The refresh token of {name} cannot be read or kept: {error}.",
            advice="See what keeps the store from working.",
        )
    )
