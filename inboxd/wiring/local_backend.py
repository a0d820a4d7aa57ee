"""A desk without a daemon: a command opens the store by itself, and works on what it brought and on nothing else."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, cast

from inboxd.control.client import connect
from inboxd.control.wire import Backend
from inboxd.desk.desk import WITHOUT_STORE, WRITES
from inboxd.policy.load_policy import load_policy
from inboxd.policy.on_file import NoStore
from inboxd.settings import Settings
from inboxd.wiring.house import House
from inboxd.wiring.stores import NoStoreYet, Role, StoreInUse, open_store

if TYPE_CHECKING:
    from store.open import Store


# For whoever has the store: a command ends soon, a daemon that has just begun answers soon.
_WAIT_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 0.2


class LocalBackend:
    """Answers operations in this process; opens the store by need, for writing only when something is written.

    Where a daemon has the store by then, which has begun in this moment, that one answers.
    """

    def __init__(self, settings: Settings, actor: str) -> None:
        self._settings = settings
        self._actor = actor
        self._houses: dict[Role, House] = {}
        self._daemon: Backend | None = None

    def call(self, operation: str, arguments: dict[str, Any], payload: bytes = b"") -> Any:
        """Run one operation."""
        writes = operation in WRITES or "command" in self._houses or self._renews(operation)
        house = self._house("command" if writes else "reader", operation) if self._daemon is None else None
        if house is None:
            assert self._daemon is not None
            return self._daemon.call(operation, arguments, payload)
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

    def _house(self, role: Role, operation: str) -> House | None:
        """Return the house of a role; None where a daemon answers now."""
        if role not in self._houses:
            policy = load_policy(self._settings)
            store = self._store(role, operation)
            if store is None:
                return None
            self._houses[role] = House(self._settings, store, policy, confined=True)
            self._houses[role].read_directory()
        return self._houses[role]

    def _store(self, role: Role, operation: str) -> "Store | None":
        give_up = time.monotonic() + _WAIT_SECONDS
        while True:
            try:
                return self._opened(role, operation)
            except StoreInUse:
                self._daemon = connect(self._settings.control.socket)
                if self._daemon is not None:
                    return None
                if time.monotonic() >= give_up:
                    raise

    def _opened(self, role: Role, operation: str) -> "Store":
        try:
            return open_store(self._settings, role, wait_seconds=_LOOK_SECONDS)
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
