"""What was there before a message: tickets, calls and pages, of an account, of a caller, of the desk."""

from dataclasses import dataclass
from typing import Final, Literal

import sqlalchemy as sa
from sqlalchemy import Connection

from store.schema import entries, pages, tickets

# Rules ask whether there were three or ten, never for the whole of a busy year.
_MOST: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """One thing that was there. `account_id` and `caller` say whose it was; `rule`: of a page, the one that gave it."""

    kind: Literal["ticket", "call", "page"]
    at: int
    account_id: str | None
    caller: str | None
    rule: str | None = None


# Built once, since each message of a known account asks: building a statement costs more than running it.
_OPEN: Final = (
    sa.select(tickets.c.id)
    .where(
        tickets.c.account_id == sa.bindparam("account"),
        tickets.c.status != "closed",
        tickets.c.created_at <= sa.bindparam("at", type_=sa.BigInteger),
    )
    .limit(_MOST)
)
_COUNT_OPEN: Final = sa.select(sa.func.count()).select_from(_OPEN.subquery())


def open_tickets(txn: Connection, account_id: str, *, at: int) -> int:
    """Count an account's tickets that were opened up to `at` (ms) and are not closed; a thousand at most."""
    return int(txn.execute(_COUNT_OPEN, {"account": account_id, "at": at}).scalar_one())


def since(txn: Connection, earliest: int, at: int) -> list[Before]:
    """Give tickets, calls and pages from `earliest` up to `at` (ms, ends included), the latest thousand of each."""
    return [*_tickets(txn, earliest, at), *_calls(txn, earliest, at), *_pages(txn, earliest, at)]


def _tickets(txn: Connection, earliest: int, at: int) -> list[Before]:
    query = sa.select(tickets.c.created_at, tickets.c.account_id, tickets.c.channel, tickets.c.requester)
    query = query.where(tickets.c.created_at.between(earliest, at)).order_by(tickets.c.created_at.desc()).limit(_MOST)
    return [
        Before(
            kind="ticket",
            at=row.created_at,
            account_id=row.account_id,
            caller=row.requester.get("phone") if row.channel == "voicemail" else None,
        )
        for row in txn.execute(query)
    ]


def _calls(txn: Connection, earliest: int, at: int) -> list[Before]:
    query = (
        sa.select(entries.c.at, entries.c.author, tickets.c.account_id)
        .join(tickets, tickets.c.id == entries.c.ticket_id)
        .where(entries.c.kind == "voicemail", entries.c.at.between(earliest, at))
        .order_by(entries.c.at.desc())
        .limit(_MOST)
    )
    return [
        Before(kind="call", at=at_, account_id=account, caller=caller) for at_, caller, account in txn.execute(query)
    ]


def _pages(txn: Connection, earliest: int, at: int) -> list[Before]:
    query = (
        sa.select(pages.c.caused_at, pages.c.caller, pages.c.rule, tickets.c.account_id)
        .outerjoin(tickets, tickets.c.id == pages.c.ticket_id)
        .where(pages.c.state != "braked", pages.c.caused_at.between(earliest, at))
        .order_by(pages.c.caused_at.desc())
        .limit(_MOST)
    )
    return [
        Before(kind="page", at=row.caused_at, account_id=row.account_id, caller=row.caller, rule=row.rule)
        for row in txn.execute(query)
    ]
