"""What a person changes on a ticket, by command or by mail: written, attributed, and decided again by the rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from inboxd import answers, decide_again
from inboxd.clocks import clocks
from inboxd.errors import InboxdError
from inboxd.policy.policy import Policy
from inboxd.staff import take_back
from inboxd.staff_tags import StaffTags
from store import ticket_links, tickets
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is changed; `settled` are the columns of an account that a person names, with the events of that."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    tag: Iterable[str] = ()
    untag: Iterable[str] = ()
    called: bool = False
    settled: Mapping[str, Any] | None = None
    events: Iterable[str] = ()


def change(
    txn: "Connection",
    policy: Policy,
    ticket: Ticket,
    wanted: Change,
    *,
    actor: str,
    name: str,
    at: int,
    undoable: bool = True,
) -> None:
    """Write what a person decided, each with its event; then the rules decide again, from the same start.

    `actor` stands in the events, `name` is the one that staff go by; `at` in milliseconds. Raises InboxdError for a
    ticket that was merged into another. `undoable` False: the change belongs to a step that takes it back as well.
    """
    demand_unmerged(txn, ticket)
    columns: dict[str, Any] = dict(wanted.fields)
    running, calendars = ticket.clocks, policy.rules.calendars
    shown = dict(wanted.fields)
    if "priority" in shown:
        shown["priority"] = policy.rules.scale.name(shown["priority"])
        columns["priority_by"] = f"staff {name}"
    events = [f"{field} {value}" for field, value in shown.items()]
    events += [f"tag {each}" for each in wanted.tag] + [f"untag {each}" for each in wanted.untag]
    staff_set = {*ticket.staff_set, *(take_back.DECIDED & wanted.fields.keys())}
    if "status" in columns:
        columns["closed_at"] = at if columns["status"] == "closed" else None
        running = clocks.moved(running, columns["status"], at, calendars)
    if wanted.settled is not None:
        columns |= wanted.settled
        staff_set.add("account")
    events += wanted.events
    if wanted.called:
        running = clocks.happened(running, "call", at, calendars)
        columns["callback"] = {**ticket.callback, "made": ticket.callback["made"] + 1}
        events.append("called")
    tags = StaffTags.of(ticket.staff_set).changed(wanted.tag, wanted.untag)
    columns["tags"] = tags.over(ticket.tags)
    columns["staff_set"] = tags.kept(staff_set)
    if running != ticket.clocks:
        columns["clocks"] = running
        columns["callback"] = {**columns.get("callback", ticket.callback), "due_at": clocks.callback_due(running)}
    changed = tickets.update(txn, ticket.id, at=at, **columns)
    clocks.watch(txn, changed, ticket.clocks)
    undo = take_back.before(ticket, wanted) if undoable else None
    for number, what in enumerate(events, start=1):
        back = undo if number == len(events) else None
        tickets.event(txn, ticket.id, at=at, actor=actor, what=what, why=None, undo=back)
    was, now = (ticket.account or {}).get("id"), (changed.account or {}).get("id")
    whose: decide_again.Whose = "as before"
    if wanted.settled is not None:
        whose = "another's" if was is not None and was != now else "settled"
    decision = decide_again.after_staff(txn, changed, policy, at=at, whose=whose)
    if decision is not None:
        after = tickets.get_by_id(txn, ticket.id)
        if wanted.settled is not None:
            answers.after_staff(txn, policy, after, decision, at=at)
        answers.tell_customer(txn, policy, after, decision, at=at)


def demand_unmerged(txn: "Connection", ticket: Ticket) -> None:
    """Raise InboxdError for a ticket that was merged into another: whatever is done belongs there."""
    into = ticket_links.survivor(txn, ticket)
    if into.id != ticket.id:
        raise InboxdError(f"{ticket.ref} was merged into {into.ref}: work on that one")
