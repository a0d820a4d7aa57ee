"""What takes an item out of the house, and how it says that it could not."""

from collections.abc import Callable
from typing import Final, Protocol

from inboxd.errors import InboxdError
from store.outbox import OutboxItem

# A way out that is closed is tried again soon, by one item.
CLOSED_SECONDS: Final = 30.0

# Commits that from now on the item may have gone out, and gives it as it stands then. Raises Withdrawn.
Begin = Callable[[], OutboxItem]


class Carrier(Protocol):
    """Takes one item out, once. `begin` is called right before what cannot be taken back; nothing of it runs before.

    Returns when the other side has taken the item. Raises Later and Never; any other error counts as Later.
    """

    def __call__(self, item: OutboxItem, begin: Begin) -> None:
        """Carry the item out."""


class Later(InboxdError):
    """It did not go this time and may go another.

    `unknown`: the other side may have taken it, its answer is lost. `everyone`: it is the way out that is closed, and
    no other item would go either for `closed_seconds`.
    """

    def __init__(
        self, reason: str, *, unknown: bool = False, everyone: bool = False, closed_seconds: float = CLOSED_SECONDS
    ) -> None:
        super().__init__(reason)
        self.unknown = unknown
        self.everyone = everyone
        self.closed_seconds = closed_seconds


class Never(InboxdError):
    """It will not go, however often it is tried; the sentence says why and what can be done."""


class Withdrawn(InboxdError):
    """It must not go any more: undone, held, or somebody else's meanwhile."""
