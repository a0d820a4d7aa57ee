"""What happens on the desk, as it happens: the events of all tickets behind the last one that was seen."""

import time
from typing import Any, Final

from inboxd import views
from inboxd.desk.arguments import Number, Seconds
from inboxd.desk.context import Context
from store import tickets

_PAGE: Final = 200
_POLL_SECONDS: Final = 0.5
_LONGEST: Final = 60.0


def watch(context: Context, after: Number | None = None, wait_seconds: Seconds = 0.0) -> dict[str, Any]:
    """Return the events behind the number `after`, once there are any or time is over, and where to go on from.

    Without `after` nothing is returned but the number of the last event.
    """
    if after is None:
        with context.store.read() as connection:
            return {"events": [], "after": tickets.latest_event(connection)}
    deadline = time.monotonic() + min(wait_seconds, _LONGEST)
    while True:
        with context.store.read() as connection:
            found = tickets.events_after(connection, after, _PAGE)
        if found or time.monotonic() >= deadline:
            break
        time.sleep(_POLL_SECONDS)
    scale = context.policy.current.rules.scale
    shown = [
        {
            "at": views.time(event.at),
            "actor": event.actor,
            "what": event.what,
            "why": event.why,
            "ticket": views.ticket(ticket, [], [], scale),
        }
        for _, event, ticket in found
    ]
    return {"events": shown, "after": found[-1][0] if found else after}
