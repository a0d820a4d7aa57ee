"""Calls that a webhook or a listing told of, the references that callers were told, and callers who are turned away."""

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Literal

from sqlalchemy import Connection, delete, func, or_, select, update

from store import references
from store.clock import now_ms
from store.errors import NotFound
from store.schema import blocked_numbers, calls, tickets
from store.sql import insert_or_ignore, insert_or_update

# told: somebody said so; filed: a ticket stands; unknown: the provider knows no such call; foreign: none to the desk;
# blocked: turned away; old: it was over before the desk began to look.
State = Literal["told", "filed", "unknown", "foreign", "blocked", "old"]

_LAST: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call. `caller` and `called` as they were told; `at` is when it was heard of first, in milliseconds."""

    id: int
    sid: str
    caller: str | None
    called: str | None
    told: dict[str, Any]
    ref: str | None
    state: State
    ticket_id: int | None
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A number that is turned away; `until` in milliseconds, None for good."""

    number: str
    until: int | None
    blocked_by: str
    at: int


_COLUMNS: Final = tuple(calls.c[field.name] for field in fields(Call))


def note(
    txn: Connection,
    sid: str,
    *,
    caller: str | None = None,
    called: str | None = None,
    told: dict[str, Any] | None = None,
    state: State = "told",
    at: int | None = None,
    with_ref: bool = False,
) -> tuple[Call, bool]:
    """Note a call, once; give it as it stands, and whether it is new.

    `with_ref` draws the reference that the caller will be told. What a later telling knows more is added.
    """
    statement = insert_or_ignore(txn, calls, "id")
    row = {
        "sid": sid,
        "caller": caller,
        "called": called,
        "told": told or {},
        "state": state,
        "ticket_id": None,
        "at": now_ms() if at is None else at,
    }
    new = txn.execute(statement, {**row, "ref": None}).scalar() is not None
    call = get(txn, sid, for_update=True)
    assert call is not None
    changes: dict[str, Any] = {}
    if told and told.keys() - call.told.keys():
        changes["told"] = {**told, **call.told}
    changes |= {
        name: value for name, value in (("caller", caller), ("called", called)) if value and getattr(call, name) is None
    }
    if with_ref and call.ref is None and call.state == "told":
        changes["ref"] = _free_ref(txn)
    if changes:
        txn.execute(update(calls).where(calls.c.id == call.id).values(**changes))
        return replace(call, **changes), new
    return call, new


def _free_ref(txn: Connection) -> str:
    while True:
        ref = references.draw_for_call(txn)
        taken = select(tickets.c.id).where(tickets.c.ref == ref).union_all(select(calls.c.id).where(calls.c.ref == ref))
        if txn.execute(taken).first() is None:
            return ref


def get(txn: Connection, sid: str, *, for_update: bool = False) -> Call | None:
    """Give a call; None where nobody told of it. `for_update` keeps it still (PostgreSQL)."""
    query = select(*_COLUMNS).where(calls.c.sid == sid)
    row = txn.execute(query.with_for_update() if for_update else query).mappings().first()
    return None if row is None else Call(**row)


def near(txn: Connection, *, caller: str | None, called: str | None, started_at: int, within: int) -> list[str]:
    """Give the calls from one number to another that are tickets and began about then (ms), the nearest first.

    Of the last calls alone: whoever asks has just heard of one.
    """
    told = (calls.c.sid, calls.c.ticket_id, calls.c.caller, calls.c.called)
    last = select(*told).order_by(calls.c.id.desc()).limit(_LAST).subquery()
    created = tickets.c.created_at
    query = (
        select(last.c.sid)
        .join(tickets, last.c.ticket_id == tickets.c.id)
        .where(
            last.c.caller == caller, last.c.called == called, created.between(started_at - within, started_at + within)
        )
        .order_by(func.abs(created - started_at), tickets.c.id)
    )
    return list(txn.execute(query).scalars())


def known(txn: Connection, sids: Collection[str]) -> set[str]:
    """Give those of these calls that are known."""
    if not sids:
        return set()
    return set(txn.execute(select(calls.c.sid).where(calls.c.sid.in_(sids))).scalars())


def settle(txn: Connection, sid: str, state: State, ticket_id: int | None = None) -> None:
    """Say what became of a call. Raises NotFound."""
    values: dict[str, Any] = {"state": state}
    if ticket_id is not None:
        values["ticket_id"] = ticket_id
    if txn.execute(update(calls).where(calls.c.sid == sid).values(**values)).rowcount != 1:
        raise NotFound(f"no call {sid}")


def block(txn: Connection, number: str, *, until: int | None, by: str) -> None:
    """Turn a number away, until a time or for good; a block that stands is replaced."""
    row = {"number": number, "until": until, "blocked_by": by, "at": now_ms()}
    change = ("until", "blocked_by", "at")
    txn.execute(insert_or_update(txn, blocked_numbers, row, keys=("number",), change=change))


def unblock(txn: Connection, number: str) -> bool:
    """Let a number through again. False where it was not blocked."""
    return txn.execute(delete(blocked_numbers).where(blocked_numbers.c.number == number)).rowcount == 1


def blocked(txn: Connection, number: str, *, at: int) -> Block | None:
    """Give the block of a number that holds at a time; None where it is let through."""
    c = blocked_numbers.c
    holds = or_(c.until.is_(None), c.until > at)
    row = txn.execute(select(blocked_numbers).where(c.number == number, holds)).mappings().first()
    return None if row is None else Block(**row)


def blocks(txn: Connection, *, at: int) -> list[Block]:
    """Give every block that holds at a time, by number."""
    c = blocked_numbers.c
    query = select(blocked_numbers).where(or_(c.until.is_(None), c.until > at)).order_by(c.number)
    return [Block(**row) for row in txn.execute(query).mappings()]
