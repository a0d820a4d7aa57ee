"""What a person wants to know of the house at a glance: what listens, what waits and how old it is."""

from typing import Any

import inboxd
from inboxd import views
from inboxd.desk.context import Context
from inboxd.intake import now_ms
from store import intake as rows
from store import jobs


def status(context: Context) -> dict[str, Any]:
    """Return version, listeners, jobs by lane and state, quarantine and the age of what waits longest (seconds)."""
    with context.store.read() as connection:
        lanes = jobs.counts(connection)
        held = rows.list_(connection, status="quarantined")
        ended = rows.by_status(connection)
    oldest = min((lane.oldest_at for lane in lanes if lane.oldest_at is not None), default=None)
    return {
        "version": inboxd.__version__,
        "configuration": str(context.settings.path),
        "store": context.settings.store.url,
        **context.running(),
        "jobs": {
            each.lane: {"ready": each.ready, "later": each.later, "running": each.running, "dead": each.dead}
            for each in lanes
        },
        "oldest_waiting_seconds": None if oldest is None else max(0, (now_ms() - oldest) // 1000),
        # What came in, by how it ended: the numbers add up, so that nothing can be missing between them.
        "intake": {"total": sum(ended.values()), "waiting": ended.pop(None, 0), **ended},
        "quarantined": len(held),
        "quarantined_since": views.time(held[-1].received_at) if held else None,
    }
