"""The rules decide again about a ticket, from the same start, after something about it has become known.

The facts are those of the entry that opened it, or of the call that raised it, with what people have set since; what a
person has set stays, and so do clocks that are met.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from inboxd import confirm, filing, old_mail
from inboxd.clocks import clocks
from inboxd.judging import rights_again
from inboxd.policy.policy import Policy
from rules.decide import decide
from rules.decision import Decision
from store import tickets, traces
from store.tickets import Ticket
from store.traces import Trace

if TYPE_CHECKING:
    from sqlalchemy import Connection


Whose = Literal["as before", "settled", "another's"]


def after_staff(
    txn: "Connection", ticket: Ticket, policy: Policy, *, at: int, whose: Whose = "as before"
) -> Decision | None:
    """Decide again after a person's change; None for a ticket that no decision opened. `at` in milliseconds.

    `whose` the ticket is, after a person said so: what is allowed for that account comes to what was allowed already,
    or, where it was another customer's before, takes its place: what the one proved frees nothing of the other.
    """
    here = {each.id: each for each in tickets.entries(txn, ticket.id)}
    # What was decided about an entry that has become a ticket of its own decides there.
    found = [each for each in traces.of_ticket(txn, ticket.id) if each.entry_id in here]
    if not found:
        return None
    deciding = _deciding(found, ticket)
    assert deciding.entry_id is not None
    entry = here[deciding.entry_id]
    seen = filing.facts_again(deciding.body, ticket, entry)
    seen = replace(seen, confirmed=confirm.stands(txn, ticket.id))
    decision = old_mail.again(decide(policy.rules, seen), found[0].body)
    # What a mail has opened may hold a call alone: the mail was split off what it was merged into.
    if deciding.entry_id != found[0].entry_id or (entry.kind == "voicemail" and ticket.channel == "email"):
        decision = filing.by_call(decision)
    changes = filing.changes(ticket, decision, policy.rules.calendars, at=at)
    if whose != "as before":
        rights = _rights(txn, ticket, policy, whose)
        if gained := [each for each in rights["actions_allowed"] if each not in ticket.actions_allowed]:
            why = f"Whose the ticket is was settled, and what is proven of it allows: {', '.join(gained)}."
            tickets.event(txn, ticket.id, at=at, actor="inboxd", what="rights counted again", why=why)
        changes |= rights
    if changes:
        clocks.watch(txn, tickets.update(txn, ticket.id, at=at, **changes), ticket.clocks)
    what = ", ".join(sorted(set(changes) & set(filing.DECIDED_FIELDS)))
    if what:
        why = f"After a person's change the rules change {what}."
        tickets.event(txn, ticket.id, at=at, actor="inboxd", what="decided again", why=why)
        body = filing.trace(seen, decision, tuple(ticket.identity["evidence"]))
        filing.record_again(txn, entry, ticket.id, deciding.body, body, at=at)
    return decision


def _rights(txn: "Connection", ticket: Ticket, policy: Policy, whose: Whose) -> dict[str, Any]:
    """Return the columns of what may be done, where they change."""
    rights = rights_again.of_account(txn, ticket, policy)
    if whose == "settled":
        allowed = tuple(dict.fromkeys((*ticket.actions_allowed, *rights["actions_allowed"])))
        blocked = {name: why for name, why in (rights["actions_blocked"] or {}).items() if name not in allowed}
        rights = {"actions_allowed": allowed, "actions_blocked": blocked or None}
    return rights


def _deciding(found: Sequence[Trace], ticket: Ticket) -> Trace:
    """Return the last decision about the entry whose facts count, with its words once they were heard.

    That is the one that opened the ticket, or the call that joined it and raised its priority.
    """
    entry_id = found[0].entry_id
    if ticket.priority_by.startswith("call "):
        raised = [trace for trace in found if trace.body["decision"]["priority"] == ticket.priority]
        entry_id = raised[-1].entry_id if raised else entry_id
    return [trace for trace in found if trace.entry_id == entry_id][-1]
