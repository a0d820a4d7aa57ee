"""Which ticket a mail belongs to, by what evidence, and whether its author may write there.

Evidence says which ticket is meant (`thread_evidence`), never who may write to it: references are quoted, headers are
stolen, addresses are passed on. A mail is let in only when its author is on file for the ticket's account or took part
in the ticket; a stranger opens a ticket of his own, and staff see what he quoted. What only resembles a ticket is a
suggestion to staff and joins nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from inboxd import addresses, old_mail, outbox, reply_token
from inboxd.authentication import Verdict
from inboxd.identity.identify import Identity
from inboxd.joining import thread_evidence
from inboxd.joining.thread_evidence import Candidate, Quotes
from inboxd.message import Message
from store import confirmations, ticket_people, tickets
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

_CLOSED: Final = "that ticket is closed"
_FAILED: Final = "what fails authentication joins no ticket"
_ANOTHER: Final = "that ticket is solved, and the subject is another one"
# Tickets with the words of a subject that are looked at before nothing is suggested.
_RESEMBLING: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """The ticket to append to, or None; `evidence` says in sentences what was quoted and why it did or did not do.

    `another_address`: a reference is quoted by somebody to whom none such belongs, whether there is one or not.
    `disowned`: the ticket that it is made to answer, in the name of somebody who may write there, were it not forged.
    `follows`: the ticket that it would have joined, were it not closed, or about something else. `crowded`: why no
    receipt goes out for it, as it is one of very many.
    """

    ticket: Ticket | None
    evidence: tuple[str, ...] = ()
    another_address: bool = False
    disowned: Ticket | None = None
    follows: Ticket | None = None
    crowded: str | None = None


def find(
    txn: "Connection",
    message: Message,
    quotes: Quotes,
    identity: Identity,
    verdict: Verdict,
    *,
    old: bool = False,
    recipients: Iterable[str] = (),
) -> Join:
    """Look for the ticket of a mail. The first candidate that lets the author in is it; the others are named as well.

    `quotes`: where the mail names references. `recipients`: those of the envelope. `old`: old mail may also join a
    closed ticket that old mail opened.
    """
    candidates = thread_evidence.candidates(txn, message, quotes, recipients)
    several = len([each for each in candidates if each.ticket is not None and each.how == "text"]) > 1
    joined: Candidate | None = None
    said: list[tuple[Candidate, str | None]] = []
    for each in candidates:
        refusal = _refusal(txn, each, message, identity, verdict, old=old)
        if refusal is None and each.how == "text" and several:
            refusal = "the text names several tickets, and staff know which is meant"
        joined = joined or (each if refusal is None else None)
        said.append((each, refusal))
    if joined is not None and joined.ticket is not None:
        others = (_beside(each, refusal) for each, refusal in said if each is not joined)
        return Join(ticket=joined.ticket, evidence=(f"Joins {joined.ref}: {joined.sentence}.", *others))
    takes_part = any(each.ticket is not None and _may_write(txn, each.ticket, identity) for each in candidates)
    evidence = [f"Quotes {each.ref} ({each.sentence}), filed anew: {refusal}." for each, refusal in said]
    evidence = [*_wrong(quotes), *evidence]
    if not evidence and (resembling := _resembling(txn, message, identity)) is not None:
        evidence.append(
            f"Resembles {resembling.ref}: the same author and subject, and nothing that names the ticket."
            " Filed anew; merge them if they are one."
        )
    return Join(
        ticket=None,
        evidence=tuple(evidence),
        another_address=_refers(message, quotes) and not takes_part,
        disowned=_first(txn, said, identity, _FAILED),
        follows=_first(txn, said, identity, _CLOSED, _ANOTHER),
    )


def _first(
    txn: "Connection", said: list[tuple[Candidate, str | None]], identity: Identity, *refusals: str
) -> Ticket | None:
    """Return the first ticket that was refused to an author for one of these reasons, and not for who he is."""
    found = (each.ticket for each, refusal in said if each.ticket is not None and refusal in refusals)
    return next((ticket for ticket in found if _may_write(txn, ticket, identity)), None)


def _refers(message: Message, quotes: Quotes) -> bool:
    """Tell by its shape alone whether a mail refers to a ticket: the answer must not say what the store knows."""
    if any(quoted.right for _, _, quoted in quotes):
        return True
    if any(reply_token.is_one(each) for each in (*message.to, *message.cc)):
        return True
    return any(outbox.is_ours(each) for each in (*message.in_reply_to, *message.references))


def _beside(candidate: Candidate, refusal: str | None) -> str:
    why_not = "" if refusal is None else f", not joined: {refusal}"
    return f"Names {candidate.ref} as well ({candidate.sentence}{why_not})."


def _wrong(quotes: Quotes) -> Iterator[str]:
    for _, where, quoted in quotes:
        for ref in quoted.wrong:
            yield f"Quotes {ref} ({where} carries it), filed anew: its check digit does not hold."


def _refusal(
    txn: "Connection", candidate: Candidate, message: Message, identity: Identity, verdict: Verdict, *, old: bool
) -> str | None:
    ticket = candidate.ticket
    if ticket is None:
        return "there is no such ticket"
    if verdict == "failed":
        return _FAILED
    if ticket.status == "closed" and not (old and old_mail.opened(txn, ticket)):
        return _CLOSED
    if identity.address is None:
        return "it cannot be said who wrote"
    if not _may_write(txn, ticket, identity):
        return f"{identity.address} is not on file for its account and took no part in it"
    if ticket.status == "solved" and candidate.how in ("in-reply-to", "references") and _is_new(message, ticket):
        return _ANOTHER
    return None


def _may_write(txn: "Connection", ticket: Ticket, identity: Identity) -> bool:
    """Whether an author is on file for the ticket's account, took part in it, or was asked about it by ourselves."""
    if identity.address is None:
        return False
    if ticket.account is not None and any(match.account.id == ticket.account["id"] for match in identity.matches):
        return True
    author = addresses.key(identity.address)
    if any(addresses.key(each) == author for each in ticket_people.participants(txn, ticket.id)):
        return True
    return any(addresses.key(each.to_address) == author for each in confirmations.of_ticket(txn, ticket.id))


def _is_new(message: Message, ticket: Ticket) -> bool:
    """Whether somebody took an old mail to write about something else: people answer to find an address."""
    if message.is_automatic:
        return False
    subject = thread_evidence.base_subject(message.subject or "")
    return bool(subject) and not thread_evidence.same_subject(subject, ticket.subject)


def _resembling(txn: "Connection", message: Message, identity: Identity) -> Ticket | None:
    """A ticket of the same author or account, and with the same subject, for an answer to a mail that nobody knows."""
    subject = thread_evidence.base_subject(message.subject or "")
    if not subject or not (message.in_reply_to or message.references) or identity.address is None:
        return None
    author = addresses.key(identity.address)
    for ticket in tickets.search(txn, subject, _RESEMBLING):
        theirs = addresses.key(ticket.requester.get("address") or "") == author or (
            identity.account is not None and ticket.account is not None and ticket.account["id"] == identity.account.id
        )
        if theirs and ticket.status != "closed" and thread_evidence.same_subject(subject, ticket.subject):
            return ticket
    return None
