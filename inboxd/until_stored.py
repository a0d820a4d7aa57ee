"""What has happened is written down, however long the store is away: a full disk does not make it unhappened."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import structlog

from store.errors import LeaseLost, StoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.open import Store

T = TypeVar("T")

log = structlog.get_logger("inboxd.until_stored")


def until_stored(store: "Store", change: "Callable[[Connection], T]", stopping: threading.Event) -> T:
    """Write how a job ended, each second again while the store is away.

    Raises LeaseLost, and what the store says when a stop comes first: then the lease, and the next start, see to it.
    """
    said = None
    while True:
        try:
            return store.write(change)
        except LeaseLost:
            raise
        except StoreError as error:
            if str(error) != said:  # a change, not each try: the log may lie on the disk that is full
                said = str(error)
                log.error("job_state_not_stored", error=said)
            if stopping.wait(1.0):
                raise
