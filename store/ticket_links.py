"""Tickets that belong together: merged into another, split off it, or linked; and entries on their way between them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import Connection, delete, or_, select, update

from store import search, tickets, traces
from store.schema import entries, intake, messages, ticket_links
from store.sql import insert_or_ignore
from store.tickets import Ticket

Kind = Literal["merged", "split", "linked"]

# A chain of merges is as long as people make it; no person makes it this long.
_LONGEST_CHAIN: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One ticket points at another."""

    ticket_id: int
    other_id: int
    kind: Kind
    at: int
    by: str


def add(txn: Connection, link: Link) -> None:
    """Note a link; said twice, it is noted once."""
    row = {name: getattr(link, name) for name in Link.__slots__}
    txn.execute(insert_or_ignore(txn, ticket_links), row)


def remove(txn: Connection, ticket_id: int, other_id: int, kind: Kind) -> None:
    """Take a link away."""
    same = (ticket_links.c.ticket_id == ticket_id, ticket_links.c.other_id == other_id, ticket_links.c.kind == kind)
    txn.execute(delete(ticket_links).where(*same))


def merged_into(txn: Connection, ticket_id: int) -> int | None:
    """Give the number of the ticket that this one was merged into; None for one that stands by itself."""
    query = select(ticket_links.c.other_id).where(
        ticket_links.c.ticket_id == ticket_id, ticket_links.c.kind == "merged"
    )
    return txn.execute(query).scalar()


def survivor(txn: Connection, ticket: Ticket) -> Ticket:
    """Give the ticket that stands for this one: itself, or what it was merged into, and so on."""
    number = ticket.id
    for _ in range(_LONGEST_CHAIN):
        further = merged_into(txn, number)
        if further is None:
            break
        number = further
    return ticket if number == ticket.id else tickets.get_by_id(txn, number)


def taken_in(txn: Connection, ticket_id: int) -> set[int]:
    """Give the numbers of the tickets that were merged into this one, and into those.

    Not what was split off and put back: it only leads there again.
    """
    found: set[int] = set()
    last = {ticket_id}
    while last:
        query = select(ticket_links.c.ticket_id, ticket_links.c.kind).where(ticket_links.c.other_id.in_(last))
        links = {(row.ticket_id, row.kind) for row in txn.execute(query)}
        last = {number for number, kind in links if kind == "merged" and (number, "split") not in links} - found
        found |= last
    return found


def locked(txn: Connection, ticket_id: int) -> Ticket:
    """Give the ticket that stands for this one, kept still until the transaction ends: it may be merged at this moment.

    What is written to a ticket that was merged already would be seen by nobody.
    """
    for _ in range(_LONGEST_CHAIN):
        ticket = tickets.get_by_id(txn, ticket_id, for_update=True)
        further = survivor(txn, ticket).id
        if further == ticket_id:
            break
        ticket_id = further
    return ticket


def move_entries(txn: Connection, numbers: Collection[int], to: int) -> None:
    """Let entries belong to another ticket, with the words they are found by."""
    if numbers:
        txn.execute(update(entries).where(entries.c.id.in_(numbers)).values(ticket_id=to))
        search.move(txn, numbers, to)


def move_wholly(txn: Connection, numbers: Collection[int], to: int) -> None:
    """Let entries belong to another ticket with all that names them: answers find that one, and so does `why`."""
    move_entries(txn, numbers, to)
    _move_messages(txn, numbers, to)
    _move_intakes(txn, numbers, to)
    for number in numbers:
        traces.move(txn, number, to)


def _move_messages(txn: Connection, numbers: Collection[int], to: int) -> None:
    """Let answers to the mails that these entries are find another ticket, where it does not know them already."""
    known = select(messages.c.message_id).where(messages.c.ticket_id == to)
    theirs = (messages.c.entry_id.in_(numbers), messages.c.message_id.not_in(known))
    txn.execute(update(messages).where(*theirs).values(ticket_id=to))


def _move_intakes(txn: Connection, numbers: Collection[int], to: int) -> None:
    """Let what came in, and came again, be said to stand on the ticket where its entry is."""
    theirs = select(intake.c.id, intake.c.ticket_id).join(entries, entries.c.intake_id == intake.c.id)
    found = txn.execute(theirs.where(entries.c.id.in_(numbers))).all()
    ids, before = {each.id for each in found}, {each.ticket_id for each in found}
    same = or_(intake.c.id.in_(ids), intake.c.duplicate_of.in_(ids))
    # By its ticket: an index leads there.
    txn.execute(update(intake).where(intake.c.ticket_id.in_(before), same).values(ticket_id=to))
