"""The outbox's door: what goes out is queued here, in the transaction of its cause, and nothing is sent before that.

Producers decide whether to write at all (rules, policy); the limits are here: how many automatic items one address gets
an hour, and how many go out in all before something must be wrong. What a limit stops is kept as `suppressed`, with the
reason. `inboxd.send` carries out what is queued.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from inboxd import addresses
from inboxd.errors import InboxdError
from inboxd.message import clean
from store import jobs, messages
from store import outbox as rows
from store.outbox import Kind, NewItem, OutboxItem, State, Stops

if TYPE_CHECKING:
    from sqlalchemy import Connection

KIND: Final = "send"
# A smarthost that is slow must delay neither filing nor a page; a page by mail waits for no other mail.
MAIL_LANE: Final = "send"
PAGE_LANE: Final = "page"

_UNDER_WAY: Final[tuple[State, ...]] = ("queued", "sending")

HOUR_MS: Final = 3_600_000
# Past so many automatic items to one address in an hour the rest is suppressed (docs/sending.md).
MOST_AN_ADDRESS: Final = 20
# Staff who work by mail are told of everything in their queues; what passes this is no desk any more.
MOST_A_COLLEAGUE: Final = 200
# News that nobody wants to hear a day late (docs/sending.md).
LATE_AFTER_MS: Final = 24 * HOUR_MS
_ENDS_LATE: Final[frozenset[Kind]] = frozenset({"acknowledgement", "confirmation", "page"})

_LONGEST_SUBJECT: Final = 200
_LONGEST_THREAD: Final = 20
_ID: Final = re.compile(r"<[!-;=?-~]{3,900}>")
_OURS: Final = re.compile(r"<inboxd\.[0-9a-f]{32}@[^<>@\s]+>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One item to one address: a mail address, `tel:`, `sms:` (an E.164 number behind it) or `https:` (a webhook).

    `from_address` is the desk's address that is written from (`desk_address.of`), `from_name` its display name. `cc` is
    shown and gets nothing by this item: each recipient has an item of its own, a copy with `shown_to` for somebody in
    Cc. `copies` are those to whom, as a notice says, an answer to it goes as well. `references` are the Message-IDs of
    the thread, the oldest first. `attachments`: `{filename, content_type, size, sha256}` of files that the store keeps,
    or, of those that came with a mail, that and its `intake_id`, and their `index` there. `automatic` False only for
    what a person wrote: it has no limits, and no mark of RFC 3834. `to_staff`: to a person of `staff`, who may be told
    more in an hour than a customer, and whom no brake keeps from being told. `most_in_all`: the brake, past so many of
    an hour it is suppressed. `limited` False: a program's own, and yet no limit and no mark on its address stops it
    (the canary, and its alarm). `created_at` (ms) is the received time of the cause. `send_at` (ms) keeps it back until
    then; not sent by `not_after` (ms; by itself 24 hours after `created_at` for an acknowledgement, a confirmation or a
    page), it is suppressed. `suppressed` says why it is listed and never sent. `entry_id` is the entry of the ticket
    that it brings to the reader.
    """

    kind: Kind
    to: str
    to_name: str | None = None
    from_address: str | None = None
    from_name: str | None = None
    reply_to: str | None = None
    cc: Sequence[str] = ()
    shown_to: str | None = None
    copies: Sequence[str] = ()
    subject: str
    text: str
    html: str | None = None
    in_reply_to: str | None = None
    references: Sequence[str] = ()
    attachments: Sequence[dict[str, Any]] = ()
    language: str | None = None
    automatic: bool = True
    to_staff: bool = False
    most_in_all: int | None = None
    limited: bool = True
    ticket_id: int | None = None
    entry_id: int | None = None
    created_at: int
    send_at: int | None = None
    not_after: int | None = None
    suppressed: str | None = None


def queue(txn: "Connection", letter: Letter) -> int:
    """Write the item and the job that will carry it out, and return the item's number.

    It is `suppressed`, with a reason, when a limit says so or when its address is none. Its Message-ID is made here and
    remembered, so that an answer to it finds the ticket.
    """
    reason = letter.suppressed or _refused(letter)
    if reason is None and letter.limited:
        reason = _stopped(txn, letter)
    message_id = _message_id(letter.from_address)
    number = rows.add(
        txn,
        NewItem(
            kind=letter.kind,
            to_address=letter.to,
            to_key=_key(letter.to),
            to_name=_line(letter.to_name),
            from_address=letter.from_address,
            from_name=_line(letter.from_name),
            reply_to=_line(letter.reply_to),
            cc=tuple(letter.cc),
            shown_to=letter.shown_to,
            copies=tuple(letter.copies),
            message_id=message_id,
            subject=clean.line(letter.subject)[:_LONGEST_SUBJECT],
            text=clean.body(letter.text),
            html=None if letter.html is None else clean.body(letter.html),
            in_reply_to=letter.in_reply_to if _is_id(letter.in_reply_to) else None,
            thread=_thread(letter.references),
            attachments=tuple(letter.attachments),
            language=_line(letter.language),
            automatic=letter.automatic,
            to_staff=letter.to_staff,
            ticket_id=letter.ticket_id,
            entry_id=letter.entry_id,
            state="queued" if reason is None else "suppressed",
            reason=reason,
            created_at=letter.created_at,
            not_after=_not_after(letter),
        ),
    )
    if reason is not None:
        return number
    if letter.ticket_id is not None:
        messages.remember(txn, message_id=message_id, ticket_id=letter.ticket_id, entry_id=letter.entry_id)
    carry_out(txn, number, lane=lane_of(letter.kind), due_at=letter.send_at)
    return number


def carry_out(txn: "Connection", number: int, *, lane: str, due_at: int | None = None) -> None:
    """Give an item a job, which alone may carry it out from now on. `due_at` None: at once."""
    job_id = jobs.add(txn, kind=KIND, lane=lane, payload={"item": number}, due_at=due_at)
    rows.give_job(txn, number, job_id=job_id, next_try_at=due_at)


def withdraw(txn: "Connection", number: int, reason: str) -> bool:
    """Suppress an item that still waits, with a reason; tell whether it did: what is under way or gone stays."""
    if rows.get(txn, number, for_update=True).state != "queued":
        return False
    rows.change(txn, number, state="suppressed", reason=reason, job_id=None, next_try_at=None, held_at=None)
    return True


def release(txn: "Connection", number: int, at: int) -> bool:
    """Let an item go that waits for a person's word, or that would; tell whether it does."""
    item = rows.get(txn, number, for_update=True)
    if item.state not in _UNDER_WAY or (item.held_at is None and item.released_at is not None):
        return False
    rows.change(txn, number, released_at=at, held_at=None, reason=None)
    _at_once(txn, item)
    return True


def retry(txn: "Connection", number: int, at: int) -> None:
    """Try an item again that failed or waits; it goes out under the Message-ID that it had. Raises InboxdError."""
    item = rows.get(txn, number, for_update=True)
    if item.state in {"sent", "suppressed"}:
        raise InboxdError(f"outbox item {number} is {item.state}: only what failed, or waits, is tried again")
    state = "queued" if item.state == "failed" else item.state
    rows.change(txn, number, state=state, reason=None, held_at=None, released_at=item.released_at or at)
    if not _at_once(txn, item):
        raise InboxdError(f"outbox item {number} is under way at this moment")


def hold_all(txn: "Connection", reason: str, at: int) -> int:
    """Let whatever has not gone yet wait for a person, with a reason; tells how many items. For a restored store.

    What was `sending` when the backup was made may have gone out since, and so may what was queued.
    """
    waiting = rows.list_(txn, states=_UNDER_WAY)
    for item in waiting:
        rows.change(txn, item.id, state="queued", held_at=at, released_at=None, reason=reason, next_try_at=None)
    return len(waiting)


def try_waiting_again(txn: "Connection") -> None:
    """Let each item try at once that waits after a failure: not what waits for a person, or for its own time."""
    for item in rows.list_(txn, states=_UNDER_WAY):
        if item.held_at is None and item.reason is not None and item.next_try_at is not None:
            _at_once(txn, item)


def _at_once(txn: "Connection", item: OutboxItem) -> bool:
    """Let the item's job be due, or give it one; False when that job runs: two at once would send twice."""
    match None if item.job_id is None else jobs.hasten(txn, item.job_id):
        case "ready":
            return True
        case "running":
            return False
        case _:
            carry_out(txn, item.id, lane=lane_of(item.kind))
            return True


def lane_of(kind: Kind) -> str:
    """Return the lane in which items of a kind are carried out."""
    return PAGE_LANE if kind == "page" else MAIL_LANE


def is_mail(to: str) -> bool:
    """Tell whether an item goes by mail: everything that is no call, text message or webhook."""
    return not to.startswith(("tel:", "sms:", "https:", "http:"))


def is_ours(message_id: str) -> bool:
    """Tell whether a Message-ID has the shape of ours. It is no proof: only the store knows which ids were given."""
    return _OURS.fullmatch(message_id) is not None


def _refused(letter: Letter) -> str | None:
    if not is_mail(letter.to):
        return None
    problem = addresses.problem(letter.to, dotless=True)
    return None if problem is None else f"it cannot be sent: {problem}"


def _stopped(txn: "Connection", letter: Letter) -> str | None:
    # A person may write to whom he likes. A page goes every way there is: it is bounded by the rules (once a ticket),
    # and a limit that swallows one would cost the night.
    if not letter.automatic or letter.kind == "page":
        return None
    stops = _stops(txn, letter.to, letter.created_at)
    if stops.dead is not None and is_mail(letter.to):
        return f"the address is marked: {stops.dead}; a mail from there takes the mark away"
    most = MOST_A_COLLEAGUE if letter.to_staff else MOST_AN_ADDRESS
    if stops.to_it >= most:
        return f"limit: {letter.to} had {most} automatic mails within the hour before"
    # The brake: a desk that answers more than this in an hour answers a flood, or itself.
    if letter.most_in_all is not None and stops.to_all >= letter.most_in_all and not letter.to_staff:
        return f"brake: {letter.most_in_all} automatic mails went into the outbox within the hour before"
    return None


def left_for_colleague(txn: "Connection", to: str, *, at: int) -> int:
    """Return how many more automatic mails one of staff may have in the hour before `at` (ms); what follows is kept."""
    return max(0, MOST_A_COLLEAGUE - _stops(txn, to, at).to_it)


def _stops(txn: "Connection", to: str, at: int) -> Stops:
    return rows.stops(txn, _key(to), at - HOUR_MS, at)


def _key(to: str) -> str:
    return addresses.key(to) if is_mail(to) else to


def _not_after(letter: Letter) -> int | None:
    if letter.not_after is not None:
        return letter.not_after
    return letter.created_at + LATE_AFTER_MS if letter.kind in _ENDS_LATE else None


def _message_id(from_address: str | None) -> str:
    """Make an id that nobody guesses (RFC 5322 3.6.4), of the domain that the mail is from."""
    domain = (from_address or "").rpartition("@")[2]
    if not domain.isascii():
        domain = addresses.a_labels(domain) or ""
    # Without a From there is no mail: the id of a call or a webhook is seen by nobody else (RFC 2606: .invalid).
    return f"<inboxd.{secrets.token_hex(16)}@{domain or 'inboxd.invalid'}>"


def _is_id(text: str | None) -> bool:
    return text is not None and _ID.fullmatch(text) is not None


def _thread(references: Sequence[str]) -> tuple[str, ...]:
    """Keep what is a Message-ID, the first and the last ones: header fields must not grow with every answer."""
    ids = [each for each in dict.fromkeys(references) if _is_id(each)]
    return (*ids[:1], *ids[1:][1 - _LONGEST_THREAD :])


def _line(text: str | None) -> str | None:
    return None if text is None else clean.line(text)
