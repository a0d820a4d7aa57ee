"""A reference that the recogniser heard: the call stands as a ticket of its own by then, and joins the one it names.

What `join_call` says of a call whose words are known at once holds for it: who is let in, what it raises, who is paged.
Its provisional ticket is merged into the other one, as by `tickets merge`: the reference that its caller was told
leads on. Where a person has worked on the provisional ticket, or it holds more than this call, nothing moves: the
evidence, an event and a notice say what would join.
"""

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

from inboxd import answers, filing, spoken
from inboxd.call_story import join_call, place_call
from inboxd.clocks import clocks
from inboxd.errors import NotYet
from inboxd.identity import identify
from inboxd.identity.identify import Identity
from inboxd.intake.door import moment, now_ms
from inboxd.intake.envelope import Envelope
from inboxd.joining import merging
from inboxd.joining.join_ticket import Join
from inboxd.joining.merging import By
from inboxd.letters import notices
from inboxd.oncall import paging
from inboxd.policy.policy import Policy
from rules.decide import decide
from rules.decision import Decision
from rules.facts import Facts
from store import confirmations, pages, tickets, traces
from store import intake as rows
from store import outbox as items
from store.tickets import Entry, Ticket
from store.traces import Trace
from transcribe.answer import read_transcript
from transcribe.transcript import Transcript

if TYPE_CHECKING:
    from sqlalchemy import Connection

_BY_PEOPLE: Final = frozenset({"priority", "type", "queue", "assignee", "account"})
_NOBODY: Final = Join(ticket=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A call with its words: its entry, its first decision, and what the rules see and say now."""

    entry: Entry
    first: Trace
    seen: Facts
    decision: Decision


def look(txn: "Connection", policy: Policy, ticket_id: int, entry_id: int) -> Join:
    """Look for the ticket that the words of a call name, and lock both. Raises NotYet where it changes meanwhile."""
    entry = next((each for each in tickets.entries(txn, ticket_id) if each.id == entry_id), None)
    first = next((each for each in traces.of_ticket(txn, ticket_id) if each.entry_id == entry_id), None)
    if entry is None or first is None:
        return _NOBODY  # it was moved in this very moment
    if first.body.get("history") or not (entry.transcript or {}).get("text"):
        return _NOBODY
    join = _find(txn, policy, ticket_id, entry)
    # In the order of their numbers, as people's merges do: two at once must not wait for each other.
    for number in sorted({ticket_id, *((join.ticket.id,) if join.ticket else ())}):
        tickets.get_by_id(txn, number, for_update=True)
    again = _find(txn, policy, ticket_id, entry)
    if (again.ticket and again.ticket.id) != (join.ticket and join.ticket.id):
        raise NotYet("the ticket that a caller names is being changed", seconds=1.0)
    return again


def _find(txn: "Connection", policy: Policy, ticket_id: int, entry: Entry) -> Join:
    assert entry.transcript is not None
    words = str(entry.transcript["text"])
    heard: tuple[str, ...] = ()
    if entry.transcript.get("numbers") and "machine" not in entry.transcript:
        # The recogniser's further readings of a number count where the first is no reference.
        references = spoken.numbers_of(_by_machine(entry.transcript)).references
        heard = tuple(one.value for one in references)
    return join_call.find(txn, words, _identity(policy, entry), own=ticket_id, heard=heard)


def _by_machine(transcript: dict[str, Any]) -> Transcript:
    """Return what the recogniser said, without what was noted beside it."""
    names = {each.name for each in fields(Transcript)}
    return read_transcript({name: value for name, value in transcript.items() if name in names})


def _identity(policy: Policy, entry: Entry) -> Identity:
    words = str((entry.transcript or {}).get("text") or "")
    return identify.by_caller(policy.directory, entry.author, policy.day_of(moment(entry.at)), words=words)


def moved(txn: "Connection", policy: Policy, gone: Ticket, join: Join, call: Heard) -> bool:
    """Merge the ticket of a call into the one it joins; False where it stays, which its evidence explains then."""
    if join.ticket is None or call.decision.disposal is not None:
        _evidence(txn, gone, call.entry, join.evidence)
        return False
    hindrance = _hindrance(txn, gone, call.entry)
    if hindrance is not None:
        _suggest(txn, policy, gone, join.ticket, call.entry, hindrance)
        return False
    _move(txn, policy, gone, join.ticket, call, join)
    return True


def _hindrance(txn: "Connection", gone: Ticket, entry: Entry) -> str | None:
    """Say why a ticket is no mere place for its call any more; None where it is."""
    by_hand = any(each.actor != "inboxd" for each in tickets.events(txn, gone.id))
    if by_hand or _BY_PEOPLE & set(gone.staff_set) or gone.status != "open":
        return "somebody has worked on this ticket"
    found = tickets.entries(txn, gone.id)
    if any(each.kind != "voicemail" or each.author != entry.author or each.transcript is None for each in found):
        return "this ticket holds more than the call"
    written = any(item.kind in {"acknowledgement", "confirmation"} for item in items.list_(txn, ticket_id=gone.id))
    return "its caller has been written to" if written or confirmations.of_ticket(txn, gone.id) else None


def _suggest(txn: "Connection", policy: Policy, gone: Ticket, named: Ticket, entry: Entry, hindrance: str) -> None:
    at = now_ms()
    what = f"the caller names {named.ref}"
    if any(each.what == what for each in tickets.events(txn, gone.id)):
        return  # said before its words were put right
    why = f"Not moved there, for {hindrance}: `inboxd tickets merge {gone.ref} {named.ref}` does it."
    _evidence(txn, gone, entry, (f"Names the reference {named.ref}. {why}",))
    tickets.event(txn, gone.id, at=at, actor="inboxd", what=what, why=why)
    said = f"{gone.ref}: {what} in a voicemail."
    notices.to_staff(txn, policy, gone, sentences=(said, why), at=at)


def _evidence(
    txn: "Connection", ticket: Ticket | None, entry: Entry, sentences: tuple[str, ...], *, by: str | None = None
) -> None:
    """Add sentences to who a call seems to be from: on its entry, and on its `ticket` where it has opened that."""
    entry_says = entry.identity or {"by": None, "evidence": []}
    entry_says = {**entry_says, "by": by or entry_says["by"]}
    sentences = tuple(each for each in sentences if each not in entry_says["evidence"])
    if not sentences:
        return
    tickets.set_identity(txn, entry.id, {**entry_says, "evidence": [*entry_says["evidence"], *sentences]})
    opened = None if ticket is None else place_call.opening(txn, ticket.id)
    if ticket is not None and opened is not None and opened.id == entry.id:
        evidence = [*ticket.identity["evidence"], *sentences]
        tickets.update(txn, ticket.id, at=now_ms(), identity={**ticket.identity, "evidence": evidence})


def _move(txn: "Connection", policy: Policy, gone: Ticket, before: Ticket, call: Heard, join: Join) -> None:
    at, entry, evidence = now_ms(), call.entry, join.evidence[-1]
    identity = join_call.settled(_identity(policy, entry), before, policy.day_of(moment(entry.at)))
    seen = join_call.facts_there(call.seen, identity, before)
    if seen != call.seen:
        call = replace(call, seen=seen, decision=decide(policy.rules, seen))
    decision = _as_woken(txn, policy, gone, call)
    found = tickets.entries(txn, gone.id)
    intakes = [each.intake_id for each in found if each.intake_id is not None]
    by = By(name="inboxd", actor="inboxd", calendars=policy.rules.calendars)
    merging.merge(txn, gone, before, by=by, at=at, why=evidence, intakes=intakes)
    said = identity.evidence[-1:] if identity.by == "spoken-reference" else ()
    _evidence(txn, None, entry, (*join.evidence, *said), by=identity.by)
    stays, number = tickets.get_by_id(txn, before.id), gone.callback["number"]
    changes = join_call.changes(stays, decision, number, at=entry.at, calendars=by.calendars)
    after = tickets.update(txn, stays.id, at=at, **changes)
    join_call.say_changes(txn, stays, changes, at=at)
    clocks.watch(txn, after, before.clocks)
    _settle_intakes(txn, gone, after, intakes)
    body = filing.trace(call.seen, decision, (*call.first.body["evidence"], *join.evidence))
    filing.record_again(txn, entry, after.id, call.first.body, body, at=at)
    cause = answers.cause_of_call(identity, decision, at=entry.at, entry_id=entry.id)
    answers.after_joining(txn, policy, before, decision, cause)
    answers.called_again(txn, policy, after.id, entry.author, at=entry.at)
    if decision.page is not None and call.first.body["decision"].get("page") is None:
        begun = paging.Cause(caller=entry.author, known=identity.account is not None, words=True, at=entry.at)
        paging.begin(txn, policy, after, decision.page, begun)


def _as_woken(txn: "Connection", policy: Policy, gone: Ticket, call: Heard) -> Decision:
    """Return the decision with the urgency of the first one where somebody was woken for that."""
    if call.decision.page is not None or pages.of_ticket(txn, gone.id) is None:
        return call.decision
    first = decide(policy.rules, Facts.from_json(call.first.body["facts"], text=""))
    return replace(
        call.decision,
        priority=first.priority,
        priority_by=first.priority_by,
        clocks=first.clocks,
        callback_terms=first.callback_terms,
    )


def _settle_intakes(txn: "Connection", gone: Ticket, after: Ticket, intakes: list[str]) -> None:
    rows.move(txn, gone.id, after.id)
    for intake_id in intakes:
        rows.conclude(txn, intake_id, status="threaded", ticket_id=after.id)
        intake = rows.get(txn, intake_id)
        place_call.remember_ticket(txn, Envelope.of(intake.envelope), after.id)
