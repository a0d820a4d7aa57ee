"""What people do with a recording's words: put them right, with the machine's version beside them, and so teach."""

from typing import TYPE_CHECKING, Any

from inboxd import misheard, spoken, summary, views
from inboxd.call_story import decide_with_words, place_call
from inboxd.desk.context import Context
from inboxd.desk.tickets import show
from inboxd.errors import InboxdError
from inboxd.intake.door import now_ms
from store import phrases as phrase_list
from store import tickets
from store.tickets import Entry, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection


def correct(context: Context, ref: str, text: str, entry: int | None = None) -> dict[str, Any]:
    """Put a person's words in the place of the recogniser's, in the subject, too; then the rules decide again.

    `entry` counts the ticket's voicemails from 1; without it the last one is meant. What the machine heard stays
    beside the words, the first time and for good, and what it takes the desk's words for is learnt (`misheard`).
    """
    words = " ".join(text.split())
    if not words:
        raise InboxdError("the correction is empty: write what is said in the recording")

    def write(txn: "Connection") -> None:
        ticket = tickets.get(txn, ref, for_update=True)
        entries = tickets.entries(txn, ticket.id)
        found = _voicemail([each for each in entries if each.kind == "voicemail"], ref, entry)
        heard = found.transcript
        if heard is None:
            raise InboxdError("the recogniser is still at it: correct its words when they are there")
        by = context.staff_name
        machine = heard.get("machine") or {name: heard.get(name) for name in ("text", "engine", "confidence", "words")}
        teaches = misheard.learnt(machine["text"] or "", words)
        # Of a recording only the last correction teaches, and it once.
        phrase_list.take_back(txn, [(one, other) for one, other in heard.get("taught") or ()])
        phrase_list.teach(txn, teaches, by=by, at=now_ms())
        corrected = {
            **heard,
            "text": words,
            "words": [],
            "confidence": None,
            "probably": [],
            "corrected_by": by,
            "machine": machine,
            "taught": [list(pair) for pair in teaches],
        }
        tickets.set_transcript(txn, found.id, corrected)
        if place_call.is_opened_for(txn, ticket.id, found.id):  # its words stand in the subject
            line = summary.corrected(ticket.subject, heard, words)
            callback = {**ticket.callback, "number": _number(ticket, found, words)}
            tickets.update(txn, ticket.id, at=now_ms(), subject=line, callback=callback)
        learnt = "; ".join(f'heard "{one}", meant "{other}"' for one, other in teaches)
        why = f"Learnt: {learnt}." if learnt else None
        tickets.event(txn, ticket.id, at=now_ms(), actor=context.actor, what="transcript corrected", why=why)
        decide_with_words.plan(txn, found.intake_id, ticket.id, found.id)

    context.store.write(write)
    context.wake()
    return show(context, ref)


def phrases(context: Context) -> list[dict[str, Any]]:
    """Return what corrections have taught, the most often taught first."""
    with context.store.read() as connection:
        taught = phrase_list.taught(connection)
    return [
        {
            "heard": each.heard,
            "meant": each.meant,
            "times": each.times,
            "taught_by": each.taught_by,
            "at": views.time(each.at),
        }
        for each in taught
    ]


def forget(context: Context, heard: str, meant: str | None = None) -> dict[str, Any]:
    """Forget what is heard as `heard`, or only one meaning of it; what stands on tickets stays there."""
    said = " ".join(misheard.fold(word) for word in heard.split())
    removed = context.store.write(lambda txn: phrase_list.remove(txn, said, meant))
    if not removed:
        raise InboxdError(f'nobody has taught what "{said}"{f" for {chr(34)}{meant}{chr(34)}" if meant else ""} means')
    return {"heard": said, "meant": meant, "removed": removed}


def _number(ticket: Ticket, entry: Entry, words: str) -> str | None:
    """Return the number to call back: as it stands, unless the words ask for another than before, or for none.

    What the recogniser knew beyond the text stays: only what a person has written differently is read anew.
    """
    phone = ticket.requester["phone"]
    near = phone or ticket.source
    before = spoken.callback_in((entry.transcript or {}).get("text") or "", near=near)
    asked = spoken.callback_in(words, near=near)
    return ticket.callback["number"] if asked == before else asked or phone


def _voicemail(voicemails: list[Entry], ref: str, number: int | None) -> Entry:
    if not voicemails:
        raise InboxdError(f"{ref} has no recording whose words could be corrected")
    if number is None:
        return voicemails[-1]
    if not 1 <= number <= len(voicemails):
        raise InboxdError(f"{ref} has {len(voicemails)} recordings, and none with the number {number}")
    return voicemails[number - 1]
