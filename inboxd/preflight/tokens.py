"""Refresh tokens for a look: those of the store, where there is one and no daemon renews them meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager

from inboxd.errors import ConfigurationWrong
from inboxd.oauth import RefreshToken, RefreshTokens
from inboxd.remote.trouble import Trouble, Troubled
from inboxd.settings import Mailbox, Outgoing, Settings


class _NoStore:
    """`RefreshTokens` without a store: there are none, and none can be begun. The arguments are that protocol's."""

    def __init__(self, why: str) -> None:
        self._why = why

    def get(self, name: str) -> RefreshToken | None:  # noqa: ARG002
        """See RefreshTokens."""
        return None

    def begin(self, name: str, token: RefreshToken) -> None:  # noqa: ARG002
        """See RefreshTokens."""
        raise Troubled(
            Trouble(
                kind="temporary",
                what=f"The refresh token of {name} cannot be tried: {self._why}, and the newer one that an answer "
                "may bring could not be kept.",
                advice="Start inboxd once, or run `inboxd db upgrade`, which makes the store.",
            )
        )

    def rotate(self, name: str, token: str, *, instead_of: str) -> bool:  # noqa: ARG002
        """See RefreshTokens."""
        return False

    def claim(self, name: str) -> bool:  # noqa: ARG002
        """See RefreshTokens."""
        return True

    def release(self, name: str) -> None:
        """See RefreshTokens."""


@contextmanager
def refresh_tokens(settings: Settings, *, running: bool) -> Iterator[RefreshTokens]:
    """Give what holds the refresh tokens until the block ends.

    A newer token that an answer brings must be kept, or the older one may be void: so this may write to the store. Not
    while a daemon is running: it is asked about the mailboxes that need one.
    """
    signing_in: list[Mailbox | Outgoing] = list(settings.imap)
    if settings.outgoing is not None:
        signing_in.append(settings.outgoing)
    wanted = [each.oauth2 for each in signing_in if each.oauth2 is not None]
    if running or not any(each.grant == "refresh-token" for each in wanted):
        yield _NoStore("a daemon is running")
        return
    from inboxd.oauth.stored import StoredRefreshTokens
    from store.errors import StoreError
    from store.open import Store

    try:
        store = Store.open(settings.store.connection_url(), role="command")
    except (StoreError, ConfigurationWrong) as error:
        yield _NoStore(str(error).rstrip("."))
        return
    with store:
        yield StoredRefreshTokens(store)
