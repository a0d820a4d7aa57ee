"""Work to do, with leases: claimed by one, finished by the same one, or claimed again."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Update,
    and_,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    update,
)

from store import many_rows
from store.claim import claim
from store.claimant import is_gone, of_host
from store.clock import lease_now, now_ms, wall_now
from store.errors import LeaseLost
from store.job import FREE, Job, State, is_
from store.schema import jobs

__all__ = [
    "Job",
    "LaneCount",
    "State",
    "add",
    "add_many",
    "bury",
    "claim",
    "counts",
    "extend",
    "extend_all",
    "finish",
    "follow_the_clock",
    "give_back",
    "hasten",
    "next_due",
    "open_for",
    "recover",
    "retry",
    "revive",
]

_LONGEST_ERROR: Final = 20_000
MAX_ATTEMPTS: Final = 1000

_ADD: Final = insert(jobs).returning(jobs.c.id)
# Claimant and attempt: the same worker may have lost the job and got it again, with somebody's work in between.
_OURS: Final = update(jobs).where(
    jobs.c.id == bindparam("our_id"),
    jobs.c.claimant == bindparam("our_name"),
    jobs.c.attempt == bindparam("our_attempt"),
    is_("running"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneCount:
    """What a lane holds: `ready` may run now, `later` has its time; `planned` are those of `later` never tried before.

    `oldest_at`: since when the oldest waits of those that may run now, or have failed and are tried again.
    """

    lane: str
    ready: int
    later: int
    planned: int
    running: int
    dead: int
    oldest_at: int | None


def add(
    txn: Connection,
    *,
    kind: str,
    lane: str,
    intake_id: str | None = None,
    ticket_id: int | None = None,
    payload: dict[str, Any] | None = None,
    due_at: int | None = None,
    max_attempts: int = MAX_ATTEMPTS,
) -> int:
    """Queue work in the caller's transaction and give its number. `due_at` None: at once, whatever the clock says."""
    row = _ready(
        kind=kind,
        lane=lane,
        intake_id=intake_id,
        ticket_id=ticket_id,
        payload=payload or {},
        due_at=due_at,
        max_attempts=max_attempts,
    )
    return int(txn.execute(_ADD, row).scalar_one())


def add_many(txn: Connection, *, kind: str, lane: str, intake_ids: Collection[str]) -> None:
    """Queue work at once for each of these intakes, in their order and in the caller's transaction."""
    same = _ready(kind=kind, lane=lane, payload={}, max_attempts=MAX_ATTEMPTS)
    many_rows.add(txn, jobs, [{"intake_id": intake_id} for intake_id in intake_ids], same=same)


def _ready(**values: Any) -> dict[str, Any]:
    return {**values, "state": "ready", "attempt": 0, "failures": 0, "created_at": now_ms()}


def extend(txn: Connection, job: Job, lease_seconds: float) -> None:
    """Hold on to a job for so much longer from now. Raises LeaseLost."""
    clock, now = lease_now(txn.dialect.name)
    _fenced(txn, job, _OURS.values(lease_clock=clock, lease_until=now + int(lease_seconds * 1000)))


def extend_all(txn: Connection, held: Collection[Job], lease_seconds: float) -> None:
    """Hold on to those of these jobs of one claimant that are still theirs, for so much longer from now."""
    clock, now = lease_now(txn.dialect.name)
    for job in held:
        ours = {"our_id": job.id, "our_name": job.claimant, "our_attempt": job.attempt}
        txn.execute(_OURS.values(lease_clock=clock, lease_until=now + int(lease_seconds * 1000)), ours)


def finish(txn: Connection, job: Job) -> None:
    """End a job well, in the transaction that holds its effects. Raises LeaseLost, which undoes those."""
    _fenced(txn, job, _OURS, {**FREE, "state": "done", "error": None, "finished_at": now_ms()})


def retry(txn: Connection, job: Job, *, error: str, delay_seconds: float, counted: bool = True) -> None:
    """Say that a job failed, to be claimed again after so long; the backoff is the caller's. Raises LeaseLost.

    `counted` False: the failure was the machine's, and says nothing of the job.
    """
    due = wall_now(txn.dialect.name) + int(delay_seconds * 1000) if delay_seconds > 0 else None
    values = {**FREE, "state": "ready", "due_at": due, "error": error[:_LONGEST_ERROR]}
    _fenced(txn, job, _OURS.values(**values, failures=jobs.c.failures + int(counted)))


def give_back(txn: Connection, job: Job) -> None:
    """Give a job back at once, as it was: nothing about it failed. Raises LeaseLost."""
    _fenced(txn, job, _OURS.values(**FREE, state="ready", due_at=None))


def bury(txn: Connection, job: Job, *, error: str) -> None:
    """End a job as dead: it stays, with its error, until a person replays it. Raises LeaseLost."""
    _fenced(txn, job, _OURS, {**FREE, "state": "dead", "error": error[:_LONGEST_ERROR], "finished_at": now_ms()})


def _fenced(txn: Connection, job: Job, change: Update, values: dict[str, Any] | None = None) -> None:
    ours = {"our_id": job.id, "our_name": job.claimant, "our_attempt": job.attempt}
    if txn.execute(change, {**(values or {}), **ours}).rowcount != 1:
        raise LeaseLost(f"job {job.id} ({job.kind}), attempt {job.attempt}, is no longer ours")


def recover(txn: Connection, host: str) -> int:
    """Give back at once what earlier processes of this host held; tells how many jobs. Call it at start.

    A claimant that still lives (another daemon on this host, a command that works beside it) keeps its jobs.
    """
    running = select(jobs.c.claimant).distinct().where(is_("running"), of_host(jobs.c.claimant, host))
    gone = [claimant for (claimant,) in txn.execute(running) if is_gone(claimant)]
    if not gone:
        return 0
    back = update(jobs).where(is_("running"), jobs.c.claimant.in_(gone))
    return txn.execute(back.values(**FREE, state="ready", due_at=None, error="its process ended")).rowcount


def counts(txn: Connection) -> list[LaneCount]:
    """Count what waits, runs and died, lane by lane; what is done is not counted."""
    due = or_(jobs.c.due_at.is_(None), jobs.c.due_at <= wall_now(txn.dialect.name))
    ready = and_(is_("ready"), due)
    # What fails each time it is tried waits all the same, or a desk where nothing is filed would look well.
    failed = and_(is_("ready"), jobs.c.failures > 0)
    # What was written for a later time waits since then; what failed, since it was made.
    waits_since = case((and_(jobs.c.attempt == 0, jobs.c.due_at.is_not(None)), jobs.c.due_at), else_=jobs.c.created_at)

    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    query = (
        select(
            jobs.c.lane,
            number(ready).label("ready"),
            number(and_(is_("ready"), ~due)).label("later"),
            number(and_(is_("ready"), ~due, jobs.c.attempt == 0)).label("planned"),
            number(is_("running")).label("running"),
            number(is_("dead")).label("dead"),
            func.min(case((or_(ready, failed), waits_since))).label("oldest_at"),
        )
        .where(or_(is_("ready"), is_("running"), is_("dead")))
        .group_by(jobs.c.lane)
        .order_by(jobs.c.lane)
    )
    return [LaneCount(**row) for row in txn.execute(query).mappings()]


def next_due(txn: Connection, lane: str) -> int | None:
    """Give when the earliest timed job of a lane is due; None when there is none.

    It may lie in the past, when the job's ticket is busy: then look again after a while.
    """
    query = select(func.min(jobs.c.due_at)).where(jobs.c.lane == lane, is_("ready"), jobs.c.due_at.is_not(None))
    return txn.execute(query).scalar()


def hasten(txn: Connection, number: int) -> State | None:
    """Let a job that is ready be due at once; give the state it is in, None when there is no such job."""
    if txn.execute(update(jobs).where(jobs.c.id == number, is_("ready")).values(due_at=None)).rowcount:
        return "ready"
    return txn.execute(select(jobs.c.state).where(jobs.c.id == number)).scalar()


def follow_the_clock(txn: Connection, by_ms: int, *, but: Collection[str]) -> None:
    """Let what waits for a while wait as long as it would have: the time of day was set forward by that, or back.

    `but`: kinds that are due at a time of day; of those only what failed and is tried again. Of a step forward only
    what would be due by it alone: the rest waits as long, or shorter. Only for a store that goes by this machine's
    clock (SQLite).
    """
    for_a_while = or_(jobs.c.attempt > 0, jobs.c.kind.not_in(but))
    now = now_ms()
    # What was written after a step forward is due later than now; what was due before it, earlier than the step.
    due = jobs.c.due_at.is_not(None) if by_ms < 0 else jobs.c.due_at.between(now - by_ms + 1, now)
    txn.execute(update(jobs).where(is_("ready"), due, for_a_while).values(due_at=jobs.c.due_at + by_ms))


def open_for(txn: Connection, intake_ids: Collection[str]) -> int:
    """Count the jobs of these intakes that run or may run now; what has its time later does not count."""
    due = or_(jobs.c.due_at.is_(None), jobs.c.due_at <= wall_now(txn.dialect.name))
    query = select(func.count()).where(jobs.c.intake_id.in_(intake_ids), or_(is_("running"), and_(is_("ready"), due)))
    return int(txn.execute(query).scalar_one())


def revive(txn: Connection, intake_id: str) -> int:
    """Make the dead jobs of an intake ready again, with all their attempts before them; tells how many."""
    again = update(jobs).where(jobs.c.intake_id == intake_id, is_("dead"))
    return txn.execute(again.values(state="ready", due_at=None, attempt=0, failures=0, finished_at=None)).rowcount
