"""What came in: one row for each message or recording, from acceptance to its end; nothing is ever deleted here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)

from store import many_rows
from store.clock import now_ms
from store.errors import NotFound
from store.schema import entries, intake, intake_raw, jobs, tickets
from store.sql import insert_or_ignore
from store.text import key

Channel = Literal["email", "voicemail"]
Status = Literal["filed", "threaded", "duplicate", "ignored", "quarantined", "rejected"]
State = Literal["ready", "running", "done", "dead"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """One thing that came in. `id` is the queue id of the 250 and of every log line.

    `raw` holds the bytes where they stand in the row, `blob` their name where they do not; lists leave `raw` None.
    `status` is None until a pipeline concludes; `state` and `attempts` are those of its jobs.
    """

    id: str
    channel: Channel
    source: str
    origin_key: str | None
    envelope: dict[str, Any]
    raw: bytes | None
    blob: str | None
    sha256: str
    size: int
    received_at: int
    accepted_at: int
    status: Status | None
    reason: str | None
    ticket_id: int | None
    ticket_ref: str | None
    duplicate_of: str | None
    state: State
    attempts: int


def add(
    txn: Connection,
    *,
    id: str,  # noqa: A002 - the field's name
    channel: Channel,
    source: str,
    origin_key: str | None,
    envelope: dict[str, Any],
    raw: bytes | None,
    blob: str | None,
    sha256: str,
    size: int,
    received_at: int,
) -> bool:
    """File what came in. False when its `origin_key` (mailbox and UID, recording) is known: then nothing was added.

    Exactly one of `raw` and `blob` holds the bytes. `sha256` is over the raw bytes, `size` in bytes.
    """
    if (raw is None) == (blob is None):
        raise ValueError("the bytes stand in the row or in a blob, not in both and not in neither")
    row = {
        "id": id,
        "channel": channel,
        "source": source,
        "origin_key": None if origin_key is None else key(origin_key),
        "envelope": envelope,
        "blob": blob,
        "sha256": sha256,
        "size": size,
        "received_at": received_at,
        "accepted_at": now_ms(),
    }
    if origin_key is None:
        txn.execute(_ADD, row)
    elif txn.execute(insert_or_ignore(txn, intake, "id"), row).first() is None:
        return False
    if raw is not None:
        txn.execute(_ADD_RAW, {"intake_id": id, "raw": raw})
    return True


def add_many(txn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """File what came in: rows with the keyword arguments of `add`, but for an `origin_key`, which they do not have."""
    if not rows:
        return
    columns = ("id", "channel", "source", "envelope", "blob", "sha256", "size", "received_at")
    many_rows.add(
        txn,
        intake,
        [{name: row[name] for name in columns} for row in rows],
        same={"origin_key": None, "accepted_at": now_ms()},
    )
    inline = [{"intake_id": row["id"], "raw": row["raw"]} for row in rows if row["blob"] is None]
    many_rows.add(txn, intake_raw, inline, same={})


# Which of its jobs' states an intake shows: the one that wants a person most.
_RANKS: Final[tuple[State, ...]] = ("done", "ready", "running", "dead")


_OF_THIS: Final = jobs.c.intake_id == intake.c.id
_RANK: Final = (
    select(func.coalesce(func.max(case({state: rank for rank, state in enumerate(_RANKS)}, value=jobs.c.state)), 0))
    .where(_OF_THIS)
    .scalar_subquery()
)


def _query(*more: ColumnElement[Any]) -> Select[Any]:
    return select(
        *(column for column in intake.c if column is not intake.c.seq),
        tickets.c.ref.label("ticket_ref"),
        _RANK.label("rank"),
        select(func.coalesce(func.max(jobs.c.attempt), 0)).where(_OF_THIS).scalar_subquery().label("attempts"),
        *more,
    ).select_from(intake.outerjoin(tickets, tickets.c.id == intake.c.ticket_id))


# Built once: building costs more than running.
_RAW: Final = select(intake_raw.c.raw).where(intake_raw.c.intake_id == bindparam("of"))
_QUERY: Final = _query()
_ONE: Final = _query(_RAW.scalar_subquery().label("raw")).where(intake.c.id == bindparam("of"))
_BY_ORIGIN: Final = _QUERY.where(intake.c.origin_key.in_(bindparam("asked", expanding=True)))
_ENDED: Final = _QUERY.where(
    intake.c.id.in_(bindparam("asked", expanding=True)),
    intake.c.status.is_not(None),
    ~exists().where(jobs.c.intake_id == intake.c.id, jobs.c.state.in_(("ready", "running"))),
).order_by(intake.c.seq)
_OPENED_BY: Final = (
    select(intake.c.envelope)
    .join(entries, entries.c.intake_id == intake.c.id)
    .where(entries.c.ticket_id == bindparam("ticket"))
    .order_by(entries.c.id)
    .limit(1)
)
_ADD: Final = insert(intake).inline()
_ADD_RAW: Final = insert(intake_raw)
_CHANGE: Final = update(intake).where(intake.c.id == bindparam("of"))


def _record(row: RowMapping) -> Intake:
    values = {"raw": None, **row}
    state = _RANKS[values.pop("rank")]
    return Intake(**values, state=state)


def get(txn: Connection, queue_id: str, *, for_update: bool = False) -> Intake:
    """Give one, with its raw bytes where they stand in the row. Raises NotFound.

    `for_update` in a writing transaction keeps it still between reading and writing it (PostgreSQL; on SQLite the
    transaction alone does).
    """
    if for_update:
        # A statement of its own: what the next one reads, the jobs of the row too, is from after the wait.
        txn.execute(select(intake.c.seq).where(intake.c.id == queue_id).with_for_update())
    row = txn.execute(_ONE, {"of": queue_id}).mappings().first()
    if row is None:
        raise NotFound(f"no intake {queue_id}")
    return _record(row)


def get_raw(txn: Connection, queue_id: str) -> bytes | None:
    """Give the raw bytes of the row; None when they stand in a blob (or there is no such intake)."""
    return txn.execute(_RAW, {"of": queue_id}).scalar()


def by_origin(txn: Connection, origin_keys: Collection[str]) -> dict[str, Intake]:
    """Give those of these origin keys that are known, with what they were filed as; without raw bytes."""
    asked = {key(origin_key): origin_key for origin_key in origin_keys}
    found = txn.execute(_BY_ORIGIN, {"asked": list(asked)}).mappings() if asked else ()
    return {asked[row["origin_key"]]: _record(row) for row in found}


def ended(txn: Connection, ids: Collection[str]) -> list[Intake]:
    """Give those of these that are through (a recogniser included), in the order of arrival, without raw bytes."""
    if not ids:
        return []
    return [_record(row) for row in txn.execute(_ENDED, {"asked": list(ids)}).mappings()]


def envelope_of_ticket(txn: Connection, ticket_id: int) -> dict[str, Any] | None:
    """Give the envelope of what opened a ticket: of its first entry that came in."""
    envelope: dict[str, Any] | None = txn.execute(_OPENED_BY, {"ticket": ticket_id}).scalar()
    return envelope


def list_(
    txn: Connection, *, status: Status | None = None, state: State | None = None, limit: int | None = None
) -> list[Intake]:
    """Give what came in, the latest first, without raw bytes; of a status, or with its jobs in a state."""
    query = _QUERY.order_by(intake.c.seq.desc()).limit(limit)
    if status is not None:
        query = query.where(intake.c.status == status)
    if state is not None:
        query = query.where(literal(_RANKS.index(state)) == _RANK)
    if state not in (None, "done"):
        query = query.where(intake.c.id.in_(select(jobs.c.intake_id).where(jobs.c.state == state)))
    return [_record(row) for row in txn.execute(query).mappings()]


def by_status(txn: Connection) -> dict[Status | None, int]:
    """Count what came in by how it ended; None is what has not ended yet. The numbers add up to all there is."""
    query = select(intake.c.status, func.count().label("number")).group_by(intake.c.status)
    return {row.status: row.number for row in txn.execute(query)}


def becomes_call(txn: Connection, queue_id: str, *, envelope: dict[str, Any], received_at: int) -> None:
    """Write that a mail brought a call: what is known of it, beside what the mail's own envelope said, and its time."""
    own: dict[str, Any] = txn.execute(select(intake.c.envelope).where(intake.c.id == queue_id)).scalar_one()
    source = str(envelope.get("called") or "")
    _set(txn, queue_id, envelope={**own, **envelope}, received_at=received_at, source=source)


def conclude(
    txn: Connection,
    queue_id: str,
    *,
    status: Status,
    reason: str | None = None,
    ticket_id: int | None = None,
    duplicate_of: str | None = None,
) -> None:
    """Write how it ended. Raises NotFound."""
    _set(txn, queue_id, status=status, reason=reason, ticket_id=ticket_id, duplicate_of=duplicate_of)


def move(txn: Connection, ticket_id: int, to: int) -> None:
    """Let all that stands on a ticket stand on another one, duplicates too; how each ended stays."""
    txn.execute(update(intake).where(intake.c.ticket_id == ticket_id).values(ticket_id=to))


def reopen(txn: Connection, queue_id: str) -> None:
    """Take the end back, so that the pipeline may run again; `jobs.revive` or a new job makes it run."""
    _set(txn, queue_id, status=None, reason=None, ticket_id=None, duplicate_of=None)


def discard(txn: Connection, queue_id: str, *, reason: str) -> None:
    """End it as `ignored` by a person: the bytes stay, what waited for it will not run. A replay brings it back."""
    _set(txn, queue_id, status="ignored", reason=reason, duplicate_of=None)
    txn.execute(
        update(jobs)
        .where(jobs.c.intake_id == queue_id, jobs.c.state == "ready")
        .values(state="dead", error=f"discarded: {reason}", finished_at=now_ms())
    )


def _set(txn: Connection, queue_id: str, **values: Any) -> None:
    if txn.execute(_CHANGE, {**values, "of": queue_id}).rowcount != 1:
        raise NotFound(f"no intake {queue_id}")
