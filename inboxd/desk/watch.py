"""What happens on the desk, as it happens: the events of all tickets behind the last one that was seen."""

import time
from typing import Annotated, Any, Final

from pydantic import Field

from inboxd import views
from inboxd.desk.arguments import Number, Seconds
from inboxd.desk.context import Context
from store import event_feed

_PAGE: Final = 200
_POLL_SECONDS: Final = 0.5
_LONGEST: Final = 60.0
# Of what a caller says; a place that was returned has fewer.
_MOST_MISSING: Final = 10_000


def watch(
    context: Context,
    after: Number | None = None,
    missing: Annotated[list[Number], Field(max_length=_MOST_MISSING)] | None = None,
    wait_seconds: Seconds = 0.0,
) -> dict[str, Any]:
    """Return the events behind a place, once there are any or time is over, and the place to go on from.

    A place is what the call before returned as `after` and `missing` (`store.event_feed`). Without `after` nothing is
    returned but the place behind the last event.
    """
    if after is None:
        with context.store.read() as connection:
            return {"events": [], **_told(event_feed.end(connection))}
    place = event_feed.Place(after=after, missing=tuple(missing or ()))
    deadline = time.monotonic() + min(wait_seconds, _LONGEST)
    while True:
        with context.store.read() as connection:
            found, place = event_feed.behind(connection, place, _PAGE)
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
        for event, ticket in found
    ]
    return {"events": shown, **_told(place)}


def _told(place: event_feed.Place) -> dict[str, Any]:
    return {"after": place.after, "missing": list(place.missing)}
