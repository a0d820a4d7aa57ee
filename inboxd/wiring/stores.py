"""Opening the store that the settings name, for a daemon, for a command that writes, and for one that looks."""

from typing import TYPE_CHECKING, Literal

from inboxd.errors import ConfigurationWrong, InboxdError, TryLater
from inboxd.settings import Settings
from store import errors as store_errors

if TYPE_CHECKING:
    from store.open import Store

Role = Literal["daemon", "command", "reader"]


def open_store(settings: Settings, role: Role) -> "Store":
    """Open the store the settings name; a writer makes a missing one."""
    from store.open import Store

    blobs = settings.store.blobs
    try:
        return Store.open(
            settings.store.connection_url(),
            blobs=None if blobs is None else str(blobs),
            role=role,
            create=role != "reader",
        )
    except (store_errors.StoreOlder, store_errors.StoreNewer) as error:
        raise ConfigurationWrong(str(error)) from error
    except store_errors.StoreMissing as error:
        raise NoStoreYet(str(error)) from error
    except store_errors.StoreError as error:
        raise said(error) from error


class NoStoreYet(InboxdError):
    """Nobody has made the store yet, and this command makes none."""


def said(error: store_errors.StoreError) -> InboxdError:
    """Return an error of the store as one that a person is told."""
    return TryLater(str(error)) if error.temporary else InboxdError(str(error))
