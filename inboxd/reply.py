"""An answer to whoever asked: the entry on the ticket, the clocks that it meets, and a mail for each reader.

Nothing but the answer itself, its files, the signature of the queue and what that very reader wrote last goes into the
mail: no note, no event, nobody else's words.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from inboxd import addresses, outbox
from inboxd.clocks import clocks
from inboxd.errors import InboxdError
from inboxd.intake.door import moment, now_ms
from inboxd.message import clean, forwards
from inboxd.outbox import Letter
from inboxd.policy.policy import Policy
from inboxd.readers import Reader, reader_of
from store import outbox as rows
from store import secret, tickets
from store.tickets import Entry, NewEntry, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

_CUSTOMERS: Final = frozenset({"email", "confirmation"})
_RECEIPTS: Final = frozenset({"acknowledgement", "confirmation"})
_MOST_QUOTED: Final = 60  # lines
_LONGEST_SUBJECT: Final = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What somebody of the staff answers; `author` is the name shown, `at` in milliseconds.

    `attachments` are shown with the entry; `enclosed`, as `outbox.Letter` names files, go along (None: the same).
    `status` is what the ticket will be with it: undone, it is again what it was. `intake_id` is that of the mail that
    it came by, where it did. `cc` are all its readers beside who asked (`readers`).
    """

    text: str
    author: str
    actor: str
    at: int
    cc: Sequence[str] = ()
    attachments: Sequence[dict[str, Any]] = ()
    enclosed: Sequence[dict[str, Any]] | None = None
    change: dict[str, Any] | None = None
    intake_id: str | None = None
    authentication: dict[str, Any] | None = None


def write(txn: "Connection", policy: Policy, ticket: Ticket, reply: Reply) -> int:
    """Put an answer on a ticket and into the outbox, and return the entry's number. Raises InboxdError."""
    if not reply.text.strip():
        raise InboxdError("the reply is empty: write what the customer should read")
    reader = reader_of(ticket)
    if policy.office.is_own(reader.address):
        how = f"`inboxd tickets set {ticket.ref} --requester ADDR`"
        raise InboxdError(f"{reader.address} is the desk itself, and nobody would read it: say who asks with {how}")
    from_address = policy.office.from_address(ticket.source, ticket.queue)
    if from_address is None:
        raise InboxdError("the desk has no address to write from: set outgoing.from, or an address in smtp or imap")
    so_far = tickets.entries(txn, ticket.id)
    recipients = _recipients(reader.address, reply.cc)
    new = NewEntry(
        kind="reply",
        at=reply.at,
        author=reply.author,
        text=reply.text,
        reply_text=reply.text,
        attachments=tuple(reply.attachments),
        intake_id=reply.intake_id,
        authentication=reply.authentication,
        recipients=recipients,
    )
    entry_id = tickets.append(txn, ticket.id, new, **_met(ticket, reply.at, policy))
    clocks.watch(txn, tickets.get_by_id(txn, ticket.id), ticket.clocks)
    others = recipients[1:]
    items = _letters(
        txn, policy, ticket, reply, so_far, entry_id, reader=reader, others=others, from_address=from_address
    )
    tickets.set_message_id(txn, entry_id, rows.get(txn, items[0]).message_id)
    tickets.event(
        txn,
        ticket.id,
        at=reply.at,
        actor=reply.actor,
        what="reply",
        why=f"to {', '.join(recipients)}",
        undo={
            "kind": "reply",
            "entry": entry_id,
            "items": items,
            "at": reply.at,
            "change": reply.change,
        },
    )
    return entry_id


def _met(ticket: Ticket, at: int, policy: Policy) -> dict[str, Any]:
    return clocks.columns(ticket, clocks.happened(ticket.clocks, "reply", at, policy.rules.calendars))


def _letters(
    txn: "Connection",
    policy: Policy,
    ticket: Ticket,
    reply: Reply,
    so_far: Sequence[Entry],
    entry_id: int,
    *,
    reader: Reader,
    others: tuple[str, ...],
    from_address: str,
) -> list[int]:
    voice = policy.office.voice(ticket.queue)
    # The Message-ID of a note tells of a mail that the customer was not to see.
    thread = [each.message_id for each in so_far if each.message_id is not None and each.kind != "note"]
    asked = _last_of(so_far, reader.address)
    words = policy.office.templates.words_of(language_of(txn, ticket) or policy.office.templates.default)
    reply_to = policy.office.reply_to(from_address, ticket.ref, secret.reply_key(txn))
    undo_seconds = policy.office.undo_seconds
    send_at = now_ms() + undo_seconds * 1000 if undo_seconds else None
    numbers = []
    for to in (reader.address, *others):
        # Who never wrote was brought in by who asked, or by staff.
        last = _last_of(so_far, to) or asked
        plain, rich = _written(reply.text, voice.signature, last, words.wrote, policy)
        letter = Letter(
            kind="reply",
            to=to,
            to_name=reader.name,
            shown_to=None if to == reader.address else reader.address,
            cc=others,
            from_address=from_address,
            from_name=voice.name or None,
            reply_to=reply_to,
            subject=subject_of(ticket, policy.office.marked(ticket.ref)),
            text=plain,
            html=rich,
            in_reply_to=last.message_id if last is not None else (thread[-1] if thread else None),
            references=thread,
            attachments=reply.attachments if reply.enclosed is None else reply.enclosed,
            automatic=False,
            ticket_id=ticket.id,
            entry_id=entry_id,
            created_at=reply.at,
            send_at=send_at,
        )
        numbers.append(outbox.queue(txn, letter))
    return numbers


def _recipients(reader: str, cc: Sequence[str]) -> tuple[str, ...]:
    """Return whom an answer goes to, `reader` first: each once, in whatever letters they are named."""
    named: dict[str, str] = {}
    for each in (reader, *cc):
        named.setdefault(addresses.key(each), each)
    return tuple(named.values())


def language_of(txn: "Connection", ticket: Ticket) -> str | None:
    """Return the language in which the customer was last written to by a program; None where that is not known."""
    told = (each for each in reversed(rows.list_(txn, ticket_id=ticket.id)) if each.kind in _RECEIPTS)
    return next((each.language for each in told if each.language is not None), None)


def subject_of(ticket: Ticket, reference: str) -> str:
    """Return the subject of an answer: the ticket's, with the reference (as marked) that lets the next mail join."""
    said = ticket.subject if ticket.channel == "email" else "Your call"
    # Cut first: a reference at the end of a very long subject would be what is cut off.
    head = clean.short(said if said[:3].lower() == "re:" else f"Re: {said}", _LONGEST_SUBJECT)
    return head if reference in head else f"{head} {reference}"


def _last_of(entries: Sequence[Entry], address: str) -> Entry | None:
    """Return what this reader wrote last: nobody else's words are quoted to them."""
    wanted = addresses.key(address)
    own = (each for each in entries if each.kind in _CUSTOMERS and addresses.key(each.author or "") == wanted)
    return max(own, key=lambda each: each.id, default=None)


def _written(text: str, signature: str, last: Entry | None, wrote: str, policy: Policy) -> tuple[str, str]:
    """Return the mail's text and its HTML: the answer first, the signature, and below what is answered."""
    plain = [text.strip()]
    rich = [_paragraphs(text.strip())]
    if signature.strip():
        plain.append(f"-- \n{signature.strip()}")  # RFC 3676 4.3
        rich.append(f"<p>-- <br>\n{_lines(signature.strip())}</p>")
    quoted = _quoted(last) if last is not None else ""
    if last is not None and quoted:
        lines = quoted.splitlines()
        lines = lines if len(lines) <= _MOST_QUOTED else [*lines[:_MOST_QUOTED], "[…]"]
        when = moment(last.at).astimezone(policy.zone)
        head = wrote.format(when=f"{when:%Y-%m-%d %H:%M %Z}", who=last.author)
        plain.append("\n".join([head, *(f"> {line}".rstrip() for line in lines)]))
        rich.append(
            f'<p>{html.escape(head)}</p>\n<blockquote type="cite">{_paragraphs(chr(10).join(lines))}</blockquote>'
        )
    return "\n\n".join(plain) + "\n", "<!DOCTYPE html>\n<html><body>\n" + "\n".join(rich) + "\n</body></html>\n"


def _quoted(last: Entry) -> str:
    """Return the reader's own words: what staff wrote above a mail that they sent on is not for its author."""
    if (last.identity or {}).get("by") == "forwarded":
        return forwards.sent_on(last.text or "")
    return (last.reply_text or last.text or "").strip()


def _paragraphs(text: str) -> str:
    return "\n".join(f"<p>{_lines(each)}</p>" for each in text.split("\n\n"))


def _lines(text: str) -> str:
    return "<br>\n".join(html.escape(line) for line in text.splitlines())
