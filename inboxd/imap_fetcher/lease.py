"""Which of several nodes serves a mailbox. Only a matter of work: what is stored twice is kept from by the ledger."""

import contextlib
import time
from typing import TYPE_CHECKING, Final

from store import mailboxes
from store.claimant import claimant, this_host
from store.errors import StoreError

if TYPE_CHECKING:
    from store.open import Store

# Renewed at a look, of which there is one a minute at least; a node that died is followed after so long.
LEASE_SECONDS: Final = 180.0
_RENEW_SECONDS: Final = 45.0


class Lease:
    """The right of this process to serve a mailbox. An SQLite store has one daemon, which needs none."""

    def __init__(self, store: "Store", mailbox: str) -> None:
        self._store = store
        self._mailbox = mailbox
        self._claimant = claimant()
        self._renew_at = 0.0
        self._held = False
        self.is_needed = store.dialect != "sqlite"

    def take(self) -> bool:
        """Take it, or keep it; False while another node has it. Raises StoreError."""
        if not self.is_needed:
            return True
        if not self._held or time.monotonic() >= self._renew_at:
            self._held = self._store.write(
                lambda txn: mailboxes.take_lease(txn, self._mailbox, self._claimant, LEASE_SECONDS, this_host())
            )
            self._renew_at = time.monotonic() + _RENEW_SECONDS
        return self._held

    def drop(self) -> None:
        """Give it back. A store that is away keeps it until it runs out."""
        if not self._held:
            return
        self._held = False
        with contextlib.suppress(StoreError):
            self._store.write(lambda txn: mailboxes.drop_lease(txn, self._mailbox, self._claimant))
