"""Where what a call left belongs: a ticket of its own, the ticket that the call has already, or nowhere new.

Nowhere new, because the same call came by the other way (CONTRACT, "The same message"), or because the sound of a call
that had seemed silent is here meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from inboxd import filing
from inboxd.errors import NotYet
from inboxd.intake.envelope import Envelope
from store import calls, recordings, ticket_links, tickets
from store import intake as rows
from store.intake import Intake
from store.tickets import Entry, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`twin` is the intake that holds the same call already, `ticket` the one to join, `why` says so in a sentence.

    `ref` is the reference under which to open a ticket.
    """

    twin: str | None = None
    why: str = ""
    ticket: Ticket | None = None
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
    if envelope.way == "pbx" and (silent := _silent(txn, intake, envelope)) is not None:
        return Place(ticket=silent, why="The sound of the call has come, by the phone system's mail.")
    call = calls.get(txn, envelope.call_sid, for_update=True) if envelope.call_sid else None
    if call is None or call.ticket_id is None:
        return Place(ref=call.ref if call is not None else envelope.ref)
    if envelope.silent is not None:
        first = next((each for each in recordings.of_call(txn, call.sid) if each.intake_id), None)
        if first is not None and first.intake_id is not None:
            return Place(twin=first.intake_id, why="What the caller said is here meanwhile.")
    ticket = ticket_links.locked(txn, call.ticket_id)
    if any(entry.attachments for entry in _voicemails(txn, ticket)):
        return Place()  # a second recording of one call is a ticket of its own
    return Place(ticket=ticket, why="The sound of the call has come.")


def _silent(txn: "Connection", intake: Intake, envelope: Envelope) -> Ticket | None:
    """Find the ticket of the same call that stands without its sound, since the provider has not handed it out."""
    near = calls.tickets_near(
        txn,
        caller=envelope.caller,
        called=envelope.called,
        started_at=intake.received_at,
        within=recordings.TWIN_MS,
    )
    found = (ticket_links.locked(txn, each) for each in near)
    return next((ticket for ticket in found if _waits_for_sound(txn, ticket)), None)


def _waits_for_sound(txn: "Connection", ticket: Ticket) -> bool:
    """Whether something was said that nobody could fetch yet; who said nothing has made a call of its own."""
    said = _voicemails(txn, ticket)
    has_sound = any(entry.attachments for entry in said)
    return not has_sound and any((entry.transcript or {}).get("engine") != "given" for entry in said)


def is_opened_for(entries: Sequence[Entry], entry_id: int) -> bool:
    """Say whether a ticket was opened for an entry: it is the first, or the sound of the call that is the first."""
    before = list(takewhile(lambda each: each.id != entry_id, entries))
    if len(before) == len(entries):
        return False  # it is on another ticket by now
    author = entries[len(before)].author
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
