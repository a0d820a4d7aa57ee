"""What inboxd sends, from queued to sent, and what it suppressed and why."""

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, Select, select

from store.errors import NotFound
from store.schema import outbox, tickets

Kind = Literal["acknowledgement", "confirmation", "reply", "notice", "page"]
State = Literal["queued", "sending", "sent", "failed", "suppressed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxItem:
    """One mail to one address. `reason` says why it failed or was suppressed."""

    id: int
    kind: Kind
    to_address: str
    from_address: str | None
    reply_to: str | None
    message_id: str
    subject: str
    text: str
    ticket_id: int | None
    ticket_ref: str | None
    state: State
    reason: str | None
    created_at: int
    sent_at: int | None
    attempts: int
    acknowledged_at: int | None
    acknowledged_by: str | None


def _query() -> Select[Any]:
    joined = outbox.outerjoin(tickets, tickets.c.id == outbox.c.ticket_id)
    return select(outbox, tickets.c.ref.label("ticket_ref")).select_from(joined)


def _item(row: RowMapping) -> OutboxItem:
    return OutboxItem(**row)


def list_(txn: Connection, *, state: State | None = None, limit: int | None = None) -> list[OutboxItem]:
    """Give the items in the order they were queued."""
    query = _query().order_by(outbox.c.id).limit(limit)
    if state is not None:
        query = query.where(outbox.c.state == state)
    return [_item(row) for row in txn.execute(query).mappings()]


def get(txn: Connection, number: int) -> OutboxItem:
    """Give one item. Raises NotFound."""
    row = txn.execute(_query().where(outbox.c.id == number)).mappings().first()
    if row is None:
        raise NotFound(f"no outbox item {number}")
    return _item(row)
