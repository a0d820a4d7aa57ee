"""A limit for the whole of an exchange with a server.

The time-outs of sockets are for one read each: a server that sends a byte now and then would be waited for as long as
it likes.
"""

import threading
from collections.abc import Callable
from typing import Self


class TimeLimit:
    """Calls `end` from another thread when the block it guards takes longer than `seconds`; `passed` tells whether."""

    def __init__(self, seconds: float, end: Callable[[], None]) -> None:
        self.passed = False
        self._end = end
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _pass(self) -> None:
        self.passed = True
        self._end()
