"""Waking somebody: a page begins with its cause, goes on step by step, and ends when somebody acknowledges.

The first items stand in the outbox in the transaction that files the call, before any recogniser runs; each further
step is a job with a time, so that a daemon that was killed goes on where it was. A page goes out whatever
`outgoing.mode` says, and not when it is a day late.
"""

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from inboxd import outbox
from inboxd.intake.door import moment, now_ms
from inboxd.letters import notices
from inboxd.oncall import page_words
from inboxd.outbox import HOUR_MS, LATE_AFTER_MS, Letter
from inboxd.policy.policy import Policy
from rules import decision
from rules.clocks import duration
from rules.rota import Person, Rota, Step
from store import calls, clock, clock_steps, jobs, pages, tickets
from store import outbox as rows
from store.pages import NewPage, Page
from store.tickets import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from inboxd.oncall.page_words import Written
    from rules.rota import Way

KIND: Final = "escalate"

# An unknown caller whose recordings hold no words wakes somebody once in this time (docs/on-call.md).
BRAKE_MS: Final = 12 * HOUR_MS

_ENDED: Final = frozenset({"solved", "closed"})
_ANONYMOUS: Final = "anonymous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """The call that pages. `words`: whether it holds any, None while nobody has listened; `at` its received time in ms.

    `caller` is a number or "anonymous"; `known`: its account is.
    """

    caller: str | None
    known: bool
    words: bool | None
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A page that went along with its ticket, and the one that stood aside for it, by their numbers."""

    page: int
    aside: int | None


def begin(txn: "Connection", policy: Policy, ticket: Ticket, wanted: decision.Page, cause: Cause) -> None:
    """Page somebody for a ticket, once; wait for the words of a recording, or wake nobody, where the brake says so."""
    state, why = _braked(txn, cause)
    page = pages.add(
        txn,
        NewPage(
            ticket_id=ticket.id,
            target=wanted.to,
            rule=wanted.rule,
            caller=cause.caller or _ANONYMOUS,
            known=cause.known,
            words=cause.words,
            state=state,
            caused_at=cause.at,
        ),
    )
    if page is None:
        _say(txn, ticket.id, cause.at, "not paged again", "A ticket pages once.")
    elif page.state == "paging":
        step(txn, policy, page, ticket, at=cause.at)
    else:
        _say(txn, ticket.id, cause.at, "not paged" if state == "braked" else "page waits", why)


def _braked(txn: "Connection", cause: Cause) -> tuple[pages.State, str]:
    """Say how a page begins, and why it does not go out."""
    if cause.caller is not None and calls.blocked(txn, cause.caller, at=cause.at) is not None:
        return "braked", "The number is blocked."
    if cause.known or cause.words:
        return "paging", ""
    caller = cause.caller or _ANONYMOUS
    pages.hold_caller(txn, caller)
    for earlier in pages.since(txn, cause.at - BRAKE_MS, cause.at):
        if earlier.caller == caller and not earlier.known and not earlier.words:
            told = "An unknown caller whose recordings hold no words pages once in 12 hours"
            if cause.words is None:
                return "waiting", f"{told}: this recording is listened to first."
            return "braked", f"{told}, and has."
    return "paging", ""


def is_done(ticket: Ticket) -> bool:
    """Whether a ticket has ended, so that nobody is to be woken for it any more."""
    return ticket.status in _ENDED


def heard(txn: "Connection", policy: Policy, ticket: Ticket, *, words: bool, at: int) -> None:
    """Note whether the recording of a ticket's page holds words; one that waited for them goes out, or does not.

    A recording that could not be listened to counts as one with words: somebody has to.
    """
    page = pages.of_ticket(txn, ticket.id, for_update=True)
    if page is None or page.words is not None:
        return
    pages.change(txn, page.id, words=words)
    if page.state != "waiting":
        return
    if is_done(ticket):
        _end(txn, page, f"the ticket is {ticket.status}", at)
    elif words:
        pages.change(txn, page.id, state="paging")
        step(txn, policy, page, ticket, at=at)
    else:
        pages.change(txn, page.id, state="braked", ended_at=at)
        _say(txn, ticket.id, at, "not paged", "The recording holds no words, and its caller has paged already.")


def merged(txn: "Connection", gone: Ticket, stays: Ticket, *, at: int) -> Moved | None:
    """Let the page of a ticket go on as that of the one it went into, unless that one has had its own.

    Return what `parted` takes back; None where nothing moved.
    """
    page = pages.of_ticket(txn, gone.id, for_update=True)
    if page is None:
        return None
    theirs = pages.of_ticket(txn, stays.id, for_update=True)
    if theirs is not None and theirs.state != "waiting":
        if page.state in ("paging", "waiting"):
            _end(txn, page, f"it is {stays.ref} now, which has paged already", at)
        _say(txn, stays.id, at, "not paged again", "A ticket pages once.")
        return None
    if theirs is not None:
        pages.change(txn, theirs.id, state="braked", ended_at=at)
    pages.change(txn, page.id, ticket_id=stays.id)
    _say(txn, stays.id, at, "page taken over", f"It was begun for {gone.ref}, and goes on here.")
    return Moved(page=page.id, aside=None if theirs is None else theirs.id)


def parted(txn: "Connection", policy: Policy, moved: Moved, ticket: Ticket, *, at: int) -> None:
    """Give a page back to the ticket that it began for, which is one of its own again.

    One that stood aside for it waits for the words of its own recording again, or has them.
    """
    if pages.of_ticket(txn, ticket.id) is None:
        pages.change(txn, moved.page, ticket_id=ticket.id)
        _say(txn, ticket.id, at, "page given back", "It goes on here, where it was begun.")
    aside = None if moved.aside is None else pages.get(txn, moved.aside, for_update=True)
    if aside is None or aside.state != "braked" or aside.ticket_id is None:
        return
    theirs = tickets.get_by_id(txn, aside.ticket_id)
    if pages.of_ticket(txn, theirs.id) is not None:
        return
    pages.change(txn, aside.id, state="waiting", ended_at=None)
    _say(
        txn, theirs.id, at, "page waits", "What it stood aside for has gone back: this recording is listened to first."
    )
    recordings = [each.transcript for each in tickets.entries(txn, theirs.id) if each.kind == "voicemail"]
    if recordings and all(each is not None for each in recordings):
        # Nobody knows whether there are words where no recogniser could read it.
        words = any(each.get("engine") is None or (each.get("text") or "").strip() for each in recordings if each)
        heard(txn, policy, theirs, words=words, at=at)


def escalate(txn: "Connection", policy: Policy, page_id: int, taken: int) -> None:
    """Take the next step of a page that nobody has acknowledged; `taken`: how many had been when the wait began."""
    page = pages.get(txn, page_id, for_update=True)
    if page.state != "paging" or page.step != taken or page.ticket_id is None:
        return
    ticket = tickets.get_by_id(txn, page.ticket_id)
    at = now_ms()
    if is_done(ticket):
        _end(txn, page, f"the ticket is {ticket.status}", at)
    elif clock_steps.age(txn, page.caused_at) > LATE_AFTER_MS:
        _end(txn, page, "it is a day old", at)
    else:
        step(txn, policy, page, ticket, at=at)


def stands_still(txn: "Connection", policy: Policy, page_id: int, why: str, *, at: int) -> None:
    """Say on the ticket and to staff that a page goes no further; `inboxd status` names it until somebody has it."""
    page = pages.get(txn, page_id, for_update=True)
    if page.state != "paging" or page.ticket_id is None:
        return
    ticket = tickets.get_by_id(txn, page.ticket_id)
    _say(txn, ticket.id, at, "paging stands still", why)
    said = f"nobody has acknowledged the page of {ticket.ref}, and nobody further can be paged: {why}"
    notices.to_staff(txn, policy, ticket, sentences=(said,), at=at)


def step(txn: "Connection", policy: Policy, page: Page, ticket: Ticket, *, at: int) -> None:
    """Queue the items of a page's next step and write the job for the one after it; end it when there is none.

    `at` (ms): whoever is on turn then is paged. The wait begins now, whenever the cause was.
    """
    rota = policy.rules.rota or Rota()
    chain = rota.chain(page.target)
    for number, wanted in enumerate(chain[page.step :], start=page.step + 1):
        person = rota.paged(wanted, moment(at))
        if person is None:
            _say(txn, ticket.id, at, "nobody to page", f"Step {number}: nobody is on call.")
            continue
        _page(txn, policy, page, ticket, person, at=at)
        pages.change(txn, page.id, step=number)
        due = clock.shared_ms(txn) + round(wanted.wait.total_seconds() * 1000)
        jobs.add(txn, kind=KIND, lane="mail", payload={"page": page.id, "step": number}, due_at=due)
        _say(txn, ticket.id, at, f"paged {person.name}", _told(person, number, chain))
        return
    _unanswered(txn, policy, page, ticket, at)


def _page(txn: "Connection", policy: Policy, page: Page, ticket: Ticket, person: Person, *, at: int) -> None:
    words = _words(txn, ticket)

    def write(way: "Way") -> "Written":
        return page_words.write(policy, ticket, way, at=page.caused_at, words=words)

    _queue(txn, policy, page, person, write, ticket=ticket, at=at)


def _queue(
    txn: "Connection",
    policy: Policy,
    page: Page,
    person: Person,
    write: "Callable[[Way], Written]",
    *,
    ticket: Ticket | None,
    at: int,
) -> list[int]:
    """Queue a page for a person by each of the ways, and link the items to it; return their numbers."""
    numbers: list[int] = []
    for way in person.ways:
        written = write(way)
        letter = Letter(
            kind="page",
            to=page_words.address(way),
            to_name=person.name,
            from_address=page_words.sender(policy, ticket, way),
            subject=written.subject,
            text=written.text,
            ticket_id=None if ticket is None else ticket.id,
            created_at=at,
            not_after=_not_after(txn, page),
        )
        numbers.append(outbox.queue(txn, letter))
        pages.link(txn, page.id, numbers[-1], person=person.name, token=secrets.token_urlsafe(24))
    return numbers


def _not_after(txn: "Connection", page: Page) -> int:
    """Return until when a page goes out; that the clock was set forward makes it no older."""
    return page.caused_at + LATE_AFTER_MS + clock_steps.set_forward_since(txn, page.caused_at)


def _words(txn: "Connection", ticket: Ticket) -> str:
    heard_last = [entry.transcript for entry in tickets.entries(txn, ticket.id) if entry.transcript is not None]
    return str(heard_last[-1].get("text") or "") if heard_last else ""


def _told(person: Person, number: int, chain: tuple[Step, ...]) -> str:
    ways = ", ".join(f"{way.kind} to {way.to}" for way in person.ways)
    wait = duration(chain[number - 1].wait)
    what = "the next step" if number < len(chain) else "giving up"
    return f"By {ways}. Step {number} of {len(chain)}; {what} in {wait}."


def _unanswered(txn: "Connection", policy: Policy, page: Page, ticket: Ticket, at: int) -> None:
    _end(txn, page, "nobody acknowledged", at)
    said = f"nobody has acknowledged the page of {ticket.ref}, and there is nobody left to page"
    notices.to_staff(txn, policy, ticket, sentences=(said,), at=at)


def _end(txn: "Connection", page: Page, why: str, at: int) -> None:
    pages.change(txn, page.id, state="ended", ended_at=at, ended_by=None)
    for item in pages.items(txn, page.id):
        outbox.withdraw(txn, item.item_id, f"no longer paged: {why}")
    if page.ticket_id is not None:
        _say(txn, page.ticket_id, at, "paging ended", f"{why[:1].upper()}{why[1:]}.")


def acknowledge(txn: "Connection", page_id: int, *, by: str, how: str, at: int) -> bool:
    """End a page because somebody has it; tell whether they were the first. `how` is a sentence for the ticket."""
    page = pages.get(txn, page_id, for_update=True)
    if page.state == "acknowledged":
        return False
    pages.change(txn, page.id, state="acknowledged", ended_at=at, ended_by=by)
    for item in pages.items(txn, page.id):
        outbox.withdraw(txn, item.item_id, f"acknowledged by {by}")
        rows.change(txn, item.item_id, acknowledged_at=at, acknowledged_by=by)
    if page.ticket_id is not None:
        tickets.event(txn, page.ticket_id, at=at, actor=by, what="acknowledged", why=how)
    return True


def acknowledge_ticket(txn: "Connection", ticket_id: int, *, by: str, how: str, at: int) -> bool:
    """End the page of a ticket because somebody has it; False where it has none, or somebody had it already."""
    page = pages.of_ticket(txn, ticket_id)
    return page is not None and acknowledge(txn, page.id, by=by, how=how, at=at)


def try_out(txn: "Connection", policy: Policy, person: Person, *, at: int) -> list[int]:
    """Queue a page for a person that says that it is a test, by each of the ways; return the items' numbers."""
    return by_every_way(txn, policy, person, page_words.a_test, at=at)


def by_every_way(
    txn: "Connection", policy: Policy, person: Person, write: "Callable[[Way], Written]", *, at: int
) -> list[int]:
    """Queue a page that is about no ticket, by each of the ways; return the items' numbers."""
    page = pages.add(txn, NewPage(ticket_id=None, target=person.name, caused_at=at))
    assert page is not None  # no ticket, no other page of it
    return _queue(txn, policy, page, person, write, ticket=None, at=at)


def _say(txn: "Connection", ticket_id: int, at: int, what: str, why: str) -> None:
    tickets.event(txn, ticket_id, at=at, actor="inboxd", what=what, why=why)
