"""Who was asked whether something was really asked for in their name, and how that ended."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from sqlalchemy import Connection, insert, select, update

from store.errors import NotFound
from store.schema import confirmations

Purpose = Literal["actions", "access"]
State = Literal["asked", "confirmed", "refused", "expired", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConfirmation:
    """A question that was put to one address on file, by one item of the outbox.

    `waiting` names the actions that an answer frees; `access` is the contact that it lets in, as the purpose says.
    `entry_id` is the entry that took the actions away. Times in milliseconds.
    """

    ticket_id: int
    purpose: Purpose
    to_address: str
    asked_at: int
    expires_at: int
    asked_by: str
    entry_id: int | None = None
    outbox_id: int | None = None
    waiting: tuple[str, ...] = ()
    access: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation(NewConfirmation):
    """A question as it stands. `noticed_at`: staff have heard that somebody answered without proof."""

    id: int
    state: State
    ended_at: int | None
    ended_by: str | None
    end_entry_id: int | None
    noticed_at: int | None


_FIELDS: Final = tuple(each.name for each in fields(NewConfirmation))
_COLUMNS: Final = tuple(confirmations.c[each.name] for each in fields(Confirmation))


def ask(txn: Connection, new: NewConfirmation) -> int:
    """Note a question and give its number."""
    row = {name: getattr(new, name) for name in _FIELDS} | {"state": "asked"}
    return int(txn.execute(insert(confirmations).values(**row).returning(confirmations.c.id)).scalar_one())


def of_ticket(txn: Connection, ticket_id: int) -> list[Confirmation]:
    """Give the questions of a ticket in the order they were put."""
    query = select(*_COLUMNS).where(confirmations.c.ticket_id == ticket_id).order_by(confirmations.c.id)
    return [_of(row) for row in txn.execute(query).mappings()]


def get(txn: Connection, number: int) -> Confirmation:
    """Give one question. Raises NotFound."""
    row = txn.execute(select(*_COLUMNS).where(confirmations.c.id == number)).mappings().first()
    if row is None:
        raise NotFound(f"no confirmation {number}")
    return _of(row)


def end(
    txn: Connection, number: int, state: State, *, at: int, by: str | None = None, entry_id: int | None = None
) -> None:
    """Note how a question ended. Raises NotFound."""
    _change(txn, number, state=state, ended_at=at, ended_by=by, end_entry_id=entry_id)


def noticed(txn: Connection, number: int, *, at: int) -> None:
    """Note that staff have heard of an answer without proof. Raises NotFound."""
    _change(txn, number, noticed_at=at)


def move(txn: Connection, numbers: Collection[int], to: int) -> None:
    """Let questions belong to another ticket."""
    if numbers:
        txn.execute(update(confirmations).where(confirmations.c.id.in_(numbers)).values(ticket_id=to))


def _change(txn: Connection, number: int, **columns: Any) -> None:
    if txn.execute(update(confirmations).where(confirmations.c.id == number).values(**columns)).rowcount != 1:
        raise NotFound(f"no confirmation {number}")


def _of(row: Any) -> Confirmation:
    return Confirmation(**{**row, "waiting": tuple(row["waiting"])})
