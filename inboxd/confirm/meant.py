"""Whether a proven mail means the ticket that it joins: its author has chosen it, and not somebody else for him.

A thief cannot write as somebody else; he can have somebody else write. He gives the mail that he sends in another's
name the Message-ID of one that he sends to the other as himself. He hands on a mail that the other has really signed,
with a field in it that the signature does not cover. Or he asks about lunch under a subject with the reference of a
ticket, answers to go to the desk or to its address for that ticket: the yes that comes is proven, and was said to
something else.
"""

import re
from typing import TYPE_CHECKING, Final

from inboxd import addresses
from inboxd.joining import thread_evidence
from store import outbox as items
from store import ticket_links, tickets
from store.ticket_records import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from inboxd.judging.judge_message import Judged

_NO_WORDS: Final = re.compile(r"[\s>|]+")
_LONG_LINE: Final = 24
"""Letters; shorter lines stand in any mail."""


def means(txn: "Connection", ticket: Ticket, judged: "Judged", entry_id: int | None) -> bool:
    """Tell whether the author of a mail means the ticket. `entry_id` is the mail's entry where it has one already."""
    so_far = tickets.entries(txn, ticket.id)
    if entry_id is not None and so_far[0].id == entry_id:
        return True  # it opened the ticket
    message = judged.as_proven
    # What is left open is header fields; subject and text, where references stand, are the mail's own.
    how = {where for where, _, quoted in judged.quotes if ticket.ref in quoted.right}
    found = thread_evidence.candidates(txn, message, judged.quotes, ())
    how |= {each.how for each in found if each.ticket is not None and each.ticket.id == ticket.id}
    if "text" in how:
        return True  # in his own words
    covered = {*message.in_reply_to, *message.references}
    theirs = {
        each.message_id
        for each in so_far
        if each.kind != "email" or (each.authentication or {}).get("verdict") == "authenticated"
    }
    if covered & theirs or _answers_ours(txn, ticket, judged, covered):
        return True
    # Whoever answers has subject and address from him whom he answers: his own only where he answers nobody, or
    # ourselves. Some smarthosts give our mails ids of their own, but not other words.
    return bool(how & {"subject", "token"}) and (not judged.message.in_reply_to or _quotes_ours(txn, ticket, judged))


def _answers_ours(txn: "Connection", ticket: Ticket, judged: "Judged", covered: set[str]) -> bool:
    """Tell whether a mail answers one of ours on the ticket, by a field that its proof covers.

    What a program of ours wrote to the author alone is known to nobody else: its id may stand in a field that a
    signature leaves open. A person's reply is not: everybody in the conversation learns its id.
    """
    author = addresses.key(judged.identity.address or "")
    ids = {*judged.message.in_reply_to, *judged.message.references}
    for item in items.by_message_id(txn, ids) if ids else ():
        theirs = item.kind != "reply" and addresses.key(item.to_address) == author
        if item.ticket_id is None or not (theirs or item.message_id in covered):
            continue
        if ticket_links.survivor(txn, tickets.get_by_id(txn, item.ticket_id)).id == ticket.id:
            return True
    return False


def _quotes_ours(txn: "Connection", ticket: Ticket, judged: "Judged") -> bool:
    """Tell whether a mail holds words of one that we sent about the ticket."""
    said = _words(judged.message.text or "")
    lines = (_words(line) for item in items.list_(txn, ticket_id=ticket.id) for line in (item.text or "").splitlines())
    return any(line in said for line in lines if len(line) >= _LONG_LINE)


def _words(text: str) -> str:
    return _NO_WORDS.sub("", text)
