"""The people of tickets: who took part in one, and which ones somebody opened lately."""

from dataclasses import dataclass, fields
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from store.schema import entries as entry_table
from store.schema import tickets as table
from store.ticket_records import Status

# So many of the tickets that somebody opened are looked at; no limit for floods is higher.
_MOST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A ticket that somebody opened, for who counts them: no more of it than that takes."""

    id: int
    subject: str
    status: Status


# Built once, since each mail asks: building a statement costs more than running it.
_PEOPLE: Final = sa.select(
    entry_table.c.kind, entry_table.c.author, entry_table.c.recipients, entry_table.c.authentication
).where(entry_table.c.ticket_id == sa.bindparam("ticket"))

_OPENED_BY: Final = (
    sa.select(*(table.c[each.name] for each in fields(Opened)))
    .join(entry_table, entry_table.c.ticket_id == table.c.id)
    .where(
        entry_table.c.author == sa.bindparam("author"),
        entry_table.c.at.between(
            sa.bindparam("since", type_=sa.BigInteger), sa.bindparam("until", type_=sa.BigInteger)
        ),
        entry_table.c.kind == "email",
        table.c.created_at == entry_table.c.at,
        table.c.authentication["verdict"].as_string() == sa.bindparam("verdict"),
    )
    # In the order of the index on author and time: with any other, all of an hour would be read for the newest.
    .order_by(entry_table.c.at.desc(), entry_table.c.id.desc())
    .limit(_MOST)
)


def participants(txn: Connection, ticket_id: int) -> set[str]:
    """Give the addresses that took part in a ticket: who wrote an entry, and to whom staff or somebody proven wrote.

    To whom an unproven mail was written says nothing: its author could name whom he likes.
    """
    people: set[str] = set()
    for kind, author, recipients, authentication in txn.execute(_PEOPLE, {"ticket": ticket_id}):
        if kind == "note":
            continue  # an answer that was taken back, too, had readers
        if author is not None:
            people.add(author)
        if recipients and (kind == "reply" or (authentication or {}).get("verdict") == "authenticated"):
            people.update(recipients)
    return people


def opened_by(txn: Connection, author: str, *, verdict: str, since: int, until: int) -> list[Opened]:
    """Give the tickets that an address, proven so far, opened by mail in that time (ms, ends included), newest first.

    Two hundred of them at most.
    """
    found = {"author": author, "verdict": verdict, "since": since, "until": until}
    rows = txn.execute(_OPENED_BY, found)
    return [Opened(id=row.id, subject=row.subject, status=row.status) for row in rows]
