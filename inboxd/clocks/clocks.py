"""The clocks of a ticket: what meets them, what stops them, and when they speak.

A clock stands on its ticket as an object with the times that `tickets show` has (in milliseconds) and what is needed to
count it again without the rules that made it: calendar, length, what meets it, its pauses. Each function takes the
clocks as they stand and gives them as they stand then; `watch` writes the job for the next moment at which one of them
speaks.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from inboxd.intake.door import milliseconds, moment
from rules.calendars import Calendar
from rules.clocks import Count, count, explain, length
from rules.decision import ClockMoment, ClockPlan, Meets
from store import jobs
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

KIND: Final = "clock"

Clock = dict[str, Any]
Clocks = tuple[Clock, ...]
Calendars = Mapping[str, Calendar]

# Nobody waits for an answer on a ticket that has ended: its clocks stand still, whatever the rules say.
_ENDED: Final = frozenset({"solved", "closed"})


def of_plan(plan: ClockPlan) -> Clock:
    """Return a clock as it begins.

    `paused_at` is since when it stands still, `pauses` the earlier times at which it did. `spent` is the open time in
    seconds that it had taken when it was met. `told`: the moments that the ticket has an event for.
    """
    return {
        "name": plan.name,
        "started_at": milliseconds(plan.started_at),
        "due_at": milliseconds(plan.due_at),
        "met_at": None,
        "warn_at": milliseconds(plan.warn_at),
        "calendar": plan.calendar,
        "within": plan.within,
        "warn": plan.warn,
        "met": plan.met,
        "paused": plan.paused,
        "notice": list(plan.notice),
        "paused_at": None,
        "pauses": [],
        "spent": None,
        "told": [],
        "explanation": plan.explanation,
    }


def carried(before: Sequence[Clock], fresh: Iterable[Clock], status: str, at: int, calendars: Calendars) -> Clocks:
    """Return the clocks of a later decision of `at` with what has happened to those of the earlier one.

    A clock that was met stays met, one that stands still stands still, and its pauses count for the new target, too.
    `status` is the ticket's: a clock that is new there stands still like the others, since they do.
    """
    known = {clock["name"]: clock for clock in before}
    after = tuple(_carry(known.get(clock["name"]), clock, at, calendars) for clock in fresh)
    return after if status == "open" else moved(after, status, _still_since(before, at), calendars)


def _still_since(clocks: Iterable[Clock], at: int) -> int:
    """Return since when the clocks of a ticket stand still; `at` where none of them tells."""
    ends = (clock["met_at"] if clock["met"] == "solved" else clock["paused_at"] for clock in clocks)
    return max((each for each in ends if each is not None), default=at)


def _carry(old: Clock | None, fresh: Clock, at: int, calendars: Calendars) -> Clock:
    if old is None:
        return fresh
    kept = {name: old[name] for name in ("met_at", "paused_at", "pauses", "spent")}
    if all(old[name] == fresh[name] for name in ("within", "calendar", "warn", "started_at")):
        return {**old, **{name: fresh[name] for name in ("met", "paused", "notice")}}
    moved = {**fresh, **kept}
    moved = _counted(moved, calendars) if kept["pauses"] else moved
    # A moment that has gone by and was told is not told again, unless it lies ahead now.
    return {**moved, "told": [each for each in old["told"] if _at(moved, each) <= max(_at(old, each), at)]}


def happened(clocks: Sequence[Clock], what: Meets, at: int, calendars: Calendars) -> Clocks:
    """Return the clocks after something happened on the ticket: those that it meets are met, once."""
    return tuple(
        {**clock, "met_at": at, "paused_at": None, "spent": _spent(clock, at, calendars)}
        if clock["met"] == what and clock["met_at"] is None
        else clock
        for clock in clocks
    )


def moved(clocks: Sequence[Clock], status: str, at: int, calendars: Calendars) -> Clocks:
    """Return the clocks after the ticket's status became `status`: met, standing still, or going on."""
    if status in _ENDED:
        clocks = happened(clocks, "solved", at, calendars)
    return tuple(_moved(clock, status, at, calendars) for clock in clocks)


def _moved(clock: Clock, status: str, at: int, calendars: Calendars) -> Clock:
    if clock["met_at"] is not None:
        if clock["met"] != "solved" or status in _ENDED:
            return clock
        # It was solved and is not any more: the promise holds again, and the time between was nobody's.
        clock = {**clock, "met_at": None, "paused_at": clock["met_at"], "spent": None}
    stands = status in _ENDED or (status == "waiting" and clock["paused"])
    if stands:
        return clock if clock["paused_at"] is not None else {**clock, "paused_at": at}
    if clock["paused_at"] is None:
        return clock
    pauses = [*clock["pauses"], [clock["paused_at"], max(at, clock["paused_at"])]]
    going_on = _counted({**clock, "paused_at": None, "pauses": pauses}, calendars)
    return {**going_on, "told": [each for each in clock["told"] if _at(going_on, each) <= at]}


def columns(ticket: Ticket, clocks: Clocks) -> dict[str, Any]:
    """Return what changes on a ticket with its clocks; nothing where they are the same."""
    if clocks == ticket.clocks:
        return {}
    return {"clocks": clocks, "callback": {**ticket.callback, "due_at": callback_due(clocks)}}


def callback_due(clocks: Iterable[Clock]) -> int | None:
    """Return when the clock named `callback` is due; None where there is none."""
    return next((clock["due_at"] for clock in clocks if clock["name"] == "callback"), None)


def breached(clock: Clock, now: int) -> bool:
    """Whether the clock was met too late, or not yet and it is too late: seen on reading, no job has to be on time."""
    ends = (each for each in (clock["met_at"], clock.get("paused_at"), now) if each is not None)
    return bool(next(ends) > clock["due_at"])


def passed(clock: Clock, now: int) -> list[ClockMoment]:
    """Return the moments of a clock that have come and were not told."""
    if clock["met_at"] is not None or clock["paused_at"] is not None:
        return []
    moments: tuple[ClockMoment, ...] = ("due", "breach")
    return [each for each in moments if each not in clock["told"] and _at(clock, each) <= now]


def unsaid(clock: Clock, after: int) -> Clock:
    """Return a clock without the moments that were told and come after that time."""
    told = [each for each in clock["told"] if _at(clock, each) <= after]
    return clock if clock["met_at"] is not None or told == clock["told"] else {**clock, "told": told}


def next_moment(clocks: Iterable[Clock]) -> int | None:
    """Return when the next clock speaks; None when none will."""
    waiting = (clock for clock in clocks if clock["met_at"] is None and clock["paused_at"] is None)
    return min(
        (_at(clock, each) for clock in waiting for each in ("due", "breach") if each not in clock["told"]), default=None
    )


def watch(txn: "Connection", ticket: Ticket, before: Iterable[Clock] = ()) -> None:
    """Write the job for the ticket's next moment, unless the one for the clocks as they stood is for that moment.

    A job whose moment has moved away does nothing when it runs. It names no ticket in its row: nothing that runs for
    this ticket, such as the recogniser, holds it up.
    """
    at = next_moment(ticket.clocks)
    if at is not None and at != next_moment(before):
        jobs.add(txn, kind=KIND, lane="mail", payload={"ticket": ticket.id}, due_at=at)


def _at(clock: Clock, what: str) -> int:
    # Breached is what is not met when its last moment has gone by.
    return int(clock["warn_at"]) if what == "due" else int(clock["due_at"]) + 1


def _pauses(clock: Clock) -> list[tuple[Any, Any]]:
    return [(moment(since), moment(until)) for since, until in clock["pauses"]]


def _spent(clock: Clock, at: int, calendars: Calendars) -> int | None:
    """Return the open seconds from start to `at`; None where the calendar is not known any more."""
    calendar = calendars.get(clock["calendar"])
    if calendar is None:
        return None
    pauses = _pauses(clock) + ([] if clock["paused_at"] is None else [(moment(clock["paused_at"]), moment(at))])
    return round(calendar.elapsed(moment(clock["started_at"]), moment(at), pauses).total_seconds())


def _counted(clock: Clock, calendars: Calendars) -> Clock:
    """Return the clock counted again, with its pauses; as long as it stood still where its calendar is gone."""
    calendar = calendars.get(clock["calendar"])
    if calendar is None:
        since, until = clock["pauses"][-1]
        shifted = {name: clock[name] + until - since for name in ("due_at", "warn_at")}
        told = f"{clock['explanation']}; stood still for {(until - since) // 60_000}m, and its calendar is gone"
        return {**clock, **shifted, "explanation": told}
    wanted, started = length(clock["within"]), moment(clock["started_at"])
    warn = None if clock["warn"] is None else length(clock["warn"])
    counted: Count = count(calendar, wanted, started, warn=warn, pauses=_pauses(clock))
    times = {"due_at": milliseconds(counted.due_at), "warn_at": milliseconds(counted.warn_at)}
    paused = f"; stood still {len(clock['pauses'])} time{'s' if len(clock['pauses']) > 1 else ''}"
    return {**clock, **times, "explanation": explain(calendar, wanted, started, counted) + paused}
