"""Which ticket a mail belongs to, by what evidence, and whether its author may write there.

A reference is our own shape with a right check digit (`[#48213-7]`, or bare) in the subject or in what is new in the
text, or one of a ticket's Message-IDs in In-Reply-To or References (RFC 5322 3.6.4). It lets a mail in only when its
author is on file for the ticket's account or took part in the ticket: a stranger who quotes a reference, or steals a
header, opens a ticket of his own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inboxd import addresses, history, outbox
from inboxd.authentication import Verdict
from inboxd.identify import Identity
from inboxd.message import Message
from inboxd.quoted_references import Quoted, written
from store import confirmations, messages, tickets
from store.errors import NotFound
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """The ticket to append to, or None; `evidence` says in sentences what was quoted and why it did or did not do.

    `another_address`: a reference is quoted by somebody to whom none such belongs, whether there is one or not.
    """

    ticket: Ticket | None
    evidence: tuple[str, ...] = ()
    another_address: bool = False


def find(txn: "Connection", message: Message, identity: Identity, verdict: Verdict, *, old: bool = False) -> Join:
    """Look for the ticket of a mail. The first candidate that lets the author in is it.

    `old`: it is old mail, which may also join a closed ticket that old mail opened.
    """
    evidence = [
        f"Quotes {ref} ({where} carries it), filed anew: its check digit does not hold."
        for where, quoted in quotes(message)
        for ref in quoted.wrong
    ]
    takes_part = False
    for ref, ticket, quoted in _candidates(txn, message):
        refusal = "there is no such ticket" if ticket is None else _refusal(txn, ticket, identity, verdict, old=old)
        if ticket is not None and refusal is None:
            return Join(ticket=ticket, evidence=(f"Joins {ticket.ref}: {quoted}.",))
        evidence.append(f"Quotes {ref} ({quoted}), filed anew: {refusal}.")
        takes_part = takes_part or (ticket is not None and _may_write(txn, ticket, identity))
    return Join(ticket=None, evidence=tuple(evidence), another_address=_refers(message) and not takes_part)


def _refers(message: Message) -> bool:
    """Tell by its shape alone whether a mail refers to a ticket: the answer must not say what the store knows."""
    if any(quoted.right for _, quoted in quotes(message)):
        return True
    return any(outbox.is_ours(each) for each in (*message.in_reply_to, *message.references))


def quotes(message: Message) -> Iterator[tuple[str, Quoted]]:
    """Give where in a mail references may be written, and those that are."""
    yield "the subject", written(message.subject)
    yield "the text", written(message.reply_text)


def _candidates(txn: "Connection", message: Message) -> list[tuple[str, Ticket | None, str]]:
    """Give each reference that is quoted, its ticket (None: there is none) and how it is quoted."""
    found: dict[str, tuple[str, Ticket | None, str]] = {}
    for where, quoted in quotes(message):
        for ref in quoted.right:
            try:
                ticket = tickets.get(txn, ref)
            except NotFound:
                found.setdefault(ref, (ref, None, f"{where} carries the reference"))
            else:
                found.setdefault(ref, (ref, ticket, f"{where} carries the reference {ref}"))
    # Mostly the references end with what is answered: nothing is looked for twice.
    further = tuple(each for each in message.references if each not in message.in_reply_to)
    for field, ids in (("In-Reply-To", message.in_reply_to), ("References", further)):
        for ticket_id in messages.find_tickets(txn, ids):
            ticket = tickets.get_by_id(txn, ticket_id)
            found.setdefault(ticket.ref, (ticket.ref, ticket, f"{field} names a message of {ticket.ref}"))
    return list(found.values())


def _refusal(txn: "Connection", ticket: Ticket, identity: Identity, verdict: Verdict, *, old: bool) -> str | None:
    if verdict == "failed":
        return "what fails authentication joins no ticket"
    if ticket.status == "closed" and not (old and history.opened(txn, ticket)):
        return "that ticket is closed"
    if identity.address is None:
        return "it cannot be said who wrote"
    if _may_write(txn, ticket, identity):
        return None
    return f"{identity.address} is not on file for its account and took no part in it"


def _may_write(txn: "Connection", ticket: Ticket, identity: Identity) -> bool:
    """Whether an author is on file for the ticket's account, took part in it, or was asked about it by ourselves."""
    if identity.address is None:
        return False
    if ticket.account is not None and any(match.account.id == ticket.account["id"] for match in identity.matches):
        return True
    author = addresses.key(identity.address)
    if any(addresses.key(each) == author for each in tickets.authors(txn, ticket.id)):
        return True
    return any(addresses.key(each.to_address) == author for each in confirmations.of_ticket(txn, ticket.id))
