"""Tickets, their entries and events. Every function takes the transaction first and never commits."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields
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
from store.ticket_records import Entry, EntryKind, Event, NewEntry, NewTicket, Status, Ticket, values

__all__ = [
    "Entry",
    "Event",
    "NewEntry",
    "NewTicket",
    "Ticket",
    "append",
    "by_ids",
    "entries",
    "entry_of_intake",
    "event",
    "events",
    "everything",
    "get",
    "get_by_id",
    "list_",
    "open_ticket",
    "open_with",
    "search",
    "set_authentication",
    "set_identity",
    "set_kind",
    "set_message_id",
    "set_transcript",
    "undoable",
    "undone",
    "update",
]

_COLUMNS: Final = tuple(table.c[field.name] for field in fields(Ticket))
_LISTS: Final = ("tags", "clocks", "actions_allowed", "staff_set")
# What `update` may change: the rest says where the ticket came from.
_CHANGEABLE: Final = frozenset(f.name for f in fields(NewTicket)) - {"channel", "created_at"}
_IN_HEAD: Final = frozenset({"subject", "requester", "account", "contact"})
_RANK: Final = sa.case({"urgent": 0, "high": 1, "medium": 2, "low": 3}, value=table.c.priority)
_ORDER: Final = (table.c.behind, _RANK, table.c.created_at, table.c.id)
_PAGE: Final = 200

# Built once: building a statement costs more than running it. An UPDATE sets the columns that its values name.
_AT: Final = sa.bindparam("at", type_=sa.BigInteger)
_CHANGE: Final = (
    sa.update(table)
    .where(table.c.id == sa.bindparam("number"))
    # Mail from the past (--received-at) does not make a ticket look untouched since then.
    .values(updated_at=sa.case((table.c.updated_at > _AT, table.c.updated_at), else_=_AT))
)
_CHANGE_AND_GIVE: Final = _CHANGE.returning(*_COLUMNS)
_ADD_ENTRY: Final = sa.insert(entry_table).returning(entry_table.c.id)
# Nobody asks for the number of an event, so the database is not asked either.
_ADD_EVENT: Final = sa.insert(event_table).inline()
_BY_REF: Final = sa.select(*_COLUMNS).where(table.c.ref == sa.bindparam("wanted"))
_BY_ID: Final = sa.select(*_COLUMNS).where(table.c.id == sa.bindparam("wanted"))
_ENTRIES: Final = (
    sa.select(*(entry_table.c[field.name] for field in fields(Entry)))
    .where(entry_table.c.ticket_id == sa.bindparam("ticket"))
    .order_by(entry_table.c.id)
)


def open_ticket(txn: Connection, new: NewTicket) -> Ticket:
    """Open a ticket under a reference drawn for it. Raises PriorityRefused."""
    ticket = _insert(txn, new)
    words_index.add(txn, [words_index.head(ticket)])
    return ticket


def open_with(txn: Connection, new: NewTicket, first: NewEntry, ref: str | None = None) -> tuple[Ticket, int]:
    """Open a ticket with its first entry, and give both the ticket and the entry's number. Raises PriorityRefused.

    `ref` is a reference that was drawn before (`references.draw_for_call`); another one is drawn where a ticket has it.
    """
    ticket = _insert(txn, new, ref)
    number = _insert_entry(txn, ticket.id, first)
    words_index.add(txn, [words_index.head(ticket), *words_index.entry(ticket.id, number, first)])
    return ticket, number


def update(txn: Connection, ticket_id: int, *, at: int, **columns: Any) -> Ticket:
    """Change fields of a ticket and give it as it stands then.

    Raises NotFound, PriorityRefused; TypeError for a name that is no field or may not change.
    """
    row = _guarded(txn, _CHANGE_AND_GIVE, _changed(ticket_id, at, columns)).mappings().first()
    if row is None:
        raise NotFound(f"no ticket number {ticket_id}")
    ticket = _ticket(row)
    if columns.keys() & _IN_HEAD:
        words_index.replace_head(txn, ticket)
    return ticket


def append(txn: Connection, ticket_id: int, new: NewEntry, **columns: Any) -> int:
    """Add an entry, change the fields of its ticket that it changes, and give its number.

    Raises as `update`; what stands in a ticket's head does not change by an entry.
    """
    wrong = columns.keys() & _IN_HEAD
    if wrong:
        raise TypeError(f"an entry does not change {', '.join(sorted(wrong))}")
    if _guarded(txn, _CHANGE, _changed(ticket_id, new.at, columns)).rowcount != 1:
        raise NotFound(f"no ticket number {ticket_id}")
    number = _insert_entry(txn, ticket_id, new)
    words_index.add(txn, words_index.entry(ticket_id, number, new))
    return number


def set_transcript(txn: Connection, entry_id: int, transcript: dict[str, Any]) -> None:
    """Put the transcript on a voicemail's entry. Raises NotFound."""
    ticket_id = _change_entry(txn, entry_id, transcript=transcript)
    words_index.add(txn, words_index.transcript(ticket_id, entry_id, transcript))


def set_authentication(
    txn: Connection, entry_id: int, authentication: dict[str, Any], *, recipients: Iterable[str] | None
) -> None:
    """Put what is proven on an entry, and to whom it was written by that proof. Raises NotFound."""
    named = None if recipients is None else list(recipients)
    _change_entry(txn, entry_id, authentication=authentication, recipients=named)


def set_identity(txn: Connection, entry_id: int, identity: dict[str, Any]) -> None:
    """Put who it seems to be from on an entry. Raises NotFound."""
    _change_entry(txn, entry_id, identity=identity)


def set_kind(txn: Connection, entry_id: int, kind: EntryKind) -> None:
    """Call an entry by what it turned out to be. Raises NotFound."""
    _change_entry(txn, entry_id, kind=kind)


def set_message_id(txn: Connection, entry_id: int, message_id: str) -> None:
    """Say under which Message-ID an entry went out. Raises NotFound."""
    _change_entry(txn, entry_id, message_id=message_id)


def event(
    txn: Connection,
    ticket_id: int,
    *,
    at: int,
    actor: str,
    what: str,
    why: str | None = None,
    undo: dict[str, Any] | None = None,
) -> None:
    """Note that something happened to a ticket; `undo` is what has to be put back to undo it."""
    row = {"ticket_id": ticket_id, "at": at, "actor": actor, "what": what, "why": why}
    txn.execute(_ADD_EVENT, row if undo is None else row | {"undo": undo})


def undoable(txn: Connection, ticket_id: int) -> list[Event]:
    """Give the events of a ticket that can be undone and are not, the latest first."""
    can = (event_table.c.ticket_id == ticket_id, event_table.c.undo.is_not(None), event_table.c.undone_at.is_(None))
    query = sa.select(event_table).where(*can).order_by(event_table.c.id.desc())
    return [Event(**row) for row in txn.execute(query).mappings()]


def undone(txn: Connection, event_id: int, at: int) -> None:
    """Note that an event was undone, so that it is not undone twice."""
    txn.execute(sa.update(event_table).where(event_table.c.id == event_id).values(undone_at=at))


def get(txn: Connection, ref: str, *, for_update: bool = False) -> Ticket:
    """Give the ticket of a reference, in any of its written forms. Raises NotFound.

    `for_update` in a writing transaction keeps the ticket still between reading and writing it (PostgreSQL; on SQLite
    the transaction alone does).
    """
    bare = references.normalise(ref)
    if bare is None:
        raise NotFound(f"{ref!r} is not a reference: its check digit does not hold, or it has no digits to speak of")
    return _one(txn, _BY_REF, bare, f"no ticket {bare}", for_update=for_update)


def get_by_id(txn: Connection, ticket_id: int, *, for_update: bool = False) -> Ticket:
    """Give a ticket by its number. Raises NotFound."""
    return _one(txn, _BY_ID, ticket_id, f"no ticket number {ticket_id}", for_update=for_update)


def by_ids(txn: Connection, numbers: Collection[int]) -> dict[int, Ticket]:
    """Give the tickets of these numbers that there are, by number."""
    rows = txn.execute(sa.select(*_COLUMNS).where(table.c.id.in_(numbers))).mappings()
    return {row["id"]: _ticket(row) for row in rows}


def entries(txn: Connection, ticket_id: int) -> list[Entry]:
    """Give the entries of a ticket in the order they were filed."""
    found = txn.execute(_ENTRIES, {"ticket": ticket_id}).mappings()
    return [_entry(row) for row in found]


def entry_of_intake(txn: Connection, intake_id: str) -> Entry | None:
    """Give the entry that something that came in became; None where it became none."""
    columns = (entry_table.c[field.name] for field in fields(Entry))
    query = sa.select(*columns).where(entry_table.c.intake_id == intake_id).order_by(entry_table.c.id).limit(1)
    row = txn.execute(query).mappings().first()
    return None if row is None else _entry(row)


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
    """Give tickets in the order to work them: priority, then time, earliest first; what stands behind comes last.

    Closed ones only when asked for.
    `due_before` keeps those with an unmet clock due before that time. `status="closed"` asks for closed ones.
    """
    query = sa.select(*_COLUMNS).order_by(*_ORDER).limit(limit)
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


def _insert(txn: Connection, new: NewTicket, ref: str | None = None) -> Ticket:
    row = _stored(values(new)) | {"updated_at": new.created_at}
    statement = insert_or_ignore(txn, table, *(column.name for column in _COLUMNS))
    while True:
        row["ref"], ref = ref or references.draw(txn), None
        if (stored := _guarded(txn, statement, row).mappings().first()) is not None:
            return _ticket(stored)


def _insert_entry(txn: Connection, ticket_id: int, new: NewEntry) -> int:
    return int(txn.execute(_ADD_ENTRY, values(new) | {"ticket_id": ticket_id}).scalar_one())


def _changed(ticket_id: int, at: int, columns: dict[str, Any]) -> dict[str, Any]:
    wrong = columns.keys() - _CHANGEABLE
    if wrong:
        raise TypeError(f"a ticket has no changeable field {', '.join(sorted(wrong))}")
    return _stored(columns) | {"number": ticket_id, "at": at}


def _change_entry(txn: Connection, entry_id: int, **columns: Any) -> int:
    """Set columns of an entry, and give the number of its ticket. Raises NotFound."""
    changed = sa.update(entry_table).where(entry_table.c.id == entry_id).values(**columns)
    ticket_id = txn.execute(changed.returning(entry_table.c.ticket_id)).scalar()
    if ticket_id is None:
        raise NotFound(f"no entry number {entry_id}")
    return int(ticket_id)


def _one(txn: Connection, query: sa.Select[Any], wanted: object, missing: str, *, for_update: bool) -> Ticket:
    row = txn.execute(query.with_for_update() if for_update else query, {"wanted": wanted}).mappings().first()
    if row is None:
        raise NotFound(missing)
    return _ticket(row)


def _entry(row: RowMapping) -> Entry:
    recipients = row["recipients"]
    return Entry(
        **{
            **row,
            "attachments": tuple(row["attachments"]),
            "recipients": None if recipients is None else tuple(recipients),
        }
    )


def _ticket(row: RowMapping) -> Ticket:
    return Ticket(**{**row, **{name: tuple(row[name]) for name in _LISTS}})


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
    """Give the earliest due time of the clocks that run: that are not met and do not stand still."""
    running = (clock for clock in clocks if clock.get("met_at") is None and clock.get("paused_at") is None)
    return min((int(clock["due_at"]) for clock in running), default=None)


def _guarded(txn: Connection, statement: Any, row: dict[str, Any] | None = None) -> sa.CursorResult[Any]:
    try:
        return txn.execute(statement, row)
    except IntegrityError as error:
        if "email_priority" in constraint(error):
            raise PriorityRefused(
                "email sets no priority: an emailed ticket is medium or low unless a person or a call says otherwise"
            ) from error
        raise
