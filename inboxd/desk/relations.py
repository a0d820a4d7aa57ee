"""Tickets that are one, or two, or belong together, and whose they are. `undoing` takes the last such step back."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from inboxd import addresses, answers, filing, spoken, summary
from inboxd.call_story import place_call
from inboxd.clocks import clocks
from inboxd.desk.arguments import Limit
from inboxd.desk.context import Context
from inboxd.desk.ticket_changes import change
from inboxd.desk.tickets import show
from inboxd.errors import InboxdError, UsageWrong
from inboxd.identity import identify
from inboxd.identity.identify import Identity
from inboxd.intake.door import moment, now_ms
from inboxd.intake.envelope import Envelope
from inboxd.joining import merging, thread_evidence
from inboxd.joining.merging import By
from inboxd.staff import take_back
from inboxd.staff.staff_changes import Change, demand_unmerged
from rules.decide import decide
from rules.decision import Decision
from rules.facts import Facts
from store import intake, ticket_links, tickets, traces
from store.ticket_links import Link
from store.tickets import Entry, NewTicket, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

_BY_PERSON: Final = frozenset({"note", "reply"})


def merge(context: Context, ref: str, into: str) -> dict[str, Any]:
    """Put the entries of one ticket into another and close it; whatever names it from now on means the other."""

    def write(txn: "Connection") -> None:
        gone, stays = _both(txn, ref, into)
        _demand_same_account(gone, stays)
        demand_heard(gone, tickets.entries(txn, gone.id), "merge it")
        # What waits for an answer must not end on a ticket that nobody looks at.
        reopens = gone.status == "open" and stays.status != "open"
        was = take_back.before(stays, Change(fields={"status": "open"})) if reopens else None
        merging.merge(txn, gone, stays, by=by(context), at=now_ms(), reopened=was)
        if reopens:
            change(txn, context, tickets.get_by_id(txn, stays.id), {"status": "open"}, undoable=False)

    context.store.write(write)
    return show(context, into)


def split(context: Context, ref: str, entry: Limit) -> dict[str, Any]:
    """Open a ticket of its own for one entry, counted from 1 as the ticket shows them; the rules decide about it."""

    def write(txn: "Connection") -> str:
        ticket = tickets.get(txn, ref, for_update=True)
        demand_unmerged(txn, ticket)
        found = tickets.entries(txn, ticket.id)
        if not entry <= len(found):
            raise UsageWrong(f"{ticket.ref} has entries 1 to {len(found)}: name another")
        chosen, opened = found[entry - 1], place_call.opening(txn, ticket.id) or found[0]
        if chosen.id == opened.id:
            raise UsageWrong(f"{ticket.ref} was opened with entry {entry}, which stays: name another")
        if chosen.kind in _BY_PERSON or chosen.kind == "confirmation":
            raise InboxdError(f"entry {entry} is a {chosen.kind}: what becomes a ticket came from outside")
        demand_heard(ticket, [chosen], "split it")
        at = now_ms()
        new, decision = _opened(txn, context, ticket, chosen)
        ticket_links.move_wholly(txn, [chosen.id], new.id)
        ticket_links.add(txn, Link(ticket_id=new.id, other_id=ticket.id, kind="split", at=at, by=context.staff_name))
        there = {"kind": "there", "ticket": new.id}
        _say(txn, context, ticket, f"split: entry {entry} is {new.ref}", at, undo=there)
        undo = {"kind": "split", "from": ticket.id, "entry": chosen.id}
        _say(txn, context, new, f"split off {ticket.ref}", at, undo=undo)
        # What was asked on the ticket that it leaves asked about that one.
        answers.after_staff(txn, context.policy.current, new, decision, at=at)
        return new.ref

    return show(context, context.store.write(write))


def link(context: Context, ref: str, other: str) -> dict[str, Any]:
    """Say on both tickets that they belong together; nothing else changes."""

    def write(txn: "Connection") -> None:
        one, two = _both(txn, ref, other)
        at = now_ms()
        ticket_links.add(txn, Link(ticket_id=one.id, other_id=two.id, kind="linked", at=at, by=context.staff_name))
        _say(txn, context, one, f"linked with {two.ref}", at, undo={"kind": "link", "other": two.id})
        _say(txn, context, two, f"linked with {one.ref}", at, undo={"kind": "there", "ticket": one.id})

    context.store.write(write)
    return show(context, ref)


def requester(context: Context, ref: str, address: str, name: str | None = None) -> dict[str, Any]:
    """Say who asks: answers go there from now on. Whose account it is, and what is proven, stays as it is."""
    problem = addresses.problem(address, dotless=True)
    if problem is not None:
        raise UsageWrong(f"requester: {problem}")

    def write(txn: "Connection") -> None:
        ticket = tickets.get(txn, ref, for_update=True)
        demand_unmerged(txn, ticket)
        at = now_ms()
        now = {**ticket.requester, "address": addresses.shown(address), "name": name}
        tickets.update(txn, ticket.id, at=at, requester=now)
        undo = {"kind": "requester", "was": ticket.requester}
        _say(txn, context, ticket, f"requester {addresses.shown(address)}", at, undo=undo)

    context.store.write(write)
    return show(context, ref)


def by(context: Context) -> By:
    """Return who does it."""
    return By(name=context.staff_name, actor=context.actor, calendars=context.policy.current.rules.calendars)


def _both(txn: "Connection", ref: str, other: str) -> tuple[Ticket, Ticket]:
    """Give both tickets, locked in the order of their numbers: two people at once must not wait for each other."""
    numbers = [tickets.get(txn, each).id for each in (ref, other)]
    if numbers[0] == numbers[1]:
        raise UsageWrong("both are the same ticket: name two")
    locked = {number: tickets.get_by_id(txn, number, for_update=True) for number in sorted(numbers)}
    for each in locked.values():
        demand_unmerged(txn, each)
    return locked[numbers[0]], locked[numbers[1]]


def _demand_same_account(gone: Ticket, stays: Ticket) -> None:
    if gone.account is not None and stays.account is not None and gone.account["id"] != stays.account["id"]:
        theirs = f"{gone.ref} is of {gone.account['id']}, {stays.ref} of {stays.account['id']}"
        raise InboxdError(f"{theirs}: one customer would read what is the other's")


def demand_heard(ticket: Ticket, moved: Sequence[Entry], what: str) -> None:
    """Let no entry move while its recogniser runs. Raises InboxdError; `what` is what the person wants to do."""
    if any(each.kind == "voicemail" and each.transcript is None for each in moved):
        raise InboxdError(f"{ticket.ref} waits for its transcript: {what} when that is there")


def _opened(txn: "Connection", context: Context, ticket: Ticket, entry: Entry) -> tuple[Ticket, Decision]:
    """Open the ticket of an entry, decided by the rules as if the entry had opened it."""
    policy = context.policy.current
    # By the entry alone: what came by a merge was decided on the ticket that it came from.
    found = traces.of_entry(txn, entry.id)
    if not found:
        raise InboxdError("how that entry was decided is not known, so it cannot be a ticket of its own")
    # What people set on the ticket that it leaves was said neither of this one nor of who wrote it.
    seen = filing.facts_again(found[-1].body, replace(ticket, staff_set=()), entry)
    decision = decide(policy.rules, seen)
    columns = filing.columns(decision)
    day = policy.day_of(moment(entry.at))
    if seen.channel == "voicemail":
        address = None
        who = identify.by_caller(policy.directory, seen.caller, day, words=seen.text)
        name = who.contact.name if who.contact else None
        number = spoken.callback_in(seen.text, near=seen.caller or seen.called) or seen.caller
    else:
        address, name = entry.author, None
        number = filing.number_in_mail(entry.reply_text or "", policy.rules)
        who = identify.by_address(policy.directory, entry.author or "nobody", day)
    new = NewTicket(
        channel=seen.channel,
        source=seen.source,
        subject=_subject(txn, ticket, entry, seen, who),
        requester={"address": address, "name": name, "phone": who.phone},
        identity=entry.identity or {"by": None, "evidence": []},
        authentication=entry.authentication or {},
        callback=filing.callback(number, decision, columns["clocks"]),
        created_at=entry.at,
        **filing.who(who),
        **columns,
    )
    opened = tickets.open_ticket(txn, new)
    clocks.watch(txn, opened)
    return opened, decision


def _subject(txn: "Connection", ticket: Ticket, entry: Entry, seen: Facts, who: Identity) -> str:
    """Return what the ticket of an entry would be called, had it come alone.

    An answer keeps the subject that it answers. What came by a merge does not: its author is not to read what the other
    ticket is about, whatever reference he has quoted.
    """
    if seen.channel == "voicemail":
        assert entry.intake_id is not None
        envelope = Envelope.of(intake.get(txn, entry.intake_id).envelope)
        return summary.of_entry(envelope, entry.transcript, filing.who(who)["account"], by=who.by)
    own = thread_evidence.without_references(seen.subject)
    return own if own and not thread_evidence.same_subject(own, ticket.subject) else ticket.subject


def _say(
    txn: "Connection", context: Context, ticket: Ticket, what: str, at: int, *, undo: dict[str, Any] | None = None
) -> None:
    tickets.event(txn, ticket.id, at=at, actor=context.actor, what=what, undo=undo)
