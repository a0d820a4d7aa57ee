"""What a mail shows of the ticket it belongs to, the strongest first; who wrote it is not asked here.

- a reference of our own shape with a right check digit in the subject (`quoted_references`);
- an address of ours with a token (`reply_token`), which mail programs answer to;
- one of a ticket's Message-IDs, ours or others', in In-Reply-To or References (RFC 5322 3.6.4);
- a reference in what is new in the text, where it is the only one that the mail names.

What is quoted or forwarded is not searched: a forwarded mail is about a ticket, and not always the next word in it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from inboxd import reply_token
from inboxd.message import Message, forwards
from inboxd.quoted_references import Quoted, written
from store import messages, secret, ticket_links, tickets
from store.errors import NotFound
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

How = Literal["subject", "token", "in-reply-to", "references", "text"]
Quotes = tuple[tuple[How, str, Quoted], ...]
"""Where in a mail references may be written, in a word and in words, and those that are."""

# Marks of answers and forwards in the languages of mail programs, and marks of lists and filters before a subject.
_ANSWERS: Final = (
    r"re|aw|antw|antwort|sv|svar|odp|odg|rv|res|rif|ref|r|ynt|yan|yanıt|vá|bls|atb|hf|απ|σχετ|απάντηση|отв|ответ|на|відп|"
    r"回复|回覆|答复|答覆|返信|답장|회신"
)
_MARKS: Final = re.compile(
    rf"\s*(?:(?:{_ANSWERS}|{forwards.MARKS})(?:\[\d{{1,3}}\]|\(\d{{1,3}}\))?\s?[:：]|\[[^\[\]]{{1,40}}\])",
    re.IGNORECASE,
)
_ANSWER: Final = re.compile(
    rf"\s*(?:\[[^\[\]]{{1,40}}\]\s*)?(?:{_ANSWERS})(?:\[\d{{1,3}}\]|\(\d{{1,3}}\))?\s?[:：]", re.IGNORECASE
)
_REFERENCE: Final = r"\d{5,18}\s?[-\u2010-\u2015\u2212]\s?\d"
# (A desk may write words of its own in the brackets, as `[Ticket #48213-7]`: `templates.reference`.)
_WRITTEN: Final = re.compile(rf"\[[^][\d]{{0,20}}{_REFERENCE}\]|(?:\b[A-Za-z]{{1,8}}[-#])?\[?#?\s?{_REFERENCE}\]?")
_MOST: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A ticket that a mail may belong to; `how` it is known, also in words. `ticket` None: there is none of `ref`."""

    ref: str
    ticket: Ticket | None
    how: How
    sentence: str


def quotes(message: Message) -> Quotes:
    """Look for references in a mail; to be done once for each, before its transaction: a text may be long."""
    return (
        ("subject", "the subject", written(message.subject)),
        ("text", "the text", written(forwards.own_words(message.reply_text))),
    )


def candidates(txn: "Connection", message: Message, quotes: Quotes, recipients: Iterable[str]) -> list[Candidate]:
    """Return the tickets that a mail may belong to, each once, the strongest evidence first.

    `quotes` are the mail's, `recipients` those of the envelope, where a token may stand as well as in To and Cc.
    """
    found: dict[str, Candidate] = {}
    (_, _, in_subject), (_, _, in_text) = quotes
    for ref in in_subject.right[:_MOST]:
        _add(found, "subject", f"the subject carries the reference {ref}", ref, _by_ref(txn, ref))
    for ref in _tokens(txn, (*message.to, *message.cc, *recipients)):
        _add(found, "token", f"it was sent to the address that was given out for {ref}", ref, _by_ref(txn, ref))
    # Mostly the references end with what is answered: nothing is looked for twice, and the last of them is the nearest.
    further = tuple(each for each in reversed(message.references) if each not in message.in_reply_to)
    fields: tuple[tuple[How, str, Sequence[str]], ...] = (
        ("in-reply-to", "In-Reply-To", message.in_reply_to),
        ("references", "References", further),
    )
    for how, field, ids in fields:
        for ticket_id in messages.find_tickets(txn, ids):
            ticket = ticket_links.survivor(txn, tickets.get_by_id(txn, ticket_id))
            _add(found, how, f"{field} names a message of {ticket.ref}", ticket.ref, ticket)
    for ref in in_text.right[:_MOST]:
        _add(found, "text", f"the text carries the reference {ref}", ref, _by_ref(txn, ref))
    return list(found.values())


def same_subject(one: str, other: str) -> bool:
    """Whether two subjects are one, whatever marks of answers, lists and references stand before it."""
    return bool(base_subject(one)) and base_subject(one) == base_subject(other)


def answers_something(message: Message) -> bool:
    """Whether a mail was written as an answer, by its headers or, where its program drops those, by its subject."""
    return bool(message.in_reply_to or message.references) or _ANSWER.match(message.subject or "") is not None


def without_references(subject: str) -> str:
    """Return a subject without what is written like a reference in it."""
    return " ".join(_WRITTEN.sub(" ", subject[:1_000]).split())


@lru_cache(maxsize=1_000)
def base_subject(subject: str) -> str:
    """Return a subject without marks of answers, forwards and lists and without references, in lower case.

    Remembered: each further mail of somebody who writes much is compared with all that he opened in the last hour.
    """
    text = _WRITTEN.sub(" ", subject[:1_000])
    for _ in range(_MOST):
        shorter = _MARKS.sub("", text, count=1) if _MARKS.match(text) else text
        if shorter == text:
            break
        text = shorter
    return " ".join(text.split()).casefold()


def _tokens(txn: "Connection", addresses: Sequence[str]) -> list[str]:
    named = [each for each in addresses if reply_token.is_one(each)]
    key = secret.kept_reply_key(txn) if named else None
    return [] if key is None else reply_token.refs(named, key)[:_MOST]


def _by_ref(txn: "Connection", ref: str) -> Ticket | None:
    try:
        # What was merged leads on to what it was merged into.
        return ticket_links.survivor(txn, tickets.get(txn, ref))
    except NotFound:
        return None


def _add(found: dict[str, Candidate], how: How, sentence: str, ref: str, ticket: Ticket | None) -> None:
    if ref not in found:
        found[ref] = Candidate(ref=ref, ticket=ticket, how=how, sentence=sentence)
