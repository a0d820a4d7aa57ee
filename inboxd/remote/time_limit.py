"""A limit for the whole of an exchange with a server.

The time-outs of sockets are for one read each: a server that sends a byte now and then would be waited for as long as
it likes.
"""

import heapq
import threading
import time
from collections.abc import Callable
from typing import Final, Self

import structlog

log = structlog.get_logger("inboxd.time_limit")


class TimeLimit:
    """Calls `end` from another thread when the block it guards takes longer than `seconds`; `passed` tells whether.

    `end` returns at once: one thread serves every limit. It is never called after the block.
    """

    def __init__(self, seconds: float, end: Callable[[], None]) -> None:
        self.passed = False
        self.over = False
        self.end = end
        self._seconds = seconds

    def __enter__(self) -> Self:
        _WATCH.add(time.monotonic() + self._seconds, self)
        return self

    def __exit__(self, *_: object) -> None:
        _WATCH.take_off(self)


class _Watch:
    """The thread that ends what takes too long. A thread for each limit costs more than most of what it guards."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        # Rising by time; the number tells limits of the same time apart. What is over goes when its time comes.
        self._limits: list[tuple[float, int, TimeLimit]] = []
        self._added = 0
        self._thread: threading.Thread | None = None

    def add(self, at: float, limit: TimeLimit) -> None:
        with self._changed:
            self._added += 1
            heapq.heappush(self._limits, (at, self._added, limit))
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="time-limits", daemon=True)
                self._thread.start()
            elif self._limits[0][2] is limit:
                self._changed.notify()

    def take_off(self, limit: TimeLimit) -> None:
        with self._changed:
            limit.over = True
            limit.end = _nothing  # whatever it would have ended may go now

    def _serve(self) -> None:
        while True:
            with self._changed:
                limit = self._next()
                limit.passed = True
                try:
                    # Still under the lock: a block that ends this moment waits for it in `take_off`.
                    limit.end()
                except Exception:
                    # The other limits must be kept, whatever becomes of this one's block.
                    log.exception("time_limit_failed")

    def _next(self) -> TimeLimit:
        """Wait for the first limit that passes."""
        while True:
            while self._limits and self._limits[0][2].over:
                heapq.heappop(self._limits)
            left = self._limits[0][0] - time.monotonic() if self._limits else None
            if left is not None and left <= 0:
                return heapq.heappop(self._limits)[2]
            self._changed.wait(left)


def _nothing() -> None:
    """End nothing."""


_WATCH: Final = _Watch()
