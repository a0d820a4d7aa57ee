"""Service levels, counted from the tickets as they stand."""

from typing import Any

from inboxd import views
from inboxd.clocks.service_levels import Dimension, Levels, Period
from inboxd.desk.arguments import Time
from inboxd.desk.context import Context
from inboxd.intake.door import now_ms
from store import measures


def report(
    context: Context,
    by: list[Dimension] | None = None,
    period: Period = "month",
    since: Time | None = None,
    until: Time | None = None,
) -> list[dict[str, Any]]:
    """Return service levels of the tickets received from `since` on and before `until`, by group and period."""
    levels = Levels(
        by=("account", "plan", "priority", "type") if by is None else by,
        period=period,
        zone=context.policy.current.zone,
        priority=context.policy.current.rules.scale.name,
    )
    first, last = (None if each is None else views.parsed_time(each) for each in (since, until))
    with context.store.read() as connection:
        return levels.report(measures.tickets(connection, since=first, until=last), now_ms())
