"""Taking the last step back that somebody took on a ticket: a change, a reply, a merge, a split, a link, who asked.

A change of which nothing stands any more, since others have changed the same, is a step no more.
"""

from typing import TYPE_CHECKING, Any

from inboxd import outbox, summary
from inboxd.call_story import place_call
from inboxd.clocks import clocks
from inboxd.desk.context import Context
from inboxd.desk.relations import by, demand_heard
from inboxd.desk.tickets import show
from inboxd.errors import InboxdError
from inboxd.intake.door import now_ms
from inboxd.intake.envelope import Envelope
from inboxd.joining import merging
from inboxd.oncall import paging
from inboxd.staff import take_back
from inboxd.staff.staff_changes import demand_unmerged
from store import confirmations, intake, ticket_links, tickets
from store.ticket_links import Link
from store.tickets import Entry, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection


def undo(context: Context, ref: str) -> dict[str, Any]:
    """Take the last step back of which anything stands: see the module. Raises InboxdError.

    Returns the ticket that stands then: of a split, the one that the entry came from.
    """

    def write(txn: "Connection") -> str:
        ticket = tickets.get(txn, ref, for_update=True)
        at = now_ms()
        past: list[str] = []
        for step in tickets.undoable(txn, ticket.id):
            was = step.undo or {}
            if was["kind"] == "there":
                if not _undone_there(txn, context, ticket, was, at):
                    continue  # somebody undid it on the other ticket
                shown = ticket
                tickets.event(txn, ticket.id, at=at, actor=context.actor, what=f"undone: {step.what}")
            elif was["kind"] != "change":
                shown = _back(txn, context, ticket, was, at)
                tickets.event(txn, ticket.id, at=at, actor=context.actor, what=f"undone: {step.what}")
            else:
                demand_unmerged(txn, ticket)
                shown = ticket
                policy = context.policy.current
                stood, stays = take_back.take_back(txn, policy, ticket, was, actor=context.actor, at=at)
                if not stood:
                    past.append(stays)
                    continue
            tickets.undone(txn, step.id, at)
            return shown.ref
        since = "".join(f"; {each}" for each in past)
        raise InboxdError(
            f"nothing of {ticket.ref} can be undone{since}: a reply that has not gone, a merge, split, link, requester "
            "and what `tickets set` changed can; whose it is, is said again, and a call stays counted"
        )

    return show(context, context.store.write(write))


def _undone_there(txn: "Connection", context: Context, ticket: Ticket, was: dict[str, Any], at: int) -> bool:
    """Undo a merge, split or link that the other ticket keeps; False where it keeps none that still stands."""
    other = tickets.get_by_id(txn, was["ticket"], for_update=True)
    with_this = {("merge", "into"), ("split", "from"), ("link", "other")}
    for step in tickets.undoable(txn, other.id):
        kept = step.undo or {}
        if any(kept["kind"] == kind and kept[name] == ticket.id for kind, name in with_this):
            _back(txn, context, other, kept, at)
            tickets.event(txn, other.id, at=at, actor=context.actor, what=f"undone: {step.what}")
            tickets.undone(txn, step.id, at)
            return True
    return False


def _back(txn: "Connection", context: Context, ticket: Ticket, was: dict[str, Any], at: int) -> Ticket:
    match was["kind"]:
        case "reply":
            _unsend(txn, context, ticket, was, at)
        case "merge":
            _unmerge(txn, context, ticket, was, at)
        case "split":
            return _unsplit(txn, context, ticket, was, at)
        case "link":
            ticket_links.remove(txn, ticket.id, was["other"], "linked")
        case "requester":
            tickets.update(txn, ticket.id, at=at, requester=was["was"])
    return ticket


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
    if was.get("change") is not None:
        policy, now = context.policy.current, tickets.get_by_id(txn, ticket.id)
        take_back.take_back(txn, policy, now, was["change"], actor=context.actor, at=at)


def _unmerge(txn: "Connection", context: Context, ticket: Ticket, was: dict[str, Any], at: int) -> None:
    # The ticket that took it in may have gone into a third one since; what was split off stays a ticket of its own.
    there = tickets.entries(txn, ticket_links.locked(txn, was["into"]).id)
    back = [each.id for each in there if each.id in was["entries"]]
    if was["entries"] and not back:
        raise InboxdError(f"all that {ticket.ref} held is split off by now: there is nothing to give back to it")
    # Wholly: what was split off meanwhile and put back answers for the ticket that had taken it in.
    ticket_links.move_wholly(txn, back, ticket.id)
    _sound_goes_along(txn, ticket, there, back, at)
    confirmations.move(txn, was.get("questions", ()), ticket.id)
    _give_back(txn, context, was, at)
    ticket_links.remove(txn, ticket.id, was["into"], "merged")
    _heard_apart(txn, ticket, was)
    if was.get("page") is not None:
        moved = paging.Moved(page=was["page"], aside=was.get("aside"))
        paging.parted(txn, context.policy.current, moved, ticket, at=at)
    columns = {"status": was["status"], "closed_at": was["closed_at"], "clocks": tuple(was["clocks"])}
    clocks.watch(txn, tickets.update(txn, ticket.id, at=at, **columns), ticket.clocks)


def _sound_goes_along(txn: "Connection", ticket: Ticket, there: list[Entry], back: list[int], at: int) -> None:
    """Let the sound that has come since for a call that stood without it go back with its call."""
    silent, others = ([each for each in there if (each.id in back) is wanted] for wanted in (True, False))
    sounds = place_call.sounds_of(txn, silent, others)
    demand_heard(ticket, sounds, "undo that")
    for each in sounds:
        assert each.intake_id is not None
        ticket_links.move_wholly(txn, [each.id], ticket.id)
        intake.conclude(txn, each.intake_id, status="threaded", ticket_id=ticket.id)
        envelope = Envelope.of(intake.get(txn, each.intake_id).envelope)
        place_call.remember_ticket(txn, envelope, ticket.id)
        if place_call.is_opened_for(txn, ticket.id, each.id):
            by_whom = None if "account" in ticket.staff_set else ticket.identity["by"]
            line = summary.of_entry(envelope, each.transcript, ticket.account, by=by_whom)
            tickets.update(txn, ticket.id, at=at, subject=line)


def _give_back(txn: "Connection", context: Context, was: dict[str, Any], at: int) -> None:
    """Put back what a merge did to the ticket that took the other in, where nothing has come to that since."""
    if "last" not in was:  # it brought nothing there (`proven_late`)
        return
    if any(each.id > was["last"] for each in tickets.entries(txn, was["into"])):
        return
    if "actions" in was:
        allowed, blocked = was["actions"]
        tickets.update(txn, was["into"], at=at, actions_allowed=tuple(allowed), actions_blocked=blocked)
    if was.get("reopened") is not None:
        policy, stays = context.policy.current, tickets.get_by_id(txn, was["into"])
        take_back.take_back(txn, policy, stays, was["reopened"], actor=context.actor, at=at)


def _heard_apart(txn: "Connection", ticket: Ticket, was: dict[str, Any]) -> None:
    """Put back what a call that was merged by its words became (`join_after_hearing`)."""
    for intake_id in was.get("intakes", ()):
        intake.conclude(txn, intake_id, status="filed", ticket_id=ticket.id)


def _unsplit(txn: "Connection", context: Context, ticket: Ticket, was: dict[str, Any], at: int) -> Ticket:
    from_it = ticket_links.locked(txn, was["from"])
    if from_it.id == ticket.id:
        raise InboxdError(f"what it was split off was merged into it: undo that first, on {_ref(txn, was['from'])}")
    gone_to = ticket_links.survivor(txn, ticket)
    if gone_to.id != ticket.id:
        raise InboxdError(f"{ticket.ref} was merged into {gone_to.ref} since: undo that first, on {ticket.ref}")
    found = tickets.entries(txn, ticket.id)
    demand_heard(ticket, found, "undo that")
    merging.take_away(txn, ticket, from_it, by=by(context), at=at)
    # What has come since goes along: nobody looks on a ticket that another one stands for.
    ticket_links.move_wholly(txn, [each.id for each in found], from_it.id)
    confirmations.move(txn, [each.id for each in confirmations.of_ticket(txn, ticket.id)], from_it.id)
    link = Link(ticket_id=ticket.id, other_id=from_it.id, kind="merged", at=at, by=context.staff_name)
    ticket_links.add(txn, link)
    merging.close(txn, ticket, by=by(context), at=at)
    return from_it


def _ref(txn: "Connection", ticket_id: int) -> str:
    return tickets.get_by_id(txn, ticket_id).ref
