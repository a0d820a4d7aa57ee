"""Accounts and contacts that commands put on file, and what was changed by whom.

Every change is made on the state that its maker saw: `write` takes the revision of that state and raises
`AccountsChanged` where somebody was faster. The revision is the number of the last event, so what changed since a
revision is what has events above it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, select, text, true

from store.errors import StoreError
from store.schema import account_contacts, account_events, accounts

Source = Literal["import", "command"]
T = TypeVar("T")

# Bound parameters of one statement: SQLite takes 32,766, PostgreSQL 65,535.
_MANY: Final = 5_000


class AccountsChanged(StoreError):
    """Somebody changed accounts since the revision that a change was made for: look again, and decide again."""

    temporary = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """An account. `source` is what kind of command put it there, `file` the name of an imported file."""

    id: str
    name: str
    plan: str | None
    source: Source
    file: str | None
    changed_at: int
    changed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """A contact; `body` holds what the caller knows of it. `account_id` may be one that no account has here."""

    account_id: str
    contact_id: str
    body: dict[str, Any]
    source: Source
    file: str | None
    changed_at: int
    changed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """What was done to an account, by whom and why."""

    account_id: str
    at: int
    actor: str
    what: str
    why: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What one command changes, in this order: rows that go, rows that come, events.

    Contacts are named by account and contact id. What changes goes and comes. Every account that is touched has an
    event, or nobody else would hear of the change.
    """

    without_accounts: Sequence[str] = ()
    without_contacts: Sequence[tuple[str, str]] = ()
    accounts: Sequence[AccountRow] = ()
    contacts: Sequence[ContactRow] = ()
    events: Sequence[NewEvent] = ()


def revision(txn: Connection) -> int:
    """Give the number of the last change; 0 before the first."""
    return txn.execute(select(func.max(account_events.c.id))).scalar() or 0


def write(txn: Connection, changes: Changes, *, expected: int) -> None:
    """Make the changes if nothing changed since the revision `expected`; raises AccountsChanged where something did."""
    if txn.dialect.name == "postgresql":
        # One at a time, and in the order of their numbers: readers go on, a second writer waits for our commit.
        txn.execute(text("LOCK TABLE account_events IN SHARE ROW EXCLUSIVE MODE"))
    found = revision(txn)
    if found != expected:
        raise AccountsChanged(f"accounts were changed at the same time (revision {found}, expected {expected})")
    for ids in _pieces(changes.without_accounts):
        txn.execute(delete(accounts).where(accounts.c.id.in_(ids)))
    for account_id, contact_ids in _by_account(changes.without_contacts):
        gone = (account_contacts.c.account_id == account_id) & account_contacts.c.contact_id.in_(contact_ids)
        txn.execute(delete(account_contacts).where(gone))
    for table, rows in ((accounts, changes.accounts), (account_contacts, changes.contacts)):
        _insert(txn, table, rows)
    _insert(txn, account_events, changes.events)


def changed_since(txn: Connection, since: int) -> set[str]:
    """Give the ids of the accounts that changed after a revision."""
    query = select(account_events.c.account_id).where(account_events.c.id > since).distinct()
    return set(txn.execute(query).scalars())


def read(txn: Connection, ids: Iterable[str] | None = None) -> tuple[list[AccountRow], list[ContactRow]]:
    """Give accounts and contacts, contacts in the order they came; of these account ids, or all of them."""
    if ids is None:
        return _read(txn, None)
    rows: tuple[list[AccountRow], list[ContactRow]] = ([], [])
    for some in _pieces(list(ids)):
        found, contacts = _read(txn, some)
        rows[0].extend(found)
        rows[1].extend(contacts)
    return rows


def _read(txn: Connection, ids: Sequence[str] | None) -> tuple[list[AccountRow], list[ContactRow]]:
    def of(column: ColumnElement[str]) -> ColumnElement[bool]:
        return true() if ids is None else column.in_(ids)

    fields = AccountRow.__slots__
    found = txn.execute(select(*(accounts.c[name] for name in fields)).where(of(accounts.c.id)))
    contact_fields = ContactRow.__slots__
    contacts = txn.execute(
        select(*(account_contacts.c[name] for name in contact_fields))
        .where(of(account_contacts.c.account_id))
        .order_by(account_contacts.c.id)
    )
    return (
        [AccountRow(**dict(zip(fields, row, strict=True))) for row in found],
        [ContactRow(**dict(zip(contact_fields, row, strict=True))) for row in contacts],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of an account."""

    at: int
    actor: str
    what: str
    why: str | None


def events(txn: Connection, account_id: str) -> list[Event]:
    """Give what was done to an account, in the order it was done."""
    columns = (account_events.c[name] for name in Event.__slots__)
    query = select(*columns).where(account_events.c.account_id == account_id).order_by(account_events.c.id)
    return [Event(**row) for row in txn.execute(query).mappings()]


def _insert(txn: Connection, table: Table, rows: Sequence[AccountRow | ContactRow | NewEvent]) -> None:
    statement = insert(table).inline()
    # Piece by piece: a row is several times as large on its way into the database.
    for piece in _pieces(rows):
        txn.execute(statement, [_values(row) for row in piece])


def _values(row: AccountRow | ContactRow | NewEvent) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}


def _pieces(things: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(things), _MANY):
        yield things[start : start + _MANY]


def _by_account(contacts: Sequence[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for account_id, contact_id in contacts:
        found.setdefault(account_id, []).append(contact_id)
    yield from found.items()
