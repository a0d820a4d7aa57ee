"""Opening the store that the settings name, for a daemon, for a command that writes, and for one that looks."""

from typing import TYPE_CHECKING, Literal

from inboxd.errors import ConfigurationWrong, InboxdError, TryLater
from inboxd.settings import Settings
from store import errors as store_errors

if TYPE_CHECKING:
    from store.open import Store

Role = Literal["daemon", "command", "reader"]


def open_store(settings: Settings, role: Role, *, wait_seconds: float = 10.0) -> "Store":
    """Open the store the settings name; a writer makes a missing one. A command waits so long for who has it."""
    from store.open import Store

    blobs = settings.store.blobs
    try:
        return Store.open(
            settings.store.connection_url(),
            blobs=None if blobs is None else str(blobs),
            role=role,
            create=role != "reader",
            wait_seconds=wait_seconds,
        )
    except (store_errors.StoreOlder, store_errors.StoreNewer) as error:
        raise ConfigurationWrong(str(error)) from error
    except store_errors.StoreMissing as error:
        raise NoStoreYet(str(error)) from error
    except store_errors.StoreBusy as error:
        raise StoreInUse(str(error)) from error
    except store_errors.StoreError as error:
        raise said(error) from error


class StoreInUse(TryLater):
    """Another process has the store: a daemon, or a command that writes."""


class NoStoreYet(InboxdError):
    """Nobody has made the store yet, and this command makes none."""


def said(error: store_errors.StoreError) -> InboxdError:
    """Return an error of the store as one that a person is told."""
    return TryLater(str(error)) if error.temporary else InboxdError(str(error))
