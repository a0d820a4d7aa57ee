"""Notices to the people of a queue: few, and never in answer to a program."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from inboxd import outbox, readers
from inboxd.errors import InboxdError
from inboxd.letters import compose
from inboxd.letters.compose import About
from inboxd.message import clean
from inboxd.policy.policy import Policy
from inboxd.settings.sections import StaffMember
from store import tickets
from store.tickets import Entry, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

TEMPLATE = "notice"
_THE_LAST = (
    f"This is the last of {outbox.MOST_A_COLLEAGUE} automatic mails that you may have in an hour: "
    "what comes while there are so many is in `inboxd tickets list` alone."
)
# Together with a reference not much more than the 78 characters of RFC 5322 2.1.1.
_LONGEST_HEADLINE = 80
_CUSTOMERS = frozenset({"email", "voicemail", "confirmation"})
_MOST_LINES = 40
# As many as may be in copy; more than that have written only in a storm of answers to all.
_MOST_NAMED = 20
_LONGEST_LINE = 1000


def to_staff(txn: "Connection", policy: Policy, ticket: Ticket, *, sentences: Sequence[str], at: int) -> int:
    """Queue a notice to everybody who takes those of the ticket's queue; return how many.

    `sentences` say what happened; the first ones are the headline. `at` (ms) is the time of the cause.
    """
    return _queue(txn, policy, ticket, list(policy.office.staff_of(ticket.queue)), sentences=sentences, at=at)


def to_who_works_on_it(
    txn: "Connection", policy: Policy, ticket: Ticket, *, sentence: str, author: str | None, at: int
) -> bool:
    """Queue a notice to the one of staff who has a ticket in hand; return whether there is one who takes notices.

    That is its assignee; of a ticket that nobody has taken, who answered last. Nobody is told of his own mail: `author`
    is the address that wrote.
    """
    answered = (each.author for each in reversed(tickets.entries(txn, ticket.id)) if each.kind == "reply")
    name = ticket.assignee or next(answered, None)
    wrote = policy.office.staff_member(author) if author is not None else None
    if name is None or (wrote is not None and wrote.name == name):
        return False
    return to_member(txn, policy, ticket, name, sentences=(sentence,), at=at)


def to_member(
    txn: "Connection", policy: Policy, ticket: Ticket, name: str, *, sentences: Sequence[str], at: int
) -> bool:
    """Queue a notice to one of staff; return whether there is somebody of that name who takes notices."""
    member = policy.office.staff_named(name)
    if member is None or not member.notify or not member.addresses:
        return False
    return _queue(txn, policy, ticket, [member], sentences=sentences, at=at) > 0


def _queue(
    txn: "Connection",
    policy: Policy,
    ticket: Ticket,
    members: Sequence[StaffMember],
    *,
    sentences: Sequence[str],
    at: int,
) -> int:
    if not members:
        return 0
    said = _contents(txn, policy, ticket, sentences)
    for member in members:
        _queue_one(txn, policy, ticket, said, to=member.addresses[0], to_name=member.name, at=at)
    return len(members)


def to_author(
    txn: "Connection",
    policy: Policy,
    ticket: Ticket,
    *,
    to: str,
    to_name: str,
    in_reply_to: str | None,
    sentences: Sequence[str],
    at: int,
) -> None:
    """Queue a notice to one of staff in answer to a mail of his own."""
    said = _contents(txn, policy, ticket, sentences)
    _queue_one(txn, policy, ticket, said, to=to, to_name=to_name, at=at, in_reply_to=in_reply_to)


def _queue_one(
    txn: "Connection", policy: Policy, ticket: Ticket, said: dict[str, Any], *, to: str, at: int, **more: Any
) -> None:
    if outbox.left_for_colleague(txn, to, at=at) == 1:
        said = {**said, "values": {**said["values"], "what": f"{said['values']['what']} {_THE_LAST}"}}
    letter = compose.letter(
        policy, About(ticket=ticket), kind="notice", template=TEMPLATE, to=to, at=at, **said, **more
    )
    outbox.queue(txn, letter)


def _contents(txn: "Connection", policy: Policy, ticket: Ticket, sentences: Sequence[str]) -> dict[str, Any]:
    """Return what a notice says, as fields of its letter: what happened, what is answered, and who reads an answer."""
    entries = tickets.entries(txn, ticket.id)
    values = _places(sentences)
    last = next((each for each in reversed(entries) if each.kind in _CUSTOMERS), None)
    if last is not None:
        values |= {"text": _words_of(last), "proof": _proof_of(last)}
    try:
        found = readers.audience(txn, policy.office, ticket, entries)
    except InboxdError:
        return {"values": values}  # there is nobody to answer; whoever tries is told why
    values |= {"in_copy": _listed(found.in_copy), "left_out": _listed(found.left_out)}
    return {"values": values, "copies": found.in_copy[:_MOST_NAMED]}


def _listed(people: Sequence[str]) -> str:
    more = len(people) - _MOST_NAMED
    return ", ".join(people[:_MOST_NAMED]) + (f", … (+{more})" if more > 0 else "")


def _words_of(last: Entry) -> str:
    """Return the last words of the customer: who answers by mail has nothing else to read.

    Each line is marked as quoted: none of them is ours.
    """
    # What is new in a mail that staff sent on is their own line above it; the customer's words stand below.
    sent_on = (last.identity or {}).get("by") == "forwarded"
    words = (not sent_on and last.reply_text) or last.text or (last.transcript or {}).get("text") or ""
    lines = words.strip().splitlines()
    shown = [line[:_LONGEST_LINE] for line in lines[:_MOST_LINES]] + ["[…]"] * (len(lines) > _MOST_LINES)
    return "\n".join(f"> {line}".rstrip() for line in shown)


def _proof_of(last: Entry) -> str:
    """Return who said them and what proves it, marked as quoted: only our own words promise a copy to anybody."""
    found = last.authentication or {}
    reason = found.get("reason")
    return f"> [{found['verdict']}] {clean.line(reason)[:_LONGEST_LINE]}" if reason else ""


def _places(sentences: Sequence[str]) -> dict[str, str]:
    """Return what happened as the places of a template: whole, and as a line that a list of mails has room for."""
    headline = sentences[0]
    for each in sentences[1:]:
        if len(headline) + len(each) >= _LONGEST_HEADLINE:
            break
        headline = f"{headline} {each}"
    return {"what": " ".join(sentences), "headline": clean.short(headline, _LONGEST_HEADLINE)}
