"""What was there before a message: tickets, calls and pages, of an account, of a caller, of the desk."""

from dataclasses import dataclass
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlalchemy import Connection

from store.schema import entries, pages, tickets

# Rules ask whether there were three or ten, never for the whole of a busy year.
_MOST: Final = 1_000
WITHHELD: Final = "anonymous"

Kind = Literal["ticket", "call", "page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """One thing that was there; `rule`: of a page, the one that gave it."""

    at: int
    rule: str | None = None


# Built once, since each message of a known account asks: building a statement costs more than running it.
_OPEN: Final = (
    sa.select(tickets.c.id)
    .where(
        tickets.c.account_id == sa.bindparam("account"),
        # In the very words of the partial index, or it would not serve: of an old account nearly all are closed.
        sa.text("status <> 'closed'"),
        tickets.c.created_at <= sa.bindparam("at", type_=sa.BigInteger),
    )
    .limit(_MOST)
)
_COUNT_OPEN: Final = sa.select(sa.func.count()).select_from(_OPEN.subquery())


def open_tickets(txn: Connection, account_id: str, *, at: int) -> int:
    """Count an account's tickets that were opened up to `at` (ms) and are not closed; a thousand at most."""
    return int(txn.execute(_COUNT_OPEN, {"account": account_id, "at": at}).scalar_one())


def earlier(
    txn: Connection, kind: Kind, earliest: int, at: int, *, account_id: str | None = None, caller: str | None = None
) -> list[Before]:
    """Give tickets, calls or pages from `earliest` up to `at` (ms, ends included), the latest thousand.

    `account_id` leaves those of that account, `caller` those of that number; WITHHELD stands for all numbers that were
    withheld, whose tickets tell nothing of it.
    """
    query, callers = _QUERIES[kind]
    moments, accounts = query.selected_columns[0], query.selected_columns[1]
    query = query.where(moments.between(earliest, at)).order_by(moments.desc()).limit(_MOST)
    if account_id is not None:
        query = query.where(accounts == account_id)
    if caller == WITHHELD:
        query = query.where(sa.or_(callers.is_(None), callers == WITHHELD) if kind != "ticket" else sa.false())
    elif caller is not None:
        query = query.where(callers == caller)
    return [Before(at=at_, rule=rule) for at_, _, rule in txn.execute(query)]


_NO_RULE: Final = sa.null().label("rule")
# What there is to count, each with its time, its account and the rule behind it; and who called.
_QUERIES: Final[dict[Kind, tuple[sa.Select[Any], sa.ColumnElement[Any]]]] = {
    "ticket": (
        sa.select(tickets.c.created_at, tickets.c.account_id, _NO_RULE),
        sa.case((tickets.c.channel == "voicemail", tickets.c.requester["phone"].as_string())),
    ),
    "call": (
        sa.select(entries.c.at, tickets.c.account_id, _NO_RULE)
        .join(tickets, tickets.c.id == entries.c.ticket_id)
        .where(entries.c.kind == "voicemail"),
        entries.c.author,
    ),
    "page": (
        sa.select(pages.c.caused_at, tickets.c.account_id, pages.c.rule)
        .select_from(pages)
        .outerjoin(tickets, tickets.c.id == pages.c.ticket_id)
        .where(pages.c.state != "braked"),
        pages.c.caller,
    ),
}
