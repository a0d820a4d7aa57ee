"""A decision put into a ticket: the columns it fills, and the trace that explains it afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from inboxd import spoken
from inboxd.clocks import clocks
from inboxd.identity.identify import Identity
from inboxd.misheard import meant
from inboxd.quoted_references import said
from inboxd.staff_tags import StaffTags
from rules.calendars import Calendar
from rules.decision import Decision
from rules.facts import Facts
from rules.ruleset import RuleSet
from store import tickets, traces
from store.tickets import Entry, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

# What a later decision may change, unless a person has set it.
DECIDED_FIELDS = ("queue", "type", "priority", "tags", "assignee")
# What customers say; what staff write takes nothing away and gives nothing.
FROM_CUSTOMERS = frozenset({"email", "voicemail", "confirmation"})


def columns(decision: Decision) -> dict[str, Any]:
    """Return the columns of a ticket that a decision fills; times in milliseconds."""
    return {
        "queue": decision.queue,
        "type": decision.type,
        "priority": decision.priority,
        "priority_by": decision.priority_by,
        "tags": decision.tags,
        "assignee": decision.assignee,
        "clocks": tuple(clocks.of_plan(plan) for plan in decision.clocks),
        "behind": int(decision.behind),
        **rights(decision),
    }


def rights(decision: Decision) -> dict[str, Any]:
    """Return the columns of what may be done, as the rules say of one entry."""
    return {"actions_allowed": decision.actions_allowed, "actions_blocked": dict(decision.actions_blocked) or None}


def changes(ticket: Ticket, decision: Decision, calendars: Mapping[str, Calendar], *, at: int) -> dict[str, Any]:
    """Return the columns that a later decision, made at `at` (ms), changes: never what a person has set.

    What has happened to a clock stays: see `clocks.carried`. What may be done follows from proof, which came with the
    entries and which neither the words of a recording nor a person's choice of queue or priority changes.
    """
    fresh = columns(decision)
    del fresh["actions_allowed"], fresh["actions_blocked"]
    if "priority" in ticket.staff_set:
        del fresh["priority_by"]
    for field in ticket.staff_set:
        fresh.pop(field, None)
    fresh["tags"] = StaffTags.of(ticket.staff_set).over(decision.tags)
    fresh["clocks"] = clocks.carried(ticket.clocks, fresh["clocks"], ticket.status, at, calendars)
    due_at = clocks.callback_due(fresh["clocks"])
    fresh["callback"] = {**ticket.callback, "due_at": due_at, "terms": decision.callback_terms}
    return {name: value for name, value in fresh.items() if value != getattr(ticket, name)}


def by_call(decision: Decision) -> Decision:
    """Return a decision about a call for a ticket that something else opened: a call may raise it, a mail may not."""
    return replace(decision, priority_by=decision.priority_by.replace("rule ", "call ", 1))


def without(ticket: Ticket, blocked: Mapping[str, str]) -> dict[str, Any]:
    """Return the columns of what may be done on a ticket when this is blocked, too."""
    both = {**(ticket.actions_blocked or {}), **blocked}
    return {
        "actions_allowed": tuple(action for action in ticket.actions_allowed if action not in both),
        "actions_blocked": both or None,
    }


def say_withheld(
    txn: "Connection", before: Ticket, changed: Mapping[str, Any], *, at: int, why: str, actor: str = "inboxd"
) -> None:
    """Note on a ticket which actions an entry took away, and why: its proof, as it is shown, may still be good."""
    left = changed.get("actions_allowed", before.actions_allowed)
    lost = [action for action in before.actions_allowed if action not in left]
    if lost:
        what = f"not allowed any more: {', '.join(lost)}"
        tickets.event(txn, before.id, at=at, actor=actor, what=what, why=why)


def say_allowed(txn: "Connection", before: Ticket, changed: Mapping[str, Any], *, at: int, why: str) -> None:
    """Note on a ticket which actions an entry gave, and why: the events would else tell of what was taken alone."""
    given = [each for each in changed.get("actions_allowed", ()) if each not in before.actions_allowed]
    if given:
        tickets.event(txn, before.id, at=at, actor="inboxd", what=f"allowed {', '.join(given)}", why=why)


def callback(number: str | None, decision: Decision, running: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the `callback` of a ticket; `due_at` is the callback clock's, None where there is none."""
    return {"number": number, "due_at": clocks.callback_due(running), "made": 0, "terms": decision.callback_terms}


def number_in_mail(text: str, rules: RuleSet) -> str | None:
    """Return the number that a mail asks to be called at, read as in the country of the desk's default line."""
    line = rules.line_of(None)
    return spoken.asked_in_writing(text, near=None if line is None else line.number)


def who(identity: Identity) -> dict[str, Any]:
    """Return the account and contact columns of a ticket."""
    account, contact = identity.account, identity.contact
    return {
        "account": {"id": account.id, "name": account.name, "plan": account.plan} if account else None,
        "contact": (
            {"id": contact.id, "name": contact.name, "authorized": bool(identity.authorized), "role": contact.role}
            if contact
            else None
        ),
    }


def trace(facts: Facts, decision: Decision, evidence: tuple[str, ...]) -> dict[str, Any]:
    """Return what is stored so that the decision can be explained, and made again, from the store alone.

    The text is left out: it stands on the entry.
    """
    return {"facts": facts.to_json(), "decision": decision.to_json(), "evidence": list(evidence)}


def record_again(
    txn: "Connection", entry: Entry, ticket_id: int, before: Mapping[str, Any], now: Mapping[str, Any], *, at: int
) -> None:
    """Store the trace of a later decision about an entry: what an earlier one knew, with what `now` is known."""
    body = {**before, **now}
    traces.record(
        txn, intake_id=entry.intake_id, ticket_id=ticket_id, entry_id=entry.id, at=at, kind="decide-again", body=body
    )


def facts_again(body: dict[str, Any], ticket: Ticket, entry: Entry) -> Facts:
    """Return the facts of a stored trace with what people have set since, to decide again what they have not."""
    heard = (entry.transcript or {}).get("text", "")
    staff = ticket.staff_set
    return Facts.from_json(
        body["facts"],
        text=heard if entry.kind == "voicemail" else entry.text,
        staff_tags=StaffTags.of(staff).given,
        staff_priority=ticket.priority if "priority" in staff else None,
        staff_type=ticket.type if "type" in staff else None,
        staff_queue=ticket.queue if "queue" in staff else None,
        calls_made=ticket.callback["made"],
        **(_settled(ticket) if "account" in staff or ticket.identity["by"] == "spoken-account" else {}),
        **(_heard(entry, heard) if entry.kind == "voicemail" else {}),
    )


def _settled(ticket: Ticket) -> dict[str, Any]:
    """Return the facts of who it is, as a person or the words of a recording settled it on the ticket."""
    account, contact = ticket.account or {}, ticket.contact or {}
    return {
        "identified_by": ticket.identity["by"],
        "candidates": 1 if account else 0,
        "account_id": account.get("id"),
        "account_plan": account.get("plan"),
        "contact_id": contact.get("id"),
        "contact_authorized": contact.get("authorized"),
        "contact_role": contact.get("role"),
    }


def _heard(entry: Entry, words: str) -> dict[str, Any]:
    return {
        "transcript": _transcript_state(entry),
        "reference_quoted": bool(said(words)),
        "probably": meant(words, (entry.transcript or {}).get("probably") or ()),
    }


def _transcript_state(entry: Entry) -> str:
    transcript = entry.transcript
    if transcript is None:
        return "pending"
    if transcript.get("text"):
        return "words"
    return "unheard" if transcript.get("engine") is None else "no-words"
