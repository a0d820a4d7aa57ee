"""What people do with a recording's words: put them right, with the machine's version beside them."""

from typing import TYPE_CHECKING, Any

from inboxd.desk.context import Context
from inboxd.desk.tickets import show
from inboxd.errors import InboxdError
from inboxd.intake import now_ms
from store import jobs, tickets
from store.tickets import Entry

if TYPE_CHECKING:
    from sqlalchemy import Connection


def correct(context: Context, ref: str, text: str, entry: int | None = None) -> dict[str, Any]:
    """Put a person's words in the place of the recogniser's; then the rules decide again with them.

    `entry` counts the ticket's voicemails from 1; without it the last one is meant. What the machine heard stays
    beside the words, the first time and for good.
    """
    words = " ".join(text.split())
    if not words:
        raise InboxdError("the correction is empty: write what is said in the recording")

    def write(txn: "Connection") -> None:
        ticket = tickets.get(txn, ref, for_update=True)
        found = _voicemail([each for each in tickets.entries(txn, ticket.id) if each.kind == "voicemail"], ref, entry)
        heard = found.transcript
        if heard is None:
            raise InboxdError("the recogniser is still at it: correct its words when they are there")
        by = context.staff_name
        machine = heard.get("machine") or {name: heard.get(name) for name in ("text", "engine", "confidence", "words")}
        corrected = {**heard, "text": words, "words": [], "confidence": None, "corrected_by": by, "machine": machine}
        tickets.set_transcript(txn, found.id, corrected)
        tickets.event(txn, ticket.id, at=now_ms(), actor=context.actor, what="transcript corrected", why=None)
        jobs.add(
            txn,
            kind="decide-again",
            lane="mail",
            intake_id=found.intake_id,
            ticket_id=ticket.id,
            payload={"entry_id": found.id},
        )

    context.store.write(write)
    context.wake()
    return show(context, ref)


def _voicemail(voicemails: list[Entry], ref: str, number: int | None) -> Entry:
    if not voicemails:
        raise InboxdError(f"{ref} has no recording whose words could be corrected")
    if number is None:
        return voicemails[-1]
    if not 1 <= number <= len(voicemails):
        raise InboxdError(f"{ref} has {len(voicemails)} recordings, and none with the number {number}")
    return voicemails[number - 1]
