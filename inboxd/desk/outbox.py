"""What inboxd sends and what it held back; trying again what failed, and letting go what waits for a person."""

from typing import TYPE_CHECKING, Any

from inboxd import outbox, views
from inboxd.desk.arguments import Limit, Number
from inboxd.desk.context import Context
from inboxd.intake.door import now_ms
from store import outbox as rows
from store import tickets
from store.outbox import OutboxItem, State

if TYPE_CHECKING:
    from sqlalchemy import Connection


def list_(context: Context, state: State | None = None, limit: Limit | None = None) -> list[dict[str, Any]]:
    """Return the items, the oldest first."""
    with context.store.read() as connection:
        return [views.outbox(item) for item in rows.list_(connection, states=[state] if state else (), limit=limit)]


def show(context: Context, number: Number) -> dict[str, Any]:
    """Return one item."""
    with context.store.read() as connection:
        return views.outbox(rows.get(connection, number))


def retry(context: Context, number: Number) -> dict[str, Any]:
    """Try an item at once that failed or waits, under the Message-ID that it had."""

    def write(txn: "Connection") -> None:
        outbox.retry(txn, number, now_ms())
        _noted(txn, context, rows.get(txn, number), "retried")

    context.store.write(write)
    context.wake()
    return show(context, number)


def release(context: Context, numbers: list[Number] | None = None) -> list[dict[str, Any]]:
    """Let items go that are held, or that would be; without `numbers` all of them."""

    def write(txn: "Connection") -> list[int]:
        wanted = numbers if numbers is not None else [each.id for each in rows.list_(txn, states=("queued", "sending"))]
        gone = []
        for number in wanted:
            if outbox.release(txn, number, now_ms()):
                _noted(txn, context, rows.get(txn, number), "released")
                gone.append(number)
        return gone

    released = context.store.write(write)
    context.wake()
    with context.store.read() as connection:
        return [views.outbox(rows.get(connection, number)) for number in numbers or released]


def _noted(txn: "Connection", context: Context, item: OutboxItem, what: str) -> None:
    if item.ticket_id is not None:
        why = f"{item.kind} to {item.to_address}, outbox item {item.id}"
        tickets.event(txn, item.ticket_id, at=now_ms(), actor=context.actor, what=what, why=why)
