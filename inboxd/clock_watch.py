"""Notices that the time of day was set, and lets nothing wait the longer for it, nor end the sooner.

What shall happen "in a minute" is kept with the time of day at which that is. A machine that starts with a clock two
hours ahead, until a time server corrects it, would try a mail again, wake the next person, or send a reply, two hours
late. Where the clock is set forward, a receipt that was queued a moment ago would count as a day late, and the next
person would be woken at once. A step is told from time that passed by the time since boot, which nobody sets. A virtual
machine that was stopped for a while looks like one whose clock was set: what waited then goes out after it.
"""

import threading
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Final

import structlog

from store import clock, clock_steps, health, jobs
from store.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.open import Store

# Less is drift, and what a time server corrects by the way.
_STEP_MS: Final = 5_000

log = structlog.get_logger("inboxd.clock_watch")


class ClockWatch:
    """`begin` once, `look` every few seconds and before time is judged. Only an SQLite store goes by this clock."""

    def __init__(
        self,
        store: "Store",
        *,
        of_the_day: Collection[str],
        set_back: "Callable[[Connection], None]" = lambda _txn: None,
    ) -> None:
        """`of_the_day`: kinds of jobs that are due at a time of day, however long that is from now.

        `set_back` mends, in the same transaction, what was said too early by a clock that stood ahead.
        """
        self._store = store
        self._of_the_day = of_the_day
        self._mend = set_back
        self._looking = threading.Lock()
        self._ahead = _ahead()

    def begin(self) -> None:
        """See whether the clock was set since a process last worked here."""
        with self._looking:
            self._try(None)

    def look(self) -> None:
        """See whether it was set since the last look; cheap, from any thread."""
        with self._looking:
            ahead = _ahead()
            if abs(ahead - self._ahead) >= _STEP_MS:
                self._try(ahead - self._ahead)
            else:
                self._ahead = ahead

    def _try(self, seen: int | None) -> None:
        ahead = _ahead()
        if self._store.dialect == "sqlite":
            try:
                by = self._store.write(lambda txn: self._see(txn, seen))
            except StoreError:
                return  # a store that is away says so elsewhere; the next look tries again
            if by < 0:
                log.warning("clock_set_back", seconds=round(-by / 1000))
            elif by:
                log.warning("clock_set_forward", seconds=round(by / 1000))
        self._ahead = ahead

    def _see(self, txn: "Connection", seen: int | None) -> int:
        """Compare with what was kept, so that each step counts once, whatever becomes of a process; give its ms.

        `seen`: by how much this process saw it set; None at the start.
        """
        known, now = clock_steps.of(txn), clock_steps.ClockSteps.begun()
        if known is not None and known.boot == now.boot:
            by = now.ahead - known.ahead
        elif seen is not None:
            by = seen
        else:
            # Another boot: how long the machine was off nobody knows, but less than no time it was not.
            last = health.last_proof(txn)
            by = 0 if last is None else min(0, clock.now_ms() - last)
        if seen is None:
            health.prove_writable(txn)
        if abs(by) < _STEP_MS:
            clock_steps.keep(txn, (known or now).at_rest())
            return 0
        clock_steps.keep(txn, (known or now).after(by))
        jobs.follow_the_clock(txn, by, but=self._of_the_day)
        if by < 0:
            self._mend(txn)
        return by


def _ahead() -> int:
    """How far the time of day is ahead of the time since the machine started, in milliseconds."""
    return clock.now_ms() - clock.boot_ms()
