"""When: ticks, and nothing more. What is due stands in the store, so a missed tick loses nothing."""

import threading
from collections.abc import Callable

import structlog

log = structlog.get_logger("inboxd.schedule")

# Jobs whose time has come, and those that another node wrote, are seen within this time; a fresh job wakes its lane.
DUE_SECONDS = 2.0
SWEEP_SECONDS = 3600.0
WATCH_SECONDS = 5.0


class Schedule:
    """Calls `due`, `look` and `watch` every few seconds and `sweep` every hour, each never twice at once.

    `look` is for what other nodes changed, and may take its time without holding up `due`; so may `watch`, which sees
    to what has to happen again and again. They count time that passes, not the time of day: a clock that is set back
    by an hour does not stop them for an hour.
    """

    def __init__(
        self,
        *,
        due: Callable[[], None],
        look: Callable[[], None],
        sweep: Callable[[], None],
        watch: Callable[[], None] | None = None,
    ) -> None:
        ticks = [("due", due, DUE_SECONDS), ("look", look, DUE_SECONDS), ("sweep", sweep, SWEEP_SECONDS)]
        if watch is not None:
            ticks.append(("watch", watch, WATCH_SECONDS))
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._tick, args=tick, name=f"schedule-{tick[0]}") for tick in ticks]

    @property
    def running(self) -> bool:
        """Whether it ticks."""
        return any(thread.is_alive() for thread in self._threads)

    def start(self) -> None:
        """Start ticking."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop ticking; a tick under way ends."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _tick(self, name: str, call: Callable[[], None], seconds: float) -> None:
        while not self._stopping.wait(seconds):
            try:
                call()
            except Exception as error:
                # The thread's boundary: whatever one tick meets, the next one is wanted.
                log.error("tick_failed", tick=name, exc_info=error)
