"""Claiming jobs: none twice, and never two running jobs of one ticket."""

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Update,
    and_,
    bindparam,
    exists,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.dml import ReturningUpdate

from store.clock import lease_now, wall_now
from store.job import COLUMNS, FREE, Job, is_
from store.schema import jobs

# The loser of a race for a ticket looks again; each time the winner's job is one fewer to lose to.
_LOOKS = 5


def claim(
    txn: Connection,
    *,
    lane: str,
    claimant: str,
    lease_seconds: float,
    limit: int = 1,
    intake_ids: Collection[str] | None = None,
) -> list[Job]:
    """Give at most `limit` jobs of a lane to a claimant, each for `lease_seconds` from now.

    Jobs whose time has come go first, then those that are due at once, oldest first; those of one ticket one after the
    other, and a busy ticket never holds up what stands behind it. A job whose lease ran out is claimed again, and its
    earlier claimant gets LeaseLost. `intake_ids` narrows to the jobs of these intakes.
    """
    values: dict[str, Any] = {"asked_lane": lane, "by": claimant, "lease_ms": int(lease_seconds * 1000)}
    narrowed = intake_ids is not None
    if narrowed:
        values["intake_ids"] = list(intake_ids or ())
    dialect = txn.dialect.name
    txn.execute(_freeing(dialect, narrowed=narrowed), values)
    claimed: list[Job] = []
    for timed in (True, False):
        if len(claimed) < limit:
            statement = _claiming(dialect, timed=timed, narrowed=narrowed)
            claimed += _claim(txn, statement, values | {"most": limit - len(claimed)})
    return claimed


def _claim(txn: Connection, statement: ReturningUpdate[Any], values: dict[str, Any]) -> list[Job]:
    if txn.dialect.name == "sqlite":
        return _run(txn, statement, values)
    for _ in range(_LOOKS):
        try:
            with txn.begin_nested():
                return _run(txn, statement, values)
        except IntegrityError:
            # Two claimants saw a ticket idle at the same moment; the unique index let one through. Its job is
            # visible now, so the next look passes over that ticket.
            continue
    return []


def _run(txn: Connection, statement: ReturningUpdate[Any], values: dict[str, Any]) -> list[Job]:
    claimed = [Job(**row) for row in txn.execute(statement, values).mappings()]
    # RETURNING gives no order.
    return sorted(claimed, key=lambda job: (job.due_at or 0, job.id))


# The statements are built once: building one costs SQLAlchemy ten times what running it costs the database.


def _asked_for(table: FromClause, *, narrowed: bool) -> ColumnElement[bool]:
    of_lane: ColumnElement[bool] = table.c.lane == bindparam("asked_lane")
    return and_(of_lane, table.c.intake_id.in_(bindparam("intake_ids", expanding=True))) if narrowed else of_lane


@cache
def _freeing(dialect: str, *, narrowed: bool) -> Update:
    """Give the statement that makes jobs ready whose lease ran out."""
    clock, now = lease_now(dialect)
    # Another clock's name is another boot: whoever claimed then has ended.
    expired = or_(jobs.c.lease_clock != clock, jobs.c.lease_until <= now)
    # SKIP LOCKED: a late finisher may be committing this moment, and its word counts.
    picked = select(jobs.c.id).where(is_("running"), _asked_for(jobs, narrowed=narrowed), expired)
    back = update(jobs).where(jobs.c.id.in_(picked.with_for_update(skip_locked=True)))
    return back.values(**FREE, state="ready", due_at=None, error="its lease ran out")


@cache
def _claiming(dialect: str, *, timed: bool, narrowed: bool) -> ReturningUpdate[Any]:
    """Give the claim: pick, mark and return in one statement."""
    job, running, earlier = jobs.alias("job"), jobs.alias("running"), jobs.alias("earlier")
    now = wall_now(dialect)

    def waits(table: FromClause) -> ColumnElement[bool]:
        due = table.c.due_at <= now if timed else table.c.due_at.is_(None)
        return and_(is_("ready", table), _asked_for(table, narrowed=narrowed), due)

    def order(table: FromClause) -> list[ColumnElement[Any]]:
        return [table.c.due_at, table.c.id] if timed else [table.c.id]

    busy = exists().where(running.c.ticket_id == job.c.ticket_id, is_("running", running))
    # Of one ticket only the first: so a claim of many never takes two of it, and they keep their order.
    behind = exists().where(
        earlier.c.ticket_id == job.c.ticket_id, waits(earlier), tuple_(*order(earlier)) < tuple_(*order(job))
    )
    picked = (
        select(job.c.id)
        .where(waits(job), or_(job.c.ticket_id.is_(None), and_(~busy, ~behind)))
        .order_by(*order(job))
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True, of=job)
        # A CTE with a row lock is computed once; as a plain subquery PostgreSQL may run it again and lock more.
        .cte("picked")
    )
    clock, lease = lease_now(dialect)
    return (
        update(jobs)
        .where(jobs.c.id.in_(select(picked.c.id)))
        .values(
            state="running",
            attempt=jobs.c.attempt + 1,
            claimant=bindparam("by"),
            lease_clock=clock,
            lease_until=lease + bindparam("lease_ms", type_=BigInteger),
        )
        .returning(*COLUMNS)
    )
