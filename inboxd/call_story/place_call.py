"""Where what a call left belongs: a ticket of its own, the ticket that the call has already, or nowhere new.

Nowhere new, because the same call came by the other way (docs/phone.md), or because the sound of a call that had seemed
silent is here meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from inboxd import filing
from inboxd.errors import NotYet
from inboxd.intake.envelope import Envelope
from store import calls, recordings, ticket_links, tickets, traces
from store import intake as rows
from store.intake import Intake
from store.tickets import Entry, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`twin` is the intake that holds the same call already, `ticket` the one to join, `why` says so in a sentence.

    `follows` is the one that it would join, were that not closed; `ref` the reference under which to open a ticket.
    """

    twin: str | None = None
    why: str = ""
    ticket: Ticket | None = None
    follows: Ticket | None = None
    ref: str | None = None


def find(txn: "Connection", intake: Intake, envelope: Envelope) -> Place:
    """Find the place of a voicemail. Raises NotYet where its twin is being filed at this moment."""
    if envelope.way is None:
        return Place()
    twin = recordings.twin(
        txn,
        way=envelope.way,
        line=envelope.called,
        caller=envelope.caller,
        started_at=intake.received_at,
        seconds=envelope.seconds,
    )
    if twin is not None:
        status = rows.get(txn, twin).status
        if status is None:
            raise NotYet("the same call by the other way is being filed", seconds=2.0)
        if status in ("filed", "threaded"):
            return Place(twin=twin, why=f"The same call as {twin}, by the other way.")
    if envelope.way == "pbx":
        return _silent_twin(txn, intake, envelope)
    call = calls.get(txn, envelope.call_sid, for_update=True) if envelope.call_sid else None
    if call is None or call.ticket_id is None:
        return Place(ref=call.ref if call is not None else envelope.ref)
    if envelope.silent is not None:
        first = next((each for each in recordings.of_call(txn, call.sid) if each.intake_id), None)
        if first is not None and first.intake_id is not None:
            return Place(twin=first.intake_id, why="What the caller said is here meanwhile.")
    waiting = _waiting(txn, call.sid)
    if waiting is None:
        return Place()  # a second recording of one call is a ticket of its own
    return _place_of_sound(txn, waiting, "The sound of the call has come")


def _silent_twin(txn: "Connection", intake: Intake, envelope: Envelope) -> Place:
    """Find the same call where it stands without its sound, since the provider has not handed that out."""
    near = calls.near(
        txn,
        caller=envelope.caller,
        called=envelope.called,
        started_at=intake.received_at,
        within=recordings.twin_ms(envelope.caller),
    )
    for sid in near:
        waiting = _waiting(txn, sid)
        # Who said nothing has made a call of its own.
        if waiting is not None and (waiting.transcript or {}).get("engine") != "given":
            return _place_of_sound(txn, waiting, "The sound of the call has come, by the phone system's mail")
    return Place(ref=envelope.ref)


def _waiting(txn: "Connection", call_sid: str) -> Entry | None:
    """Give the entry of a call that stands without its sound, on whichever ticket that is by now.

    Other calls of that ticket may have theirs: it may have been merged.
    """
    key = no_sound_key(call_sid)
    kept = rows.by_origin(txn, [key]).get(key)
    entry = None if kept is None else tickets.entry_of_intake(txn, kept.id)
    if entry is None:
        return None
    ticket = ticket_links.locked(txn, entry.ticket_id)
    entry = next((each for each in _voicemails(txn, ticket) if each.id == entry.id), None)
    if entry is None or any(_is_sound_of(txn, each, call_sid, entry) for each in _voicemails(txn, ticket)):
        return None
    return entry


def _is_sound_of(txn: "Connection", entry: Entry, call_sid: str, silent: Entry) -> bool:
    """Say whether an entry is the sound of a call that stood without it."""
    if not entry.attachments or entry.intake_id is None:
        return False
    envelope = Envelope.of(rows.get(txn, entry.intake_id).envelope)
    if envelope.way == "pbx":
        near = recordings.twin_ms(envelope.caller)
        return entry.author == silent.author and abs(entry.at - silent.at) <= near
    return envelope.call_sid == call_sid


def _place_of_sound(txn: "Connection", waiting: Entry, why: str) -> Place:
    ticket = tickets.get_by_id(txn, waiting.ticket_id)
    if ticket.status == "closed":  # nobody looks there any more
        return Place(follows=ticket, why=f"{why}; {ticket.ref}, where it stands without, is closed.")
    return Place(ticket=ticket, why=f"{why}.")


def sounds_of(txn: "Connection", silent: Sequence[Entry], others: Sequence[Entry]) -> list[Entry]:
    """Give those of the `others` that are the sound of a call that stood without it in one of the first entries."""
    found: list[Entry] = []
    for each in silent:
        if each.intake_id is None or each.attachments or each.kind != "voicemail":
            continue
        call_sid = Envelope.of(rows.get(txn, each.intake_id).envelope).call_sid
        if call_sid is not None:
            found += [one for one in others if one not in found and _is_sound_of(txn, one, call_sid, each)]
    return found


def no_sound_key(call_sid: str) -> str:
    """Give the origin key of what a call is without any sound."""
    return f"call:{call_sid}"


def opening(txn: "Connection", ticket_id: int) -> Entry | None:
    """Give the entry that a ticket was opened with, of those that it has; an older one may have come by a merge."""
    decided = traces.decided_on(txn, ticket_id)
    found = [each for each in tickets.entries(txn, ticket_id) if each.id in decided]
    return min(found, key=lambda each: decided.index(each.id), default=None)


def is_opened_for(txn: "Connection", ticket_id: int, entry_id: int) -> bool:
    """Say whether a ticket was opened for an entry: by it, or by the call that stood without it, its sound."""
    decided = traces.decided_on(txn, ticket_id)
    found = [each for each in tickets.entries(txn, ticket_id) if each.id in decided]
    before = list(takewhile(lambda each: each.id != entry_id, found))
    if len(before) == len(found):
        return False  # it is on another ticket by now, or people have put it onto this one
    author = found[len(before)].author
    seemed_silent = (
        each.kind == "voicemail" and not each.attachments and each.author == author
        for each in before
        if each.kind in filing.FROM_CUSTOMERS
    )
    return all(seemed_silent)


def _voicemails(txn: "Connection", ticket: Ticket) -> list[Entry]:
    return [entry for entry in tickets.entries(txn, ticket.id) if entry.kind == "voicemail"]


def tags(txn: "Connection", intake: Intake, envelope: Envelope) -> tuple[str, ...]:
    """Give the tags that a call has of people before any rule sees it: somebody blocked its number."""
    if envelope.caller is None or calls.blocked(txn, envelope.caller, at=intake.received_at) is None:
        return ()
    return ("blocked",)


def remember(txn: "Connection", intake: Intake, envelope: Envelope, ticket_id: int) -> None:
    """Note where the call's recording is now."""
    remember_ticket(txn, envelope, ticket_id)
    if envelope.way == "pbx":
        recordings.enter(
            txn,
            way="pbx",
            intake_id=intake.id,
            line=envelope.called,
            caller=envelope.caller,
            started_at=intake.received_at,
            seconds=envelope.seconds,
        )


def remember_ticket(txn: "Connection", envelope: Envelope, ticket_id: int) -> None:
    """Note which ticket a call has now."""
    if envelope.call_sid is not None and calls.get(txn, envelope.call_sid) is not None:
        calls.settle(txn, envelope.call_sid, "filed", ticket_id)
