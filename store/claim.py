"""Claiming jobs: none twice, and never two running jobs of one ticket."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, and_, exists, or_, select, tuple_, update
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
    filters = Filters(lane=lane, intake_ids=intake_ids)
    _free_expired(txn, filters)
    claimed = _claim(txn, filters, claimant, lease_seconds, limit, timed=True)
    if len(claimed) < limit:
        claimed += _claim(txn, filters, claimant, lease_seconds, limit - len(claimed), timed=False)
    return claimed


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which jobs a claimant asks for."""

    lane: str
    intake_ids: Collection[str] | None

    def of(self, table: FromClause) -> ColumnElement[bool]:
        """Give the condition on a table (or alias) of jobs."""
        if self.intake_ids is None:
            return table.c.lane == self.lane
        return and_(table.c.lane == self.lane, table.c.intake_id.in_(self.intake_ids))


def _free_expired(txn: Connection, filters: Filters) -> None:
    clock, now = lease_now(txn)
    # Another clock's name is another boot: whoever claimed then has ended.
    expired = or_(jobs.c.lease_clock != clock, jobs.c.lease_until <= now)
    # SKIP LOCKED: a late finisher may be committing this moment, and its word counts.
    picked = select(jobs.c.id).where(is_("running"), filters.of(jobs), expired).with_for_update(skip_locked=True)
    back = update(jobs).where(jobs.c.id.in_(picked.scalar_subquery()))
    txn.execute(back.values(**FREE, state="ready", due_at=None, error="its lease ran out"))


def _claim(
    txn: Connection, filters: Filters, claimant: str, lease_seconds: float, limit: int, *, timed: bool
) -> list[Job]:
    statement = _statement(txn, filters, claimant, lease_seconds, limit, timed=timed)
    if txn.dialect.name == "sqlite":
        return _run(txn, statement)
    for _ in range(_LOOKS):
        try:
            with txn.begin_nested():
                return _run(txn, statement)
        except IntegrityError:
            # Two claimants saw a ticket idle at the same moment; the unique index let one through. Its job is
            # visible now, so the next look passes over that ticket.
            continue
    return []


def _run(txn: Connection, statement: ReturningUpdate[Any]) -> list[Job]:
    claimed = [Job(**row) for row in txn.execute(statement).mappings()]
    # RETURNING gives no order.
    return sorted(claimed, key=lambda job: (job.due_at or 0, job.id))


def _statement(
    txn: Connection, filters: Filters, claimant: str, lease_seconds: float, limit: int, *, timed: bool
) -> ReturningUpdate[Any]:
    """Give the claim: pick, mark and return in one statement."""
    job, running, earlier = jobs.alias("job"), jobs.alias("running"), jobs.alias("earlier")
    now = wall_now(txn)

    def waits(table: FromClause) -> ColumnElement[bool]:
        due = table.c.due_at <= now if timed else table.c.due_at.is_(None)
        return and_(is_("ready", table), filters.of(table), due)

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
        .limit(limit)
        .with_for_update(skip_locked=True, of=job)
        # A CTE with a row lock is computed once; as a plain subquery PostgreSQL may run it again and lock more.
        .cte("picked")
    )
    clock, lease = lease_now(txn)
    return (
        update(jobs)
        .where(jobs.c.id.in_(select(picked.c.id)))
        .values(
            state="running",
            attempt=jobs.c.attempt + 1,
            claimant=claimant,
            lease_clock=clock,
            lease_until=lease + int(lease_seconds * 1000),
        )
        .returning(*COLUMNS)
    )
