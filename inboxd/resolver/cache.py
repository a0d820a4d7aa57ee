"""Answers remembered for as long as their TTL allows, the one used longest ago forgotten first."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from inboxd.resolver.answer import Answer, Kind

# Most answers are under 300 bytes, none is above `resolver.MAX_ANSWER`: some megabytes, whoever fills it.
MAX_ENTRIES = 10_000

Question = tuple[str, Kind]


class Cache:
    """A bounded memory of answers; from any thread."""

    def __init__(self, max_entries: int = MAX_ENTRIES, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_entries = max_entries
        self._clock = clock
        self._entries: OrderedDict[Question, tuple[float, Answer]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, question: Question) -> Answer | None:
        """Return what is remembered and still good."""
        with self._lock:
            entry = self._entries.get(question)
            if entry is None:
                return None
            if entry[0] <= self._clock():
                del self._entries[question]
                return None
            self._entries.move_to_end(question)
            return entry[1]

    def put(self, question: Question, answer: Answer, seconds: float) -> None:
        """Remember an answer for so long."""
        if seconds <= 0:
            return
        with self._lock:
            self._entries[question] = (self._clock() + seconds, answer)
            self._entries.move_to_end(question)
            while len(self._entries) > self._max_entries:
                self._entries.popitem(last=False)
