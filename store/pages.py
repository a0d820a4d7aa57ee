"""Pages: who is to be woken for a ticket, how far that has come, and who has answered."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from sqlalchemy import Connection, and_, insert, select, text, update

from store.errors import NotFound
from store.schema import outbox, page_items, pages, text_messages, tickets
from store.sql import insert_or_ignore

# waiting: for the words of a recording. braked: it wakes nobody. paging: until somebody acknowledges. ended: nobody
# did, or nobody has to any more.
State = Literal["waiting", "braked", "paging", "acknowledged", "ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPage:
    """A page. `ticket_id` None: a test. `target`: "rota" or a person; `rule`: the one that wants it.

    caller: the number of the call that caused it, "anonymous" where withheld. known: whether its account was. words:
    whether the recording holds any; None while nobody has listened. `caused_at` is the received time, in milliseconds.
    """

    ticket_id: int | None
    target: str
    rule: str | None = None
    caller: str | None = None
    known: bool = True
    words: bool | None = None
    state: State = "paging"
    caused_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(NewPage):
    """A page as it stands. `step` counts the steps taken; `ended_by` acknowledged it, or says why it ended."""

    id: int
    step: int
    ended_at: int | None
    ended_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paged:
    """An item of the outbox that belongs to a page, and whom it was for."""

    item_id: int
    page_id: int
    person: str
    token: str
    to_address: str


_COLUMNS: Final = tuple(pages.c[each.name] for each in fields(Page))
_ITEMS: Final = select(page_items, outbox.c.to_address).join(outbox, outbox.c.id == page_items.c.item_id)


def add(txn: Connection, new: NewPage) -> Page | None:
    """Note a page; None when its ticket has one already that is not braked."""
    row = {each.name: getattr(new, each.name) for each in fields(NewPage)}
    statement = insert_or_ignore(txn, pages, *(column.name for column in _COLUMNS))
    found = txn.execute(statement, {**row, "step": 0, "ended_at": None, "ended_by": None}).mappings().first()
    return None if found is None else Page(**found)


def change(txn: Connection, number: int, **columns: Any) -> None:
    """Set columns of a page. Raises NotFound."""
    if txn.execute(update(pages).where(pages.c.id == number).values(**columns)).rowcount != 1:
        raise NotFound(f"no page {number}")


def get(txn: Connection, number: int, *, for_update: bool = False) -> Page:
    """Give a page; `for_update` keeps it still until the transaction ends (PostgreSQL). Raises NotFound."""
    query = select(*_COLUMNS).where(pages.c.id == number)
    row = txn.execute(query.with_for_update() if for_update else query).mappings().first()
    if row is None:
        raise NotFound(f"no page {number}")
    return Page(**row)


def of_ticket(txn: Connection, ticket_id: int, *, for_update: bool = False) -> Page | None:
    """Give the page of a ticket: of braked ones none."""
    query = select(*_COLUMNS).where(pages.c.ticket_id == ticket_id, pages.c.state != "braked")
    row = txn.execute(query.with_for_update() if for_update else query).mappings().first()
    return None if row is None else Page(**row)


def hold_caller(txn: Connection, caller: str) -> None:
    """Let nobody else judge the pages of a caller until the transaction ends: the second of two sees the first."""
    if txn.dialect.name == "postgresql":
        txn.execute(text("SELECT pg_advisory_xact_lock(hashtext(:caller))"), {"caller": f"page {caller}"})


def since(txn: Connection, caused_after: int, caused_until: int) -> Sequence[Page]:
    """Give what woke somebody, or still may, for causes in that time, the latest first."""
    query = select(*_COLUMNS).where(
        pages.c.caused_at > caused_after,
        pages.c.caused_at <= caused_until,
        pages.c.state != "braked",
        pages.c.ticket_id.is_not(None),
    )
    return [Page(**row) for row in txn.execute(query.order_by(pages.c.caused_at.desc(), pages.c.id.desc())).mappings()]


def under_way(txn: Connection) -> Sequence[Page]:
    """Give the pages that nobody has acknowledged yet, the oldest first."""
    query = select(*_COLUMNS).where(pages.c.state.in_(("paging", "waiting"))).order_by(pages.c.id)
    return [Page(**row) for row in txn.execute(query).mappings()]


def unanswered(txn: Connection) -> Sequence[tuple[str, int]]:
    """Give the tickets whose page nobody has acknowledged yet, by reference, with the time of the cause in ms."""
    query = select(tickets.c.ref, pages.c.caused_at).join(tickets, tickets.c.id == pages.c.ticket_id)
    query = query.where(pages.c.state == "paging").order_by(pages.c.id)
    return [(ref, at) for ref, at in txn.execute(query)]


def link(txn: Connection, page_id: int, item_id: int, *, person: str, token: str) -> None:
    """Note that an item of the outbox pages a person."""
    row = {"page_id": page_id, "item_id": item_id, "person": person, "token": token}
    txn.execute(insert(page_items).values(**row))


def items(txn: Connection, page_id: int) -> Sequence[Paged]:
    """Give the items of a page in the order they were queued."""
    query = _ITEMS.where(page_items.c.page_id == page_id).order_by(page_items.c.item_id)
    return [Paged(**row) for row in txn.execute(query).mappings()]


def of_item(txn: Connection, item_id: int) -> Paged | None:
    """Give what is known of an item that pages; None for any other."""
    row = txn.execute(_ITEMS.where(page_items.c.item_id == item_id)).mappings().first()
    return None if row is None else Paged(**row)


def by_token(txn: Connection, token: str) -> Paged | None:
    """Give the item that a token belongs to."""
    row = txn.execute(_ITEMS.where(page_items.c.token == token)).mappings().first()
    return None if row is None else Paged(**row)


def last_to(txn: Connection, addresses: Sequence[str]) -> Paged | None:
    """Give the latest item to one of these addresses whose page nobody has acknowledged, else the latest at all."""
    joined = _ITEMS.join(pages, and_(pages.c.id == page_items.c.page_id)).where(outbox.c.to_address.in_(addresses))
    for query in (joined.where(pages.c.state == "paging"), joined):
        row = txn.execute(query.order_by(page_items.c.item_id.desc()).limit(1)).mappings().first()
        if row is not None:
            return Paged(**row)
    return None


def take_text_message(txn: Connection, sid: str, *, at: int) -> bool:
    """Note that a text message was taken; False where it was before."""
    return txn.execute(insert_or_ignore(txn, text_messages, "sid"), {"sid": sid, "at": at}).first() is not None
