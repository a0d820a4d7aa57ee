"""The watchdog's pings: proof that the event loop turns and that the store's writer still answers.

A store that says no (disk full, server away) is an answer: the daemon goes on by itself when that is mended, and a
restart would mend nothing. What a restart mends is a loop or a writer that says nothing any more: no ping goes out.
"""

import asyncio
from collections.abc import Callable

from inboxd.service_manager import notify

# A ping is due a few times within the manager's patience, so that one late commit costs nothing.
_PINGS_WITHIN_PATIENCE = 3
_UNWATCHED_SECONDS = 60.0


async def beat(
    not_ready: Callable[[], str | None], status: Callable[[str | None], str], patience: float | None
) -> None:
    """Ask, tell, wait, for ever; cancel it to end.

    `not_ready` runs in a thread and proves that something can be stored, or says in a sentence why not. `status` makes
    the manager's `STATUS=` of that. `patience`: the manager's, in seconds; None: no pings, the status alone.
    """
    ping = "" if patience is None else "WATCHDOG=1\n"
    pause = _UNWATCHED_SECONDS if patience is None else patience / _PINGS_WITHIN_PATIENCE
    while True:
        trouble = await asyncio.to_thread(not_ready)
        notify(f"{ping}STATUS={status(trouble)}")
        await asyncio.sleep(pause)
