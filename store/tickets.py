"""Tickets, their entries and events. Every function takes the transaction first and never commits."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping
from sqlalchemy.exc import IntegrityError

from store import references
from store import search as words_index
from store.errors import NotFound, PriorityRefused
from store.failures import constraint
from store.schema import entries as entry_table
from store.schema import events as event_table
from store.schema import tickets as table
from store.sql import insert_or_ignore
from store.ticket_records import Entry, Event, NewEntry, NewTicket, Status, Ticket

__all__ = [
    "Entry",
    "Event",
    "NewEntry",
    "NewTicket",
    "Ticket",
    "append",
    "entries",
    "event",
    "events",
    "everything",
    "get",
    "get_by_id",
    "list_",
    "open_ticket",
    "search",
    "set_transcript",
    "update",
]

_COLUMNS: Final = tuple(table.c[field.name] for field in fields(Ticket))
_LISTS: Final = ("tags", "clocks", "actions_allowed", "staff_set")
# What `update` may change: the rest says where the ticket came from.
_CHANGEABLE: Final = (frozenset(f.name for f in fields(NewTicket)) - {"channel", "created_at"}) | {"closed_at"}
_IN_HEAD: Final = frozenset({"subject", "requester", "account", "contact"})
_RANK: Final = sa.case({"urgent": 0, "high": 1, "medium": 2, "low": 3}, value=table.c.priority)
_PAGE: Final = 200


def open_ticket(txn: Connection, new: NewTicket) -> Ticket:
    """Open a ticket under a reference drawn for it. Raises PriorityRefused."""
    row = _stored(asdict(new)) | {"updated_at": new.created_at}
    statement = insert_or_ignore(txn, table).returning(table.c.id)
    number = None
    while number is None:
        # Another transaction may have drawn the same reference and not have committed when we looked.
        row["ref"] = references.draw(txn)
        number = _guarded(txn, statement, row).scalar()
    ticket = get_by_id(txn, number)
    words_index.put_head(txn, ticket)
    return ticket


def update(txn: Connection, ticket_id: int, *, at: int, **columns: Any) -> Ticket:
    """Change fields of a ticket and give it as it stands then.

    Raises NotFound, PriorityRefused; TypeError for a name that is no field or may not change.
    """
    wrong = columns.keys() - _CHANGEABLE
    if wrong:
        raise TypeError(f"a ticket has no changeable field {', '.join(sorted(wrong))}")
    changed = sa.update(table).where(table.c.id == ticket_id).values(**_stored(columns), updated_at=_later(at))
    if _guarded(txn, changed).rowcount != 1:
        raise NotFound(f"no ticket number {ticket_id}")
    ticket = get_by_id(txn, ticket_id)
    if columns.keys() & _IN_HEAD:
        words_index.put_head(txn, ticket)
    return ticket


def append(txn: Connection, ticket_id: int, new: NewEntry) -> int:
    """Add an entry and give its number. Raises NotFound."""
    touched = sa.update(table).where(table.c.id == ticket_id).values(updated_at=_later(new.at))
    if txn.execute(touched).rowcount != 1:
        raise NotFound(f"no ticket number {ticket_id}")
    row = asdict(new) | {"ticket_id": ticket_id}
    number = int(txn.execute(sa.insert(entry_table).returning(entry_table.c.id), row).scalar_one())
    words_index.add_entry(txn, ticket_id, number, new)
    return number


def set_transcript(txn: Connection, entry_id: int, transcript: dict[str, Any]) -> None:
    """Put the transcript on a voicemail's entry. Raises NotFound."""
    changed = sa.update(entry_table).where(entry_table.c.id == entry_id).values(transcript=transcript)
    ticket_id = txn.execute(changed.returning(entry_table.c.ticket_id)).scalar()
    if ticket_id is None:
        raise NotFound(f"no entry number {entry_id}")
    words_index.add_transcript(txn, ticket_id, entry_id, transcript)


def event(txn: Connection, ticket_id: int, *, at: int, actor: str, what: str, why: str | None = None) -> int:
    """Note that something happened to a ticket and give the event's number."""
    row = {"ticket_id": ticket_id, "at": at, "actor": actor, "what": what, "why": why}
    return int(txn.execute(sa.insert(event_table).returning(event_table.c.id), row).scalar_one())


def get(txn: Connection, ref: str, *, for_update: bool = False) -> Ticket:
    """Give the ticket of a reference, in any of its written forms. Raises NotFound.

    `for_update` in a writing transaction keeps the ticket still between reading and writing it (PostgreSQL; on SQLite
    the transaction alone does).
    """
    bare = references.normalise(ref)
    if bare is None:
        raise NotFound(f"{ref!r} is not a reference: its check digit does not hold, or it has no digits to speak of")
    return _one(txn, table.c.ref == bare, f"no ticket {bare}", for_update=for_update)


def get_by_id(txn: Connection, ticket_id: int, *, for_update: bool = False) -> Ticket:
    """Give a ticket by its number. Raises NotFound."""
    return _one(txn, table.c.id == ticket_id, f"no ticket number {ticket_id}", for_update=for_update)


def entries(txn: Connection, ticket_id: int) -> list[Entry]:
    """Give the entries of a ticket in the order they were filed."""
    columns = (entry_table.c[field.name] for field in fields(Entry))
    query = sa.select(*columns).where(entry_table.c.ticket_id == ticket_id).order_by(entry_table.c.id)
    return [Entry(**{**row, "attachments": tuple(row["attachments"])}) for row in txn.execute(query).mappings()]


def events(txn: Connection, ticket_id: int) -> list[Event]:
    """Give the events of a ticket in the order they were noted."""
    query = sa.select(event_table).where(event_table.c.ticket_id == ticket_id).order_by(event_table.c.id)
    return [Event(**row) for row in txn.execute(query).mappings()]


def list_(
    txn: Connection,
    *,
    queue: str | None = None,
    account: str | None = None,
    status: Status | None = None,
    assignee: str | None = None,
    due_before: int | None = None,
    limit: int | None = None,
    closed: bool = False,
) -> list[Ticket]:
    """Give tickets in the order to work them: priority, then time, earliest first. Closed ones only when asked for.

    `due_before` keeps those with an unmet clock due before that time. `status="closed"` asks for closed ones.
    """
    query = sa.select(*_COLUMNS).order_by(_RANK, table.c.created_at, table.c.id).limit(limit)
    if status is not None:
        query = query.where(table.c.status == status)
    elif not closed:
        query = query.where(table.c.status != sa.literal_column("'closed'"))
    if due_before is not None:
        query = query.where(table.c.due_at < due_before)
    wanted = ((table.c.queue, queue), (table.c.account_id, account), (table.c.assignee, assignee))
    query = query.where(*(column == value for column, value in wanted if value is not None))
    return [_ticket(row) for row in txn.execute(query).mappings()]


def search(txn: Connection, words: str, limit: int = 50) -> list[Ticket]:
    """Give the tickets that hold every one of the words, the last changed first. Closed ones, too."""
    found = words_index.condition(txn, words, table.c.id)
    if found is None:
        return []
    query = sa.select(*_COLUMNS).where(found).order_by(table.c.updated_at.desc(), table.c.id.desc()).limit(limit)
    return [_ticket(row) for row in txn.execute(query).mappings()]


def everything(txn: Connection, *, after: int = 0) -> Iterator[Ticket]:
    """Give every ticket in the order of creation, closed ones too, after a ticket's number; in bounded memory."""
    while True:
        query = sa.select(*_COLUMNS).where(table.c.id > after).order_by(table.c.id).limit(_PAGE)
        page = [_ticket(row) for row in txn.execute(query).mappings()]
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].id


def _one(txn: Connection, which: sa.ColumnElement[bool], missing: str, *, for_update: bool) -> Ticket:
    query = sa.select(*_COLUMNS).where(which)
    row = txn.execute(query.with_for_update() if for_update else query).mappings().first()
    if row is None:
        raise NotFound(missing)
    return _ticket(row)


def _ticket(row: RowMapping) -> Ticket:
    return Ticket(**{**row, **{name: tuple(row[name]) for name in _LISTS}})


def _later(at: int) -> sa.ColumnElement[int]:
    # Mail from the past (--received-at) does not make a ticket look untouched since then.
    return sa.case((table.c.updated_at > at, table.c.updated_at), else_=at)


def _stored(columns: dict[str, Any]) -> dict[str, Any]:
    """Add the columns that are taken out of others."""
    more: dict[str, Any] = {}
    if "account" in columns:
        account = columns["account"]
        more["account_id"] = None if account is None else account["id"]
    if "clocks" in columns:
        more["due_at"] = earliest_due(columns["clocks"])
    return columns | more


def earliest_due(clocks: Iterable[dict[str, Any]]) -> int | None:
    """Give the earliest due time of the clocks that are not met."""
    return min((int(clock["due_at"]) for clock in clocks if clock.get("met_at") is None), default=None)


def _guarded(txn: Connection, statement: Any, row: dict[str, Any] | None = None) -> sa.CursorResult[Any]:
    try:
        return txn.execute(statement, row)
    except IntegrityError as error:
        if "email_priority" in constraint(error):
            raise PriorityRefused(
                "email sets no priority: an emailed ticket is medium or low unless a person or a call says otherwise"
            ) from error
        raise
