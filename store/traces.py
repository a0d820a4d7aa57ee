"""Why things were decided as they were: kept with the decision, so that the store alone can explain it afterwards."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, insert, select, update

from store.schema import traces

# Nobody asks for the number, so the database is not asked either.
_ADD: Final = insert(traces).inline()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One decision: its kind (a word of the caller's) and all it rested on."""

    id: int
    intake_id: str | None
    ticket_id: int | None
    entry_id: int | None
    at: int
    kind: str
    body: dict[str, Any]


def record(
    txn: Connection,
    *,
    intake_id: str | None,
    ticket_id: int | None,
    entry_id: int | None,
    at: int,
    kind: str,
    body: dict[str, Any],
) -> None:
    """Keep a trace."""
    row = {
        "intake_id": intake_id,
        "ticket_id": ticket_id,
        "entry_id": entry_id,
        "at": at,
        "kind": kind,
        "body": body,
    }
    txn.execute(_ADD, row)


def move(txn: Connection, entry_id: int, to: int) -> None:
    """Let what was decided about an entry belong to another ticket, as the entry does."""
    txn.execute(update(traces).where(traces.c.entry_id == entry_id).values(ticket_id=to))


def of_ticket(txn: Connection, ticket_id: int) -> list[Trace]:
    """Give the traces of a ticket, in the order they were kept."""
    return _where(txn, traces.c.ticket_id == ticket_id)


def decided_on(txn: Connection, ticket_id: int) -> list[int]:
    """Give the entries that were decided on a ticket, in that order: not those that people merged into it."""
    query = select(traces.c.entry_id).where(traces.c.ticket_id == ticket_id, traces.c.entry_id.is_not(None))
    return list(dict.fromkeys(txn.execute(query.order_by(traces.c.id)).scalars()))


def of_entry(txn: Connection, entry_id: int) -> list[Trace]:
    """Give the traces of an entry, in the order they were kept, on whichever ticket it was decided."""
    return _where(txn, traces.c.entry_id == entry_id)


def of_intake(txn: Connection, intake_id: str) -> list[Trace]:
    """Give the traces of an intake, in the order they were kept."""
    return _where(txn, traces.c.intake_id == intake_id)


def since(txn: Connection, at: int, *, kinds: Collection[str], after: int, limit: int) -> list[Trace]:
    """Give the traces of these kinds about what came in at `at` or later (milliseconds), in the order they were kept.

    A page of them: those behind the trace numbered `after`, `limit` at most.
    """
    query = (
        select(traces)
        .where(traces.c.id > after, traces.c.at >= at, traces.c.kind.in_(kinds), traces.c.intake_id.is_not(None))
        .order_by(traces.c.id)
        .limit(limit)
    )
    return [Trace(**row) for row in txn.execute(query).mappings()]


def _where(txn: Connection, condition: ColumnElement[bool]) -> list[Trace]:
    query = select(traces).where(condition).order_by(traces.c.id)
    return [Trace(**row) for row in txn.execute(query).mappings()]
