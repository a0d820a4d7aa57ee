"""When: APScheduler ticks, and nothing more. What is due stands in the store, so a missed tick loses nothing."""

from collections.abc import Callable
from datetime import UTC

import structlog
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

log = structlog.get_logger("inboxd.schedule")

# Jobs whose time has come, and those that another node wrote, are seen within this time; a fresh job wakes its lane.
DUE_SECONDS = 2
SWEEP_MINUTES = 60
WATCH_SECONDS = 5


class Schedule:
    """Calls `due`, `look` and `watch` every few seconds and `sweep` every hour, each never twice at once.

    `look` is for what other nodes changed, and may take its time without holding up `due`; so may `watch`, which sees
    to what has to happen again and again.
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
        self._scheduler.add_job(due, "interval", seconds=DUE_SECONDS, id="due")
        self._scheduler.add_job(look, "interval", seconds=DUE_SECONDS, id="look")
        self._scheduler.add_job(sweep, "interval", minutes=SWEEP_MINUTES, id="sweep")
        if watch is not None:
            self._scheduler.add_job(watch, "interval", seconds=WATCH_SECONDS, id="watch")
        self._scheduler.add_listener(_failed, EVENT_JOB_ERROR)

    @property
    def running(self) -> bool:
        """Whether it ticks."""
        return bool(self._scheduler.running)

    def start(self) -> None:
        """Start ticking."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stop ticking; a tick under way ends."""
        self._scheduler.shutdown(wait=True)


def _failed(event: JobExecutionEvent) -> None:
    log.error("tick_failed", tick=event.job_id, exc_info=event.exception)
