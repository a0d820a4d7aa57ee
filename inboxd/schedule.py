"""When: APScheduler ticks, and nothing more. What is due stands in the store, so a missed tick loses nothing."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

log = structlog.get_logger("inboxd.schedule")

# Jobs whose time has come, and those that another node wrote, are seen within this time; a fresh job wakes its lane.
DUE_SECONDS = 2.0
SWEEP_SECONDS = 3600.0
WATCH_SECONDS = 5.0


class Schedule:
    """Calls `due`, `look` and `watch` every few seconds and `sweep` every hour, each never twice at once.

    `look` is for what other nodes changed, and may take its time without holding up `due`; so may `watch`, which sees
    to what has to happen again and again. A clock that is set back by an hour does not stop them for an hour,
    and one that is set forward brings none for what it passed over.
    """

    def __init__(
        self,
        *,
        due: Callable[[], None],
        look: Callable[[], None],
        sweep: Callable[[], None],
        watch: Callable[[], None] | None = None,
    ) -> None:
        # misfire_grace_time None: a tick that is late is still wanted (the default drops it after one second).
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._scheduler = BackgroundScheduler(timezone=UTC, job_defaults=defaults)
        self._scheduler.add_job(due, _Every(DUE_SECONDS), id="due")
        self._scheduler.add_job(look, _Every(DUE_SECONDS), id="look")
        self._scheduler.add_job(sweep, _Every(SWEEP_SECONDS), id="sweep")
        if watch is not None:
            self._scheduler.add_job(watch, _Every(WATCH_SECONDS), id="watch")
        self._scheduler.add_listener(_failed, EVENT_JOB_ERROR)
        self._stopping = threading.Event()
        self._clock_watch = threading.Thread(target=self._heed_the_clock, name="schedule-clock")

    @property
    def running(self) -> bool:
        """Whether it ticks."""
        return bool(self._scheduler.running)

    def start(self) -> None:
        """Start ticking."""
        self._scheduler.start()
        self._clock_watch.start()

    def stop(self) -> None:
        """Stop ticking; a tick under way ends."""
        self._stopping.set()
        self._clock_watch.join()
        self._scheduler.shutdown(wait=True)

    def _heed_the_clock(self) -> None:
        """Have all ticks come at once when the clock was set back: the scheduler waits for a time of day."""
        before = _ahead()
        while not self._stopping.wait(DUE_SECONDS):
            now = _ahead()
            if now < before - DUE_SECONDS:
                for job in self._scheduler.get_jobs():
                    job.modify(next_run_time=datetime.now(UTC))
            before = now


class _Every(BaseTrigger):  # type: ignore[misc]  # the library says nothing of its types
    """So many seconds from now.

    The library's own interval lists each time that was missed before it lets one tick go: after a start with a clock of
    1970 that a time server sets right, a thousand million of them, and the memory is full.
    """

    def __init__(self, seconds: float) -> None:
        self._interval = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:  # noqa: ARG002
        """Return when the next tick comes; what came before is nothing to it."""
        return now + self._interval


def _ahead() -> float:
    """Seconds that the time of day is ahead of the time that passes: fewer when the clock was set back."""
    return time.time() - time.monotonic()


def _failed(event: JobExecutionEvent) -> None:
    log.error("tick_failed", tick=event.job_id, exc_info=event.exception)
