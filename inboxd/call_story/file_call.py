"""A voicemail finds its one place in one transaction: a ticket of its own, or the one that its caller names.

The ticket stands, and whoever is to be woken is paged, before any recogniser runs.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from inboxd import answers, authentication, filing, no_ticket, old_mail, spoken, summary
from inboxd.call_story import join_call, place_call, sound_of_call
from inboxd.call_story.judge_call import Call
from inboxd.clocks import clocks
from inboxd.intake.door import moment
from inboxd.intake.envelope import NOTHING_SAID, Envelope
from inboxd.joining import following
from inboxd.joining.join_ticket import Join
from inboxd.oncall import paging
from inboxd.policy.policy import Policy
from inboxd.staff_tags import StaffTags
from rules.decide import decide
from store import intake as rows
from store import jobs, ticket_links, tickets, traces
from store.jobs import Job
from store.tickets import NewEntry, NewTicket, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection


def file(txn: "Connection", job: Job, call: Call, policy: Policy) -> dict[str, Any]:
    """Give the call its one place and return what to log."""
    intake = call.intake
    jobs.finish(txn, job)  # first: when the lease is lost, all of this is rolled back
    if intake.status is not None:
        return {"status": intake.status, "again": True}
    becomes: no_ticket.Becomes = "entry" if call.decision.disposal is None else "nothing"
    if twin := no_ticket.duplicate(txn, intake.id, sound_of_call.fingerprint(intake, call.envelope), becomes=becomes):
        return twin
    if call.decision.disposal is not None:
        _trace(txn, call, Join(ticket=None), ticket_id=None, entry_id=None)
        return no_ticket.held(txn, intake.id, call.decision.disposal)
    place = place_call.find(txn, intake, call.envelope)
    if place.twin is not None:
        return no_ticket.twin(txn, intake.id, place.twin, place.why)
    join = Join(ticket=place.ticket, evidence=(place.why,) if place.why else ())
    if join.ticket is None and not call.envelope.history:
        named = join_call.find(txn, call.facts.text, call.identity)
        join = replace(named, evidence=(*named.evidence, *join.evidence))
    if join.ticket is not None:
        joined = ticket_links.locked(txn, join.ticket.id)
        return _append(txn, call, policy, joined, join, again=place.ticket is None)
    ticket, entry_id = _open(txn, call, join, place.ref)
    if place.follows is not None:
        there = "Its sound came when this ticket was closed, and was filed anew."
        at = intake.received_at
        following.link(txn, ticket, place.follows, at=at, why=place.why, why_there=there)
    _concluded(txn, call, "filed", ticket.id)
    _trace(txn, call, join, ticket_id=ticket.id, entry_id=entry_id)
    _page(txn, call, policy, ticket)
    if _is_to_be_heard(call.envelope):
        _transcribe(txn, call, ticket.id, entry_id)
    elif not call.envelope.history:
        answers.to_voicemail(txn, policy, ticket, call.decision, at=intake.received_at, entry_id=entry_id)
    return {"status": "filed", "ref": ticket.ref}


def _concluded(txn: "Connection", call: Call, status: Literal["filed", "threaded"], ticket_id: int) -> None:
    rows.conclude(txn, call.intake.id, status=status, ticket_id=ticket_id)
    place_call.remember(txn, call.intake, call.envelope, ticket_id)


def _is_to_be_heard(envelope: Envelope) -> bool:
    """Whether there is something to hear that nobody has written down."""
    return envelope.transcript is None and envelope.silent is None


def _transcribe(txn: "Connection", call: Call, ticket_id: int, entry_id: int) -> None:
    payload = {"entry_id": entry_id}
    jobs.add(txn, kind="transcribe", lane="speech", intake_id=call.intake.id, ticket_id=ticket_id, payload=payload)


def _append(
    txn: "Connection", call: Call, policy: Policy, ticket: Ticket, join: Join, *, again: bool
) -> dict[str, Any]:
    """Put the call onto the ticket whose reference its caller named (`again`), or that it has already."""
    intake = call.intake
    call = _there(call, policy, ticket)
    changes = join_call.changes(
        ticket, call.decision, _callback_number(call), at=intake.received_at, calendars=policy.rules.calendars
    )
    entry_id = tickets.append(txn, ticket.id, _entry(call, join), **changes)
    tickets.event(txn, ticket.id, at=intake.received_at, actor="inboxd", what="joined", why=join.evidence[0])
    join_call.say_changes(txn, ticket, changes, at=intake.received_at)
    clocks.watch(txn, tickets.get_by_id(txn, ticket.id), ticket.clocks)
    _concluded(txn, call, "threaded", ticket.id)
    _trace(txn, call, join, ticket_id=ticket.id, entry_id=entry_id)
    cause = answers.cause_of_call(call.identity, call.decision, at=intake.received_at, entry_id=entry_id)
    answers.after_joining(txn, policy, ticket, call.decision, cause)
    if again:
        answers.called_again(txn, policy, ticket.id, call.envelope.caller, at=intake.received_at)
    _page(txn, call, policy, ticket)
    if _is_to_be_heard(call.envelope):
        _transcribe(txn, call, ticket.id, entry_id)
    return {"status": "threaded", "ref": ticket.ref}


def _there(call: Call, policy: Policy, ticket: Ticket) -> Call:
    """Return the call as it is decided on the ticket that it joins."""
    if call.envelope.history:
        return call
    identity = join_call.settled(call.identity, ticket, policy.day_of(moment(call.intake.received_at)))
    seen = join_call.facts_there(call.facts, identity, ticket)
    if seen == call.facts:
        return call
    return replace(call, identity=identity, facts=seen, decision=decide(policy.rules, seen))


def _page(txn: "Connection", call: Call, policy: Policy, ticket: Ticket) -> None:
    """Wake somebody where the rules say so, before anybody has listened."""
    if call.decision.page is None or call.envelope.history:
        return
    cause = paging.Cause(
        caller=call.envelope.caller,
        known=call.identity.account is not None,
        words=_holds_words(call.envelope),
        at=call.intake.received_at,
    )
    paging.begin(txn, policy, ticket, call.decision.page, cause)


def _holds_words(envelope: Envelope) -> bool | None:
    """Whether something was said; None while somebody is still to listen.

    Where there is no sound nobody will ever know, so that a page must not wait for words: then there may be some.
    """
    if envelope.silent is not None:
        return envelope.silent != NOTHING_SAID
    return None if envelope.transcript is None else bool(envelope.transcript.strip())


def _callback_number(call: Call) -> str | None:
    """Return the number that the caller asks for, else the one called from; None where that is withheld."""
    caller = None if call.envelope.caller == "anonymous" else call.envelope.caller
    return spoken.callback_in(call.facts.text, near=caller or call.envelope.called) or caller


def _open(txn: "Connection", call: Call, join: Join, ref: str | None) -> tuple[Ticket, int]:
    """Open a ticket; under the reference that the caller was told, if any."""
    intake, envelope, identity = call.intake, call.envelope, call.identity
    columns, who = filing.columns(call.decision), filing.who(call.identity)
    number = envelope.caller if envelope.caller != "anonymous" else None
    ticket, entry_id = tickets.open_with(
        txn,
        NewTicket(
            channel="voicemail",
            source=envelope.called or "",
            subject=summary.subject(
                envelope.caller,
                who["account"],
                by=identity.by,
                words=envelope.transcript or envelope.silent,
                duration=envelope.seconds,
            ),
            claimed_urgency=None,
            requester={"address": None, "name": identity.contact.name if identity.contact else None, "phone": number},
            identity=_identity(call, join),
            authentication=authentication.of_voicemail().to_json(),
            callback=filing.callback(_callback_number(call), call.decision, columns["clocks"]),
            created_at=intake.received_at,
            staff_set=StaffTags(given=call.facts.staff_tags).kept(()),
            **who,
            **{**columns, "tags": StaffTags(given=call.facts.staff_tags).over(columns["tags"])},
            **(old_mail.closed(intake.received_at) if envelope.history else {}),
        ),
        _entry(call, join),
        ref,
    )
    if ref not in (None, ticket.ref):
        told = f"The caller was told {ref}, which is another ticket's by now."
        tickets.event(txn, ticket.id, at=intake.received_at, actor="inboxd", what="another reference", why=told)
    why = f"Voicemail {intake.id}. {identity.evidence[0]}"
    if envelope.history:
        why += f" {old_mail.explained(old_mail.said(None))}"
    tickets.event(txn, ticket.id, at=intake.received_at, actor="inboxd", what="opened", why=why)
    clocks.watch(txn, ticket)
    return ticket, entry_id


def _identity(call: Call, join: Join) -> dict[str, Any]:
    return {"by": call.identity.by, "evidence": [*call.identity.evidence, *join.evidence]}


def _entry(call: Call, join: Join) -> NewEntry:
    intake, envelope = call.intake, call.envelope
    transcript = summary.without_hearing(envelope)
    return NewEntry(
        kind="voicemail",
        at=intake.received_at,
        author=envelope.caller,
        identity=_identity(call, join),
        authentication=authentication.of_voicemail().to_json(),
        attachments=(sound_of_call.attachment(intake, envelope, call.head),) if envelope.silent is None else (),
        transcript=None if transcript is None else {**transcript, "probably": call.probably},
        intake_id=intake.id,
    )


def _trace(txn: "Connection", call: Call, join: Join, *, ticket_id: int | None, entry_id: int | None) -> None:
    body = filing.trace(call.facts, call.decision, call.identity.evidence + join.evidence)
    body["authentication"] = authentication.of_voicemail().to_json()
    body["history"] = old_mail.said(None) if call.envelope.history else None
    at = call.intake.received_at
    traces.record(
        txn, intake_id=call.intake.id, ticket_id=ticket_id, entry_id=entry_id, at=at, kind="voicemail", body=body
    )
