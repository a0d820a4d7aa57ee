"""What a person changes on a ticket: written, attributed, and decided again by the rules where no person has spoken."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from inboxd import answers, clocks, decide_again
from inboxd.accounts import authorized_on
from inboxd.desk.context import Context
from inboxd.desk.settle import Settled
from inboxd.intake import moment, now_ms
from inboxd.staff_tags import StaffTags
from store import tickets
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

# What a rule decides, too, and no more once a person has. (Tags are remembered one by one.)
_DECIDED: Final = frozenset({"priority", "type", "queue", "assignee"})


def change(
    txn: "Connection",
    context: Context,
    ticket: Ticket,
    changes: dict[str, Any],
    *,
    tag: Iterable[str] = (),
    untag: Iterable[str] = (),
    called: bool = False,
    who: Settled | None = None,
) -> None:
    """Write what a person decided, each with its event; then the rules decide again, from the same start."""
    at = now_ms()
    columns = dict(changes)
    running, calendars = ticket.clocks, context.policy.current.rules.calendars
    shown = changes
    if "priority" in changes:
        shown = {**changes, "priority": context.policy.current.rules.scale.name(changes["priority"])}
    events = [f"{name} {value}" for name, value in shown.items()]
    events += [f"tag {each}" for each in tag] + [f"untag {each}" for each in untag]
    staff_set = {*ticket.staff_set, *(_DECIDED & changes.keys())}
    if "priority" in changes:
        columns["priority_by"] = f"staff {context.staff_name}"
    if "status" in changes:
        columns["closed_at"] = at if changes["status"] == "closed" else None
        running = clocks.moved(running, changes["status"], at, calendars)
    if who is not None:
        columns |= _settled(context, ticket, who)
        staff_set.add("account")
        events += [f"account {who.told}", *([who.remembered] if who.remembered else [])]
    if called:
        running = clocks.happened(running, "call", at, calendars)
        columns["callback"] = {**ticket.callback, "made": ticket.callback["made"] + 1}
        events.append("called")
    tags = StaffTags.of(ticket.staff_set).changed(tag, untag)
    columns["tags"] = tags.over(ticket.tags)
    columns["staff_set"] = tags.kept(staff_set)
    if running != ticket.clocks:
        columns["clocks"] = running
        columns["callback"] = {**columns.get("callback", ticket.callback), "due_at": clocks.callback_due(running)}
    changed = tickets.update(txn, ticket.id, at=at, **columns)
    clocks.watch(txn, changed, ticket.clocks)
    for what in events:
        tickets.event(txn, ticket.id, at=at, actor=context.actor, what=what, why=None)
    policy = context.policy.current
    decision = decide_again.after_staff(txn, changed, policy, at=at)
    if decision is not None:
        after = tickets.get_by_id(txn, ticket.id)
        if who is not None:
            answers.after_settling(txn, policy, after, decision, at=at)
        answers.tell_customer(txn, policy, after, decision, at=at)


def _settled(context: Context, ticket: Ticket, who: Settled) -> dict[str, Any]:
    """Return the columns of an account that a person names; what is proven stays as it is."""
    contact, shown = who.contact, None
    if contact is not None:
        allowed = authorized_on(contact, context.policy.current.day_of(moment(ticket.created_at)))
        shown = {"id": contact.id, "name": contact.name, "authorized": allowed, "role": contact.role}
    evidence = (*ticket.identity.get("evidence", ()), f"{context.staff_name} settled it: {who.told}.")
    return {
        "account": {"id": who.account.id, "name": who.account.name, "plan": who.account.plan},
        "contact": shown,
        "identity": {**ticket.identity, "by": "staff", "evidence": list(evidence)},
    }
