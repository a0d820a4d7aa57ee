"""When to ask again for mails that a server would not hand out, and which ones to ask for alone."""

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

_FIRST_SECONDS: Final = 60.0
_LONGEST_SECONDS: Final = 3600.0
# So often the line may break at one mail before the others no longer wait for it.
_STRIKES: Final = 3


@dataclass(slots=True)
class _Waiting:
    at: float
    tries: int = 0
    breaks_the_line: bool = False


class Retries:
    """The unreadable mails of one folder."""

    def __init__(self) -> None:
        self._waiting: dict[int, _Waiting] = {}
        self._strikes: dict[int, int] = {}
        # The line broke while these were fetched together: one of them may be the reason.
        self.alone: set[int] = set()

    def __contains__(self, uid: int) -> bool:
        return uid in self._waiting

    @property
    def are_waiting(self) -> bool:
        """Tell whether there are any."""
        return bool(self._waiting)

    def learn(self, unreadable: Iterable[int]) -> None:
        """Take up those in the ledger that are not known here, which are due at once."""
        for uid in unreadable:
            self._waiting.setdefault(uid, _Waiting(at=0.0))

    def due(self) -> list[int]:
        """Give the mails whose time has come, rising."""
        now = time.monotonic()
        return sorted(uid for uid, waiting in self._waiting.items() if waiting.at <= now)

    def all_at_once(self) -> None:
        """Make all due, but for those that would break a new line at once."""
        for waiting in self._waiting.values():
            if not waiting.breaks_the_line:
                waiting.at = 0.0

    def done(self, asked_for: Collection[int], *, still_refused: Collection[int]) -> None:
        """Note how it went: what was handed out is forgotten, the rest waits twice as long as before."""
        self.alone.difference_update(asked_for)
        for uid in asked_for:
            self._strikes.pop(uid, None)
            if uid in still_refused:
                waiting = self._waiting.setdefault(uid, _Waiting(at=0.0))
                waiting.at = time.monotonic() + min(_FIRST_SECONDS * 2**waiting.tries, _LONGEST_SECONDS)
                waiting.tries = min(waiting.tries + 1, 16)
            else:
                self._waiting.pop(uid, None)

    def broke_at(self, under_way: Collection[int]) -> int | None:
        """Note that the line broke while these were fetched; give a mail at which it broke too often."""
        if len(under_way) != 1:
            self.alone.update(under_way)
            return None
        (uid,) = under_way
        self.alone.add(uid)
        self._strikes[uid] = self._strikes.get(uid, 0) + 1
        if self._strikes[uid] < _STRIKES and uid not in self._waiting:
            return None
        self._waiting[uid] = _Waiting(at=time.monotonic() + _LONGEST_SECONDS, tries=16, breaks_the_line=True)
        return uid
