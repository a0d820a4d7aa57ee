"""Tells the filing workers of new mail: at once, but while a backlog comes in only every two seconds.

Bringing mail into safety and filing it share a processor, and safety comes first.
"""

import time
from collections.abc import Callable, Iterable
from typing import Final

HELD_SECONDS: Final = 2.0


class News:
    """Queue ids that the workers have not heard of."""

    def __init__(self, announce: Callable[[Iterable[str]], None]) -> None:
        self._announce = announce
        self._held: list[str] = []
        self._since = 0.0

    def add(self, queue_ids: Iterable[str], *, more: bool) -> None:
        """Take ids; `more` says that a full batch follows at once."""
        if not self._held:
            self._since = time.monotonic()
        self._held += queue_ids
        if not more or time.monotonic() - self._since >= HELD_SECONDS:
            self.tell()

    def tell(self) -> None:
        """Let the workers hear of everything that was taken."""
        held, self._held = self._held, []
        if held:
            self._announce(held)
