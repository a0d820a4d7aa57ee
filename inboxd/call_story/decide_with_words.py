"""The rules decide again about a voicemail, now that its words are known or that there will be none.

What no person has settled changes; where the words name a ticket that lets the caller in, the call goes there.
"""

from typing import TYPE_CHECKING, Any, Final

from inboxd import answers, filing, old_mail
from inboxd.call_story import join_after_hearing, join_call, place_call
from inboxd.clocks import clocks
from inboxd.intake.door import now_ms
from inboxd.oncall import paging
from inboxd.policy.policy import Policy
from rules.decide import decide
from rules.decision import Decision
from store import jobs, pages, tickets, traces
from store.jobs import Job
from store.tickets import Entry, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

_URGENCY: Final = frozenset({"priority", "priority_by", "clocks", "callback"})


def plan(txn: "Connection", intake_id: str | None, ticket_id: int, entry_id: int) -> None:
    """Have the rules decide again about a voicemail, whose words have changed with this transaction."""
    payload = {"entry_id": entry_id}
    jobs.add(txn, kind="decide-again", lane="mail", intake_id=intake_id, ticket_id=ticket_id, payload=payload)


def decide_again(txn: "Connection", job: Job, policy: Policy) -> None:
    """Decide with the words of a job's entry, in the transaction that ends the job. Raises NotYet, LeaseLost."""
    jobs.finish(txn, job)
    assert job.ticket_id is not None
    entry_id = int(job.payload["entry_id"])
    join = join_after_hearing.look(txn, policy, job.ticket_id, entry_id)
    ticket = tickets.get_by_id(txn, job.ticket_id, for_update=True)
    entry = next((entry for entry in tickets.entries(txn, ticket.id) if entry.id == entry_id), None)
    if entry is None or entry_id not in traces.decided_on(txn, ticket.id):
        return  # a person has merged it into another ticket, or had merged it into this one, and knows what is in it
    first = next(trace for trace in traces.of_ticket(txn, ticket.id) if trace.entry_id == entry.id)
    seen = filing.facts_again(first.body, ticket, entry)
    decision = old_mail.again(decide(policy.rules, seen), first.body)
    heard = join_after_hearing.Heard(entry=entry, first=first, seen=seen, decision=decision)
    if join_after_hearing.moved(txn, policy, ticket, join, heard):
        return
    at = now_ms()
    changes = _changes(txn, ticket, entry, decision, policy, at=at)
    if decision.page is None and pages.of_ticket(txn, ticket.id) is not None:
        # Somebody was woken for it: whatever was said, it stays what it was when they were.
        changes = {name: value for name, value in changes.items() if name not in _URGENCY}
    decided = tickets.update(txn, ticket.id, at=at, **changes)
    clocks.watch(txn, decided, ticket.clocks)
    what = ", ".join(sorted(set(changes) & set(filing.DECIDED_FIELDS))) or "nothing"
    why = f"With the words of the recording the rules change {what}."
    tickets.event(txn, ticket.id, at=at, actor="inboxd", what="decided again", why=why)
    body = filing.trace(seen, decision, (*first.body["evidence"], *join.evidence))
    traces.record(
        txn, intake_id=job.intake_id, ticket_id=ticket.id, entry_id=entry.id, at=at, kind="decide-again", body=body
    )
    if first.body.get("history") or not place_call.is_opened_for(txn, ticket.id, entry.id):
        return
    opened = place_call.opening(txn, ticket.id)
    if opened is not None and entry.id == opened.id:  # a call that stood without its sound has been answered
        answers.to_voicemail(txn, policy, decided, decision, at=entry.at, entry_id=entry.id)
    if decision.page is not None and first.body["decision"].get("page") is None and not paging.is_done(decided):
        words = bool((entry.transcript or {}).get("text", "").strip())
        cause = paging.Cause(caller=entry.author, known=decided.account is not None, words=words, at=entry.at)
        paging.begin(txn, policy, decided, decision.page, cause)


def _changes(
    txn: "Connection", ticket: Ticket, entry: Entry, decision: Decision, policy: Policy, *, at: int
) -> dict[str, Any]:
    """Return what the words change: all that is decided, of the call that opened the ticket.

    Of one that joined it, what such a call may raise; words that somebody put right reopen nothing.
    """
    if place_call.is_opened_for(txn, ticket.id, entry.id):
        decision = filing.by_call(decision) if ticket.channel == "email" else decision
        return filing.changes(ticket, decision, policy.rules.calendars, at=at)
    joined = join_call.changes(ticket, decision, None, at=entry.at, calendars=policy.rules.calendars)
    return {name: joined[name] for name in _URGENCY if name in joined} if "priority" in joined else {}
