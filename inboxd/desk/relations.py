"""Tickets that are one, or two, or belong together; whose they are; and taking the last such step back."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from inboxd import addresses, filing, outbox, spoken
from inboxd.clocks import clocks
from inboxd.desk.arguments import Limit
from inboxd.desk.context import Context
from inboxd.desk.tickets import show
from inboxd.errors import InboxdError, UsageWrong
from inboxd.identity import identify
from inboxd.intake.door import moment, now_ms
from inboxd.joining import merging
from inboxd.joining.merging import By
from inboxd.staff.staff_changes import demand_unmerged
from rules.decide import decide
from store import confirmations, intake, ticket_links, tickets, traces
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
        _demand_heard(gone, tickets.entries(txn, gone.id), "merge")
        merging.merge(txn, gone, stays, by=_by(context), at=now_ms())

    context.store.write(write)
    return show(context, into)


def split(context: Context, ref: str, entry: Limit) -> dict[str, Any]:
    """Open a ticket of its own for one entry, counted from 1 as the ticket shows them; the rules decide about it."""

    def write(txn: "Connection") -> str:
        ticket = tickets.get(txn, ref, for_update=True)
        demand_unmerged(txn, ticket)
        found = tickets.entries(txn, ticket.id)
        if not 2 <= entry <= len(found):
            raise UsageWrong(f"{ticket.ref} has entries 1 to {len(found)}, and the first one stays: name another")
        chosen = found[entry - 1]
        if chosen.kind in _BY_PERSON or chosen.kind == "confirmation":
            raise InboxdError(f"entry {entry} is a {chosen.kind}: what becomes a ticket came from outside")
        _demand_heard(ticket, [chosen], "split")
        at = now_ms()
        new = _opened(txn, context, ticket, chosen)
        ticket_links.move_entries(txn, [chosen.id], new.id)
        ticket_links.move_messages(txn, [chosen.id], new.id)
        traces.move(txn, chosen.id, new.id)
        ticket_links.add(txn, Link(ticket_id=new.id, other_id=ticket.id, kind="split", at=at, by=context.staff_name))
        _say(txn, context, ticket, f"split: entry {entry} is {new.ref}", at)
        undo = {"kind": "split", "from": ticket.id, "entry": chosen.id}
        _say(txn, context, new, f"split off {ticket.ref}", at, undo=undo)
        return new.ref

    return show(context, context.store.write(write))


def link(context: Context, ref: str, other: str) -> dict[str, Any]:
    """Say on both tickets that they belong together; nothing else changes."""

    def write(txn: "Connection") -> None:
        one, two = _both(txn, ref, other)
        at = now_ms()
        ticket_links.add(txn, Link(ticket_id=one.id, other_id=two.id, kind="linked", at=at, by=context.staff_name))
        _say(txn, context, one, f"linked with {two.ref}", at, undo={"kind": "link", "other": two.id})
        _say(txn, context, two, f"linked with {one.ref}", at)

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


def undo(context: Context, ref: str) -> dict[str, Any]:
    """Take the last reply, merge, split, link or change of requester of a ticket back. Raises InboxdError."""

    def write(txn: "Connection") -> str:
        ticket = tickets.get(txn, ref, for_update=True)
        last = tickets.last_undoable(txn, ticket.id)
        if last is None or last.undo is None:
            raise InboxdError(
                f"nothing of {ticket.ref} can be undone: a reply, merge, split, link, or its requester can"
            )
        at = now_ms()
        shown = _undo(txn, context, ticket, last.undo, at)
        tickets.undone(txn, last.id, at)
        _say(txn, context, ticket, f"undone: {last.what}", at)
        return shown

    return show(context, context.store.write(write))


def _undo(txn: "Connection", context: Context, ticket: Ticket, was: dict[str, Any], at: int) -> str:
    match was["kind"]:
        case "reply":
            _unsend(txn, context, ticket, was, at)
        case "merge":
            ticket_links.move_entries(txn, was["entries"], ticket.id)
            confirmations.move(txn, was.get("questions", ()), ticket.id)
            _give_back(txn, was, at)
            ticket_links.remove(txn, ticket.id, was["into"], "merged")
            _heard_apart(txn, ticket, was)
            columns = {"status": was["status"], "closed_at": was["closed_at"], "clocks": tuple(was["clocks"])}
            before = ticket.clocks
            clocks.watch(txn, tickets.update(txn, ticket.id, at=at, **columns), before)
        case "split":
            from_it = tickets.get_by_id(txn, was["from"], for_update=True)
            merging.take_away(txn, ticket, from_it, by=_by(context), at=at)
            ticket_links.move_entries(txn, [was["entry"]], was["from"])
            ticket_links.move_messages(txn, [was["entry"]], was["from"])
            traces.move(txn, was["entry"], was["from"])
            # It stands for the one it came from now: whoever has its reference is led there.
            ticket_links.add(
                txn, Link(ticket_id=ticket.id, other_id=was["from"], kind="merged", at=at, by=context.staff_name)
            )
            merging.close(txn, ticket, by=_by(context), at=at)
            return tickets.get_by_id(txn, was["from"]).ref
        case "link":
            ticket_links.remove(txn, ticket.id, was["other"], "linked")
        case "requester":
            tickets.update(txn, ticket.id, at=at, requester=was["was"])
    return ticket.ref


def _by(context: Context) -> By:
    return By(name=context.staff_name, actor=context.actor, calendars=context.policy.current.rules.calendars)


def _heard_apart(txn: "Connection", ticket: Ticket, was: dict[str, Any]) -> None:
    """Put back what a call that was merged by its words became (`join_after_hearing`)."""
    for intake_id in was.get("intakes", ()):
        intake.conclude(txn, intake_id, status="filed", ticket_id=ticket.id)
    for entry_id in was["entries"]:
        traces.move(txn, entry_id, ticket.id)


def _unsend(txn: "Connection", context: Context, ticket: Ticket, was: dict[str, Any], at: int) -> None:
    reason = f"undone by {context.staff_name}"
    if not all(outbox.withdraw(txn, number, reason) for number in was["items"]):
        raise InboxdError("the reply has gone already: nothing was taken back")
    # What was never said stays to be read, as a note.
    tickets.set_kind(txn, was["entry"], "note")
    running = tuple(
        {**clock, "met_at": None, "spent": None} if clock["met"] == "reply" and clock["met_at"] == was["at"] else clock
        for clock in ticket.clocks
    )
    columns = clocks.columns(ticket, running)
    if columns:
        clocks.watch(txn, tickets.update(txn, ticket.id, at=at, **columns), ticket.clocks)


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


def _give_back(txn: "Connection", was: dict[str, Any], at: int) -> None:
    """Allow again what a merge took away, where nothing has come to the ticket since."""
    if "actions" in was and all(each.id <= was["last"] for each in tickets.entries(txn, was["into"])):
        allowed, blocked = was["actions"]
        tickets.update(txn, was["into"], at=at, actions_allowed=tuple(allowed), actions_blocked=blocked)


def _demand_heard(ticket: Ticket, moved: Sequence[Entry], what: str) -> None:
    if any(each.kind == "voicemail" and each.transcript is None for each in moved):
        raise InboxdError(f"{ticket.ref} waits for its transcript: {what} it when that is there")


def _opened(txn: "Connection", context: Context, ticket: Ticket, entry: Entry) -> Ticket:
    """Open the ticket of an entry, decided by the rules as if the entry had opened it."""
    policy = context.policy.current
    found = [each for each in traces.of_ticket(txn, ticket.id) if each.entry_id == entry.id]
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
        number = spoken.callback_in(seen.text, near=seen.caller or seen.called) or seen.caller
    else:
        address, number = entry.author, None
        who = identify.by_address(policy.directory, entry.author or "nobody", day)
    new = NewTicket(
        channel=seen.channel,
        source=seen.source,
        subject=ticket.subject,
        requester={"address": address, "name": None, "phone": who.phone},
        identity=entry.identity or {"by": None, "evidence": []},
        authentication=entry.authentication or {},
        callback=filing.callback(number, decision, columns["clocks"]),
        created_at=entry.at,
        **filing.who(who),
        **columns,
    )
    opened = tickets.open_ticket(txn, new)
    clocks.watch(txn, opened)
    return opened


def _say(
    txn: "Connection", context: Context, ticket: Ticket, what: str, at: int, *, undo: dict[str, Any] | None = None
) -> None:
    tickets.event(txn, ticket.id, at=at, actor=context.actor, what=what, undo=undo)
