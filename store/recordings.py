"""The ledger of recordings: which was heard of, what became of it, and what is still to be done with it elsewhere."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, func, select, text, update

from store.clock import now_ms
from store.errors import NotFound
from store.schema import intake, intake_raw, jobs, phone_accounts, recordings
from store.sql import insert_or_ignore

Way = Literal["provider", "pbx"]
# waiting: a job is at it; stored: its sound is here; absent: nobody spoke; unknown: the provider knows no such one;
# foreign: none of a caller to the desk; old: made before the desk began to look.
State = Literal["waiting", "stored", "absent", "unknown", "foreign", "old"]

_c: Final = recordings.c
# The same call by the provider and by a PBX: docs/phone.md, "Voicemail by mail".
_TWIN_MS: Final = 2 * 60 * 1000
_TWIN_SECONDS: Final = 2
# Who withholds a number is known by nothing: two of them within minutes are seldom one.
_NAMELESS_TWIN_MS: Final = 30 * 1000
_CHANNELS: Final = {"provider": "voicemail", "pbx": "email"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recording. Times in milliseconds; `after` is what is still to be done with it at the provider."""

    id: int
    way: Way
    sid: str | None
    call_sid: str | None
    line: str | None
    caller: str | None
    started_at: int | None
    seconds: int | None
    state: State
    reason: str | None
    intake_id: str | None
    job_id: int | None
    after: str | None
    at: int


_COLUMNS: Final = tuple(_c[field.name] for field in fields(Recording))


def note(
    txn: Connection,
    sid: str,
    *,
    call_sid: str | None = None,
    state: State = "waiting",
    started_at: int | None = None,
) -> bool:
    """Note a recording of the provider, once; tell whether it is new."""
    statement = insert_or_ignore(txn, recordings, "id")
    row = dict.fromkeys((column.name for column in _COLUMNS if column.name != "id"), None)
    row |= {"way": "provider", "sid": sid, "call_sid": call_sid, "state": state, "at": now_ms()}
    return txn.execute(statement, {**row, "started_at": started_at}).scalar() is not None


def get(txn: Connection, sid: str, *, for_update: bool = False) -> Recording | None:
    """Give a recording of the provider; None where nobody told of it."""
    query = select(*_COLUMNS).where(_c.sid == sid)
    row = txn.execute(query.with_for_update() if for_update else query).mappings().first()
    return None if row is None else Recording(**row)


def of_call(txn: Connection, call_sid: str) -> list[Recording]:
    """Give the recordings of a call."""
    query = select(*_COLUMNS).where(_c.call_sid == call_sid).order_by(_c.id)
    return [Recording(**row) for row in txn.execute(query).mappings()]


def known(txn: Connection, sids: Collection[str]) -> dict[str, Recording]:
    """Give those of these recordings that are known, by SID."""
    if not sids:
        return {}
    found = txn.execute(select(*_COLUMNS).where(_c.sid.in_(sids))).mappings()
    return {row["sid"]: Recording(**row) for row in found}


def change(txn: Connection, sid: str, **values: Any) -> None:
    """Change fields of a recording of the provider. Raises NotFound."""
    if txn.execute(update(recordings).where(_c.sid == sid).values(**values)).rowcount != 1:
        raise NotFound(f"no recording {sid}")


def done_elsewhere(txn: Connection, sid: str) -> None:
    """Note that nothing is to be done with it at the provider any more."""
    change(txn, sid, after=None)


def enter(
    txn: Connection,
    *,
    way: Way,
    intake_id: str,
    line: str | None,
    caller: str | None,
    started_at: int,
    seconds: int | None,
) -> None:
    """Note what the ledger does not have yet: a recording that came by a PBX's mail."""
    row = dict.fromkeys((column.name for column in _COLUMNS if column.name != "id"), None)
    row |= {"way": way, "intake_id": intake_id, "line": line, "caller": caller, "state": "stored", "at": now_ms()}
    txn.execute(recordings.insert().values({**row, "started_at": started_at, "seconds": seconds}))


def twin_ms(caller: str | None) -> int:
    """How far apart (ms) the two ways may say that one call of this caller (None, `anonymous`) began."""
    return _NAMELESS_TWIN_MS if caller in (None, "anonymous") else _TWIN_MS


def twin(
    txn: Connection, *, way: Way, line: str | None, caller: str | None, started_at: int, seconds: int | None
) -> str | None:
    """Give the intake that holds the same call by the other way; None where there is none.

    One that has been told of by this way already is none: a second call of the kind is a call of its own.
    Looks under a lock (PostgreSQL), so that of two that come at the same moment the second sees the first.
    """
    if line is None or seconds is None:
        return None
    if txn.dialect.name == "postgresql":
        txn.execute(text("SELECT pg_advisory_xact_lock(hashtext(:line))"), {"line": line})
    same_caller: ColumnElement[bool] = _c.caller.is_(None) if caller is None else _c.caller == caller
    first, other, near = intake.alias("first"), intake.alias("other"), twin_ms(caller)
    told = (
        select(other.c.id)
        .join(first, first.c.ticket_id == other.c.ticket_id)  # an index leads there
        .where(first.c.id == _c.intake_id, other.c.duplicate_of == first.c.id, other.c.channel == _CHANNELS[way])
        .exists()
    )
    query = (
        select(_c.intake_id)
        .where(
            _c.line == line,
            same_caller,
            _c.way != way,
            _c.intake_id.is_not(None),
            _c.started_at.between(started_at - near, started_at + near),
            _c.seconds.between(seconds - _TWIN_SECONDS, seconds + _TWIN_SECONDS),
            ~told,
        )
        .order_by(func.abs(_c.started_at - started_at), _c.id)
        .limit(1)
    )
    found: str | None = txn.execute(query).scalar()
    return found


def unattended(txn: Connection, *, before: int) -> list[Recording]:
    """Give what waits although no job is at it, and was heard of before a time: somebody has to begin again."""
    alive = select(jobs.c.id).where(jobs.c.id == _c.job_id, jobs.c.state.in_(("ready", "running"))).exists()
    query = select(*_COLUMNS).where(_c.state == "waiting", ~alive, _c.at < before).order_by(_c.id)
    return [Recording(**row) for row in txn.execute(query).mappings()]


def counts(txn: Connection) -> dict[str, int]:
    """Count the provider's recordings by state, and those with something still to be done (`owed`)."""
    query = select(_c.state, func.count()).where(_c.way == "provider").group_by(_c.state)
    found = {state: int(number) for state, number in txn.execute(query)}
    found["owed"] = int(txn.execute(select(func.count()).where(_c.after.is_not(None))).scalar_one())
    return found


def owed(txn: Connection, *, before: int) -> list[Recording]:
    """Give what is stored since before a time, and is still to be deleted at the provider."""
    query = select(*_COLUMNS).where(_c.after.is_not(None), _c.at < before).order_by(_c.id)
    return [Recording(**row) for row in txn.execute(query).mappings()]


def lost(txn: Connection) -> Iterable[tuple[Recording, str]]:
    """Give those whose sound the ledger calls stored, and whose row or bytes are gone; with which of the two."""
    bytes_there = select(intake_raw.c.intake_id).where(intake_raw.c.intake_id == intake.c.id).exists()
    query = (
        select(*_COLUMNS, intake.c.id.label("there"), intake.c.blob, bytes_there.label("inline"))
        .select_from(recordings.outerjoin(intake, intake.c.id == _c.intake_id))
        .where(_c.state == "stored")
        .order_by(_c.id)
    )
    names = [column.name for column in _COLUMNS]
    for row in txn.execute(query).mappings():
        record = Recording(**{name: row[name] for name in names})
        if row["there"] is None:
            yield record, "row"
        elif row["blob"] is None and not row["inline"]:
            yield record, "bytes"


def first_look(txn: Connection, account_sid: str, at: int) -> int:
    """Give when this account was looked at first, in milliseconds; that is `at`, at the first call."""
    statement = insert_or_ignore(txn, phone_accounts)
    txn.execute(statement, {"account_sid": account_sid, "first_at": at, "looked_at": None})
    at = txn.execute(select(phone_accounts.c.first_at).where(phone_accounts.c.account_sid == account_sid)).scalar_one()
    return int(at)


def first_seen(txn: Connection, account_sid: str) -> int | None:
    """Give when this account was looked at first, in milliseconds; None where nobody has yet."""
    query = select(phone_accounts.c.first_at).where(phone_accounts.c.account_sid == account_sid)
    found: int | None = txn.execute(query).scalar()
    return found


def looked(txn: Connection, account_sid: str, at: int) -> None:
    """Note that an account was looked at, to its end."""
    txn.execute(update(phone_accounts).where(phone_accounts.c.account_sid == account_sid).values(looked_at=at))


def last_look(txn: Connection, account_sid: str) -> int | None:
    """Give when an account was looked at last, to its end; None before that."""
    found: int | None = txn.execute(
        select(phone_accounts.c.looked_at).where(phone_accounts.c.account_sid == account_sid)
    ).scalar()
    return found
