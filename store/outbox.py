"""What inboxd sends, from queued to sent, and what it suppressed and why."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from sqlalchemy import BigInteger, Connection, RowMapping, Select, bindparam, func, insert, select, text, true, update

from store.errors import NotFound
from store.schema import dead_addresses, outbox, tickets

Kind = Literal["acknowledgement", "confirmation", "reply", "notice", "page"]
State = Literal["queued", "sending", "sent", "failed", "suppressed"]

# In the very words of the partial indexes, or they would not serve.
_COUNTED: Final = text("automatic AND state <> 'suppressed'")
_LISTS: Final = ("cc", "copies", "thread", "attachments")

# Built once: building a statement costs more than running it.
_ADD: Final = insert(outbox).returning(outbox.c.id)
_GIVE_JOB: Final = (
    update(outbox)
    .where(outbox.c.id == bindparam("number"))
    .values(job_id=bindparam("job", type_=BigInteger), next_try_at=bindparam("due_at", type_=BigInteger))
)
_MADE: Final = select(func.count()).where(
    _COUNTED, outbox.c.created_at.between(bindparam("since", type_=BigInteger), bindparam("until", type_=BigInteger))
)
_STOPS: Final = select(
    select(dead_addresses.c.reason).where(dead_addresses.c.address_key == bindparam("key")).scalar_subquery(),
    _MADE.where(outbox.c.to_key == bindparam("key")).scalar_subquery(),
    _MADE.where(outbox.c.to_staff.is_not(true())).scalar_subquery(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """One mail to one address, or one call, text message or webhook. `reason` says why it stands where it stands.

    `to_key` is the address in the form in which addresses are compared; `shown_to` stands in To where the item is the
    copy of somebody in Cc; `copies` are those to whom, by the words of a notice, an answer to it goes as well; `thread`
    the References; `attachments` what a mail carries, by name, type and digest; `automatic` False only for what a
    person wrote; `to_staff` where it goes to one of those who work here. `entry_id` is the entry that it brings out of
    the house. Not sent by `not_after` (ms), it is not sent at all.
    """

    kind: Kind
    to_address: str
    to_key: str | None
    to_name: str | None = None
    from_address: str | None = None
    from_name: str | None = None
    reply_to: str | None = None
    cc: tuple[str, ...] = ()
    shown_to: str | None = None
    copies: tuple[str, ...] = ()
    message_id: str
    subject: str
    text: str
    html: str | None = None
    in_reply_to: str | None = None
    thread: tuple[str, ...] = ()
    attachments: tuple[dict[str, Any], ...] = ()
    language: str | None = None
    automatic: bool = True
    to_staff: bool = False
    ticket_id: int | None = None
    entry_id: int | None = None
    state: State = "queued"
    reason: str | None = None
    created_at: int
    not_after: int | None = None


_NEW: Final = tuple(each.name for each in fields(NewItem))


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxItem(NewItem):
    """An item as it stands. `job_id` is the one job that may carry it out; `held_at`: it waits for a person's word.

    `dated_at` is the Date that it goes out under, however often; `bounce` says what came back.
    """

    id: int
    ticket_ref: str | None
    sent_at: int | None
    attempts: int
    job_id: int | None
    next_try_at: int | None
    dated_at: int | None
    held_at: int | None
    released_at: int | None
    bounce: dict[str, Any] | None
    acknowledged_at: int | None
    acknowledged_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stops:
    """Why mail to an address came back, None where it is not marked; and how many automatic items were made.

    Those to this address, and those to all addresses but staff's, in a time that was asked for, without the suppressed.
    """

    dead: str | None
    to_it: int
    to_all: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCount:
    """How many items stand in a state, how many of those are held, and when the oldest was made."""

    state: State
    items: int
    held: int
    oldest_at: int


def _query() -> Select[Any]:
    joined = outbox.outerjoin(tickets, tickets.c.id == outbox.c.ticket_id)
    return select(outbox, tickets.c.ref.label("ticket_ref")).select_from(joined)


# Asked of each mail that comes in; built once.
_BY_MESSAGE_ID: Final = _query().where(outbox.c.message_id.in_(bindparam("ids", expanding=True))).order_by(outbox.c.id)


def _item(row: RowMapping) -> OutboxItem:
    lists = {name: tuple(row[name] or ()) for name in _LISTS}
    words = {"automatic": row["automatic"] is not False, "to_staff": row["to_staff"] is True}
    return OutboxItem(**{**row, **lists, **words})


def add(txn: Connection, new: NewItem) -> int:
    """Put an item in and give its number."""
    row = {name: getattr(new, name) for name in _NEW}
    return int(txn.execute(_ADD, {**row, "attempts": 0}).scalar_one())


def give_job(txn: Connection, number: int, *, job_id: int, next_try_at: int | None) -> None:
    """Say which job alone may carry an item out from now on, and when."""
    txn.execute(_GIVE_JOB, {"number": number, "job": job_id, "due_at": next_try_at})


def change(txn: Connection, number: int, **columns: Any) -> None:
    """Set columns of an item. Raises NotFound."""
    if txn.execute(update(outbox).where(outbox.c.id == number).values(**columns)).rowcount != 1:
        raise NotFound(f"no outbox item {number}")


def list_(
    txn: Connection, *, states: Collection[State] = (), ticket_id: int | None = None, limit: int | None = None
) -> list[OutboxItem]:
    """Give the items in the order they were queued."""
    query = _query().order_by(outbox.c.id).limit(limit)
    if states:
        query = query.where(outbox.c.state.in_(states))
    if ticket_id is not None:
        query = query.where(outbox.c.ticket_id == ticket_id)
    return [_item(row) for row in txn.execute(query).mappings()]


def get(txn: Connection, number: int, *, for_update: bool = False) -> OutboxItem:
    """Give one item; `for_update` keeps it still until the transaction ends (PostgreSQL). Raises NotFound."""
    query = _query().where(outbox.c.id == number)
    row = txn.execute(query.with_for_update(of=outbox) if for_update else query).mappings().first()
    if row is None:
        raise NotFound(f"no outbox item {number}")
    return _item(row)


def of_entries(txn: Connection, ticket_id: int) -> dict[int, list[OutboxItem]]:
    """Give the items that bring the entries of a ticket to their readers, entry by entry."""
    found: dict[int, list[OutboxItem]] = {}
    query = _query().where(outbox.c.ticket_id == ticket_id, outbox.c.entry_id.is_not(None)).order_by(outbox.c.id)
    for row in txn.execute(query).mappings():
        found.setdefault(int(row["entry_id"]), []).append(_item(row))
    return found


def by_message_id(txn: Connection, message_ids: Collection[str]) -> list[OutboxItem]:
    """Give the items that went, or shall go, under one of these Message-IDs."""
    if not message_ids:
        return []
    return [_item(row) for row in txn.execute(_BY_MESSAGE_ID, {"ids": list(message_ids)}).mappings()]


def stops(txn: Connection, to_key: str, since: int, until: int) -> Stops:
    """Give what may keep automatic mail from going to an address: one statement, as each mail that goes out asks."""
    row = txn.execute(_STOPS, {"key": to_key, "since": since, "until": until}).one()
    return Stops(dead=row[0], to_it=row[1], to_all=row[2])


def counts(txn: Connection) -> list[StateCount]:
    """Count the items state by state."""
    query = (
        select(
            outbox.c.state,
            func.count().label("items"),
            func.count(outbox.c.held_at).label("held"),
            func.min(outbox.c.created_at).label("oldest_at"),
        )
        .group_by(outbox.c.state)
        .order_by(outbox.c.state)
    )
    return [StateCount(**row) for row in txn.execute(query).mappings()]


def oldest_waiting(txn: Connection) -> OutboxItem | None:
    """Give the oldest item that is on its way and waits for nobody's word; None when there is none."""
    under_way = outbox.c.state.in_(("queued", "sending"))
    query = _query().where(under_way, outbox.c.held_at.is_(None)).order_by(outbox.c.created_at, outbox.c.id).limit(1)
    row = txn.execute(query).mappings().first()
    return None if row is None else _item(row)
