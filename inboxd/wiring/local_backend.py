"""A desk without a daemon: a command opens the store by itself, and works on what it brought and on nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from inboxd.desk.desk import WITHOUT_STORE, WRITES
from inboxd.policy.load_policy import load_policy
from inboxd.policy.on_file import NoStore
from inboxd.settings import Settings
from inboxd.wiring.house import House
from inboxd.wiring.stores import NoStoreYet, Role, open_store

if TYPE_CHECKING:
    from store.open import Store


class LocalBackend:
    """Answers operations in this process; opens the store by need, for writing only when something is written."""

    def __init__(self, settings: Settings, actor: str) -> None:
        self._settings = settings
        self._actor = actor
        self._houses: dict[Role, House] = {}

    def call(self, operation: str, arguments: dict[str, Any], payload: bytes = b"") -> Any:
        """Run one operation."""
        writes = operation in WRITES or "command" in self._houses or self._renews(operation)
        house = self._house("command" if writes else "reader", operation)
        return house.desk(self._actor, lambda: {"running": False}).call(operation, arguments, payload)

    def _renews(self, operation: str) -> bool:
        """Tell whether an operation that looks may bring a newer refresh token, which must be kept."""
        signs_in = [mailbox.oauth2 for mailbox in self._settings.imap if mailbox.oauth2 is not None]
        return operation == "audit" and any(oauth2.grant == "refresh-token" for oauth2 in signs_in)

    def houses(self) -> tuple[House, ...]:
        """Return what was opened."""
        return tuple(self._houses.values())

    def close(self) -> None:
        """Close what was opened."""
        for house in self._houses.values():
            house.close()

    def _house(self, role: Role, operation: str) -> House:
        if role not in self._houses:
            policy = load_policy(self._settings)
            self._houses[role] = House(self._settings, self._store(role, operation), policy, confined=True)
            self._houses[role].read_directory()
        return self._houses[role]

    def _store(self, role: Role, operation: str) -> "Store":
        try:
            return open_store(self._settings, role)
        except NoStoreYet as error:
            if operation not in WITHOUT_STORE:
                raise
            return cast("Store", NoStore(error))


@contextmanager
def open_backend(settings: Settings, *, actor: str) -> Iterator[LocalBackend]:
    """Give the operations of a desk whose daemon does not run, until the block ends."""
    backend = LocalBackend(settings, actor)
    try:
        yield backend
    finally:
        backend.close()
