"""Notices that the time of day was set back, and lets nothing wait the longer for it.

What shall happen "in a minute" is kept with the time of day at which that is. A machine that starts with a clock two
hours ahead, until a time server corrects it, would try a mail again, wake the next person, or send a reply, two hours
late. A clock that is set forward does no such harm: what waits comes early.
"""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Final

import structlog

from store import clock, health, jobs
from store.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.open import Store

# Less is drift, and what a time server corrects by the way.
_STEP_MS: Final = 5_000

log = structlog.get_logger("inboxd.clock_watch")


class ClockWatch:
    """`begin` once, `look` every few seconds. Only an SQLite store goes by this machine's clock."""

    def __init__(self, store: "Store", *, of_the_day: Collection[str]) -> None:
        """`of_the_day`: kinds of jobs that are due at a time of day, however long that is from now."""
        self._store = store
        self._of_the_day = of_the_day
        self._ahead = _ahead()

    def begin(self) -> None:
        """See whether the clock was set back since a process last worked here."""
        self._try(self._since_last_time)

    def look(self) -> None:
        """See whether it was set back since the last look."""
        ahead = _ahead()
        by = self._ahead - ahead
        if by < _STEP_MS or self._try(lambda txn: self._set_back(txn, by)):
            self._ahead = ahead

    def _since_last_time(self, txn: "Connection") -> int:
        last = health.last_proof(txn)
        health.prove_writable(txn)
        by = 0 if last is None else last - clock.now_ms()
        return self._set_back(txn, by) if by >= _STEP_MS else 0

    def _set_back(self, txn: "Connection", by: int) -> int:
        jobs.bring_forward(txn, by, but=self._of_the_day)
        return by

    def _try(self, change: "Callable[[Connection], int]") -> bool:
        if self._store.dialect != "sqlite":
            return True
        try:
            by = self._store.write(change)
        except StoreError:
            return False  # a store that is away says so elsewhere; the next look tries again
        if by:
            log.warning("clock_set_back", seconds=by // 1000)
        return True


def _ahead() -> int:
    """How far the time of day is ahead of the time since the machine started, in milliseconds."""
    return clock.now_ms() - clock.boot_ms()
