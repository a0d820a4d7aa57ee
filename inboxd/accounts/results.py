"""What an import found, until whoever asked for it has fetched it page by page: it may be a hundred thousand lines."""

import secrets
import threading
from collections.abc import Sequence
from typing import Final

from inboxd.accounts.differences import Difference

_KEPT: Final = 4  # results that nobody fetched to the end

Item = Difference | str  # a string is a warning


class Results:
    """Holds the latest results; from any thread."""

    def __init__(self) -> None:
        self._held: dict[str, Sequence[Item]] = {}
        self._changing = threading.Lock()

    def keep(self, items: Sequence[Item]) -> str:
        """Hold a result, and return the name under which it can be fetched."""
        name = secrets.token_hex(8)
        with self._changing:
            self._held[name] = items
            while len(self._held) > _KEPT:
                del self._held[next(iter(self._held))]
        return name

    def page(self, name: str, start: int, limit: int) -> tuple[Sequence[Item], bool]:
        """Return a piece of a result, and whether more follows; behind the last piece it is forgotten. KeyError."""
        with self._changing:
            items = self._held[name]
            more = start + limit < len(items)
            if not more:
                del self._held[name]
        return items[start : start + limit], more
