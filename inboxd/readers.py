"""Who gets an answer: who asked, and in copy whom they or staff have brought in.

An answer goes where the question went, as in any correspondence, but only as far as it is sure who wrote that: a forged
mail could put its author in copy of what is meant for somebody else. Who came by himself, on file and with the
reference, may speak on a ticket; what is answered there he reads when staff put him in copy.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from inboxd import addresses
from inboxd.errors import InboxdError
from inboxd.message import kinds
from store import ticket_links, tickets
from store.tickets import Entry, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from inboxd.policy.office import Office

_CUSTOMERS: Final = frozenset({"email", "confirmation"})
# What goes to more than these is a circular, and its answer is for who sent it.
_CROWD: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Whom an answer goes to."""

    address: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who reads an answer: `reader`, and those `in_copy`. Those `left_out` wait for one, and nobody let them in."""

    reader: Reader
    in_copy: tuple[str, ...]
    left_out: tuple[str, ...]


def reader_of(ticket: Ticket) -> Reader:
    """Return whom an answer on a ticket goes to: who asked, or who is on file for it. Raises InboxdError for nobody."""
    asked = ticket.requester.get("address")
    contact = ticket.contact or {}
    on_file = contact.get("id")
    disowned = ticket.authentication.get("verdict") == "failed" and asked == ticket.authentication.get("address")
    if asked is not None and not disowned:
        return Reader(address=asked, name=ticket.requester.get("name") or contact.get("name"))
    # A caller, or somebody whose domain says that the mail is not theirs: only an address on file can be meant.
    if on_file is not None and addresses.problem(on_file, dotless=True) is None:
        return Reader(address=on_file, name=contact.get("name"))
    why = "its From is disowned by its own domain" if asked is not None else "nobody's address is known"
    how = f"`inboxd tickets set {ticket.ref} --account ID --contact NAME`"
    raise InboxdError(f"there is nobody to write to: {why}; say who it is with {how}")


def audience(txn: "Connection", office: "Office", ticket: Ticket, so_far: Sequence[Entry]) -> Audience:
    """Return who reads an answer to what was said on a ticket `so_far`. Raises InboxdError as `reader_of`."""
    reader = reader_of(ticket)
    asked = addresses.key(reader.address)
    own = [each for each in so_far if _is_by(each, asked)]
    copied = own[-1].recipients or () if own and _is_proven(own[-1]) else ()
    waiting = _waiting(so_far)
    let_in = _let_in(asked, so_far) | _merged(txn, ticket)
    in_copy = _outside(office, (*copied, *(each for each in waiting if addresses.key(each) in let_in)), without={asked})
    if len(in_copy) > _CROWD:
        in_copy = ()
    left_out = _outside(office, waiting, without={asked, *map(addresses.key, in_copy)})
    return Audience(reader=reader, in_copy=in_copy, left_out=left_out)


def answers(ticket: Ticket, so_far: Iterable[Entry]) -> list[Entry]:
    """Return what staff have written to who asked: not what they wrote about it to others alone."""
    asked = {addresses.key(each) for each in askers(ticket)}
    replies = (each for each in so_far if each.kind == "reply")
    return [each for each in replies if not asked.isdisjoint(map(addresses.key, each.recipients or ()))]


def answered_by(ticket: Ticket, so_far: Sequence[Entry]) -> str | None:
    """Return who has answered last since a customer wrote; None where nobody has."""
    said = (each for each in so_far if each.kind == "voicemail" or (each.kind in _CUSTOMERS and _is_by_person(each)))
    last = max((each.id for each in said), default=0)
    return next((each.author or "Somebody" for each in reversed(answers(ticket, so_far)) if each.id > last), None)


def askers(ticket: Ticket) -> set[str]:
    """Return the addresses of who asked: as they wrote, and as they are on file."""
    asked = (ticket.requester.get("address"), (ticket.contact or {}).get("id"))
    return {each for each in asked if each is not None}


def _waiting(so_far: Sequence[Entry]) -> list[str]:
    """Return the authors of mails who have had no answer since."""
    answered: dict[str, int] = {}  # the last answer of which each of them had a copy
    for entry in so_far:
        if entry.kind == "reply":
            answered |= {addresses.key(each): entry.id for each in entry.recipients or ()}
    mails = (each for each in so_far if each.kind in _CUSTOMERS and _is_by_person(each))
    return [each.author for each in mails if each.author and each.id > answered.get(_key_of(each), 0)]


def _let_in(asked: str, so_far: Iterable[Entry]) -> set[str]:
    """Return whom staff or the one who `asked`, proven, have brought in by a copy.

    Each mail of who asked says anew who is in the conversation: whom it leaves out is out, and does not come in again
    by writing himself. One that nothing proves lets nobody in. Whom staff wrote to without the customer (a supplier) is
    to read nothing that the customer is told.
    """
    found: set[str] = set()
    for entry in so_far:
        readers = set(map(addresses.key, entry.recipients or ()))
        if entry.kind == "reply" and asked in readers:
            found |= readers
        elif _is_by(entry, asked):
            found = readers if _is_proven(entry) else found & readers
    return found


def _merged(txn: "Connection", ticket: Ticket) -> set[str]:
    """Return who asked on the tickets that staff have put into this one, as far as they may ask for its account."""
    gone = tickets.by_ids(txn, ticket_links.taken_in(txn, ticket.id)).values()
    asked = (each.requester.get("address") for each in gone if _is_of_same_account(each, ticket))
    return {addresses.key(each) for each in asked if each is not None}


def _is_of_same_account(gone: Ticket, ticket: Ticket) -> bool:
    is_theirs = gone.account is not None and ticket.account is not None and gone.account["id"] == ticket.account["id"]
    is_authorized = gone.contact is not None and gone.contact["authorized"]
    return is_theirs and is_authorized and gone.authentication.get("verdict") != "failed"


def _outside(office: "Office", named: Iterable[str], *, without: set[str]) -> tuple[str, ...]:
    """Return the addresses of people outside the desk, each once, that mail can be written to."""
    found = {addresses.key(each): each for each in reversed(list(named))}
    return tuple(
        each
        for key, each in reversed(found.items())
        if key not in without
        and addresses.problem(each, dotless=True) is None
        and not office.is_own(each)
        and not office.is_staff(each)
    )


def _is_by(entry: Entry, asked: str) -> bool:
    return entry.kind == "email" and _is_by_person(entry) and _key_of(entry) == asked and not _says_away(entry)


def _is_by_person(entry: Entry) -> bool:
    # A note of absence asks for nothing, and chooses no readers.
    return entry.recipients is not None


def _says_away(entry: Entry) -> bool:
    """Whether it may be a note of absence without a mark: such a program writes to nobody but whom it answers."""
    return not entry.recipients and kinds.is_note_of_absence(entry.reply_text or entry.text or "")


def _is_proven(entry: Entry) -> bool:
    return (entry.authentication or {}).get("verdict") == "authenticated"


def _key_of(entry: Entry) -> str:
    return addresses.key(entry.author or "")
