"""What can go wrong with a store, each class for something that a caller does differently.

Importing this costs nothing (no SQLAlchemy), so that the command line can name errors cheaply.
"""


class StoreError(Exception):
    """The root. `temporary` answers what a channel asks: may the same call go through later."""

    temporary: bool = False

    def __init__(self, message: str, *, temporary: bool | None = None) -> None:
        super().__init__(message)
        if temporary is not None:
            self.temporary = temporary


class StoreBusy(StoreError):
    """Another process holds the store; the text says which (exit 75)."""

    temporary = True


class StoreUnavailable(StoreError):
    """The database, its disk or the way to it fails now.

    What was asked for was not done, with one exception that no database can exclude: a connection that broke during
    the commit leaves the outcome unknown. Writes are therefore idempotent (unique keys), and may be sent again.
    """

    temporary = True


class StoreMissing(StoreError):
    """There is no store at this address, and the caller did not ask to make one."""


class StoreOlder(StoreError):
    """The store's schema is older than this program; `inboxd db upgrade` brings it up."""

    temporary = True


class StoreNewer(StoreError):
    """The store's schema was upgraded by a newer inboxd; this one must not write to it."""

    temporary = True


class NotFound(StoreError):
    """No such row, ticket or blob."""


class LeaseLost(StoreError):
    """The job is no longer ours: its lease ran out and it was given to another, or it was ended.

    Whoever gets this gives up what it did in the transaction: somebody else does the work again.
    """


class PriorityRefused(StoreError):
    """An emailed ticket would have got a priority that no person and no call gave it."""
