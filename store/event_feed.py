"""What happened on all tickets, for whoever follows it: each event once, as soon as it is committed.

On PostgreSQL a transaction takes an event's number before it commits, and one with a higher number may commit first. So
a follower's place is the highest number that it was given together with the numbers below that were not there yet: most
of them belong to nothing (their transaction was rolled back), the others come late and are given when they come.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, or_, select

from store import tickets
from store.schema import events as table
from store.tickets import Event, Ticket

# So many numbers that were not there are looked for. They outlast several hundred thousand events where one transaction
# of some hundred fails, and what commits later than that is followed by nobody any more.
_MOST_MISSING: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far a follower is: `after` is the highest number seen, `missing` are lower ones that were not there."""

    after: int
    missing: tuple[int, ...] = ()


def end(txn: Connection) -> Place:
    """Give the place behind every event that is committed now; what is under way is still to come."""
    last = int(txn.execute(select(func.max(table.c.id))).scalar() or 0)
    before = Place(after=max(0, last - 1 - _MOST_MISSING))
    numbers = txn.execute(select(table.c.id).where(table.c.id > before.after)).scalars()
    return _past(before, set(numbers))


def behind(txn: Connection, place: Place, limit: int) -> tuple[list[tuple[Event, Ticket]], Place]:
    """Give events that were not given up to this place, in the order of their numbers, and the place behind them."""
    new = or_(table.c.id > place.after, table.c.id.in_(place.missing))
    query = select(table).where(new).order_by(table.c.id).limit(limit)
    found = [Event(**row) for row in txn.execute(query).mappings()]
    known = tickets.by_ids(txn, {each.ticket_id for each in found})
    return [(each, known[each.ticket_id]) for each in found], _past(place, {each.id for each in found})


def _past(place: Place, found: set[int]) -> Place:
    after = max(found | {place.after})
    passed = range(max(place.after + 1, after - _MOST_MISSING), after)
    missing = [number for number in (*place.missing, *passed) if number not in found]
    return Place(after=after, missing=tuple(missing[-_MOST_MISSING:]))
