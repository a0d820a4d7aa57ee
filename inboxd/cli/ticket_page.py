"""One ticket as a page for a person. Foreign text stands behind a margin and cannot pass for a line of ours."""

from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

from inboxd import addresses
from inboxd.cli import terminal, timed_words, times
from inboxd.cli.ticket_table import ENDED, who

_AUDIO_SECONDS = "{:.0f} s"
_BY_STAFF = frozenset({"reply", "note"})
_GIVEN = "given"  # the words came with the recording, or nothing was recorded


def headline(ticket: dict[str, Any]) -> str:
    """Say in one line where a ticket stands."""
    facts = [ticket["priority"], ticket["status"], ticket["type"], ticket["queue"] and f"queue {ticket['queue']}"]
    facts.append(f"assigned to {ticket['assignee']}" if ticket["assignee"] else None)
    facts.append(f"tags {', '.join(ticket['tags'])}" if ticket["tags"] else None)
    return terminal.one_line(f"{ticket['ref']}  {', '.join(fact for fact in facts if fact)}")


def answered(ticket: dict[str, Any]) -> str:
    """Say where a ticket stands, and to whom the mails of its last entry go."""
    last = ticket["entries"][-1:]
    return "\n".join([headline(ticket), *(line for entry in last for line in _deliveries(entry))])


def answered_before(ticket: dict[str, Any], audience: dict[str, Any] | None) -> str | None:
    """Name who else has answered what the last entry answers, None for nobody. `audience` as it was before that."""
    other = audience["answered_by"] if audience is not None else None
    return terminal.one_line(other) if other and other != ticket["entries"][-1]["author"] else None


def left_out(ticket: dict[str, Any], audience: dict[str, Any] | None) -> list[str]:
    """Name who has asked as well, and has no copy of the last entry. `audience` as it was before that."""
    readers = {addresses.key(each["to"]) for entry in ticket["entries"][-1:] for each in entry.get("delivery", ())}
    waiting = audience["left_out"] if audience is not None else ()
    return [terminal.one_line(each) for each in waiting if addresses.key(each) not in readers]


def render(ticket: dict[str, Any], zone: tzinfo, *, whole: bool = True, audience: dict[str, Any] | None = None) -> str:
    """Render a ticket, its times in `zone`, with its `audience`: who would read an answer.

    Without `whole` an entry shows what is new in it, and how many lines of history and signature it leaves out. The
    first one stands as it is: what that quotes stands nowhere else on the page.
    """
    parts = [
        headline(ticket),
        terminal.one_line(ticket["subject"] or "(no subject)"),
        "",
        *_facts(ticket, zone),
        *_readers(audience),
        *_clocks(ticket, zone),
        *_actions(ticket),
    ]
    for number, entry in enumerate(ticket["entries"], start=1):
        parts += ["", *_entry(entry, zone, number, whole=whole or number == 1)]
    if ticket["events"]:
        parts += ["", "Events", *_events(ticket["events"], zone)]
    return "\n".join(parts)


def _line(name: str, value: object) -> str:
    label = f"{name}:" if name else ""
    return f"{label:<15}{terminal.one_line(value)}"


def _facts(ticket: dict[str, Any], zone: tzinfo) -> Iterator[str]:
    channel = "call to" if ticket["channel"] == "voicemail" else "mail to"
    received = times.shown(ticket["created_at"], zone)
    yield _line("Received", f"{received}, {channel} {ticket['source'] or 'an unnamed source'}")
    yield _line("From", _requester(ticket["requester"]) or who(ticket))
    yield _line("Account", _account(ticket["account"]))
    yield _line("Contact", _contact(ticket["contact"]))
    identity = ticket["identity"] or {}
    yield _line("Identified by", identity.get("by") or "nothing")
    for sentence in identity.get("evidence") or ():
        yield _line("", sentence)
    yield _line("Proof", _proof(ticket["authentication"]))
    yield _line("Priority", f"{ticket['priority']}, by {ticket['priority_by']}{_claim(ticket['claimed_urgency'])}")
    callback = ticket["callback"] or {}
    if callback.get("number"):
        made = f", {callback['made']} made" if callback.get("made") else ""
        terms = f", {callback['terms']}" if callback.get("terms") else ""
        yield _line("Call back", f"{callback['number']}{made}{terms}")


def _requester(requester: dict[str, Any] | None) -> str:
    if not requester:
        return ""
    ways = [requester.get("address"), requester.get("phone")]
    reached = ", ".join(way for way in ways if way)
    return f"{requester['name']} <{reached}>" if requester.get("name") else reached


def _readers(audience: dict[str, Any] | None) -> Iterator[str]:
    """Say who would get an answer, where that is not who asked alone."""
    if audience is not None and audience["in_copy"]:
        yield _line("Answer to", f"{audience['to']}, in copy {', '.join(audience['in_copy'])}")
    if audience is not None and audience["left_out"]:
        yield _line("No copy to", f"{', '.join(audience['left_out'])}, who asked as well (`tickets reply --cc`)")


def _account(account: dict[str, Any] | None) -> str:
    if not account:
        return "not known"
    return f"{account['name'] or account['id']} ({account['id']}, plan {account['plan'] or 'none'})"


def _contact(contact: dict[str, Any] | None) -> str:
    if not contact:
        return "not known"
    return f"{contact['name'] or contact['id']} ({'authorized' if contact['authorized'] else 'not authorized'})"


def _proof(authentication: dict[str, Any] | None) -> str:
    if not authentication:
        return "none"
    by = f" by {authentication['method']}" if authentication.get("method") else ""
    reason = f": {authentication['reason']}" if authentication.get("reason") else ""
    return f"{authentication['verdict']}{by}{reason}"


def _claim(claimed: str | None) -> str:
    return f" (the sender claims: {claimed})" if claimed else ""


def _clocks(ticket: dict[str, Any], zone: tzinfo) -> Iterator[str]:
    for clock in ticket["clocks"]:
        met = f"met {times.shown(clock['met_at'], zone)}"
        going = "stands still" if ticket["status"] in ENDED else "runs"
        state = met if clock["met_at"] else "BREACHED" if clock["breached"] else going
        due = f"due {times.shown(clock['due_at'], zone)}, {state}" if clock["due_at"] else "stands still while it waits"
        yield _line("Clock", f"{clock['name']}, {due}")


def _actions(ticket: dict[str, Any]) -> Iterator[str]:
    if ticket["actions_allowed"]:
        yield _line("May be done", ", ".join(ticket["actions_allowed"]))
    for action, why in (ticket["actions_blocked_because"] or {}).items():
        yield _line("May not", f"{action}: {why}")


def _entry(entry: dict[str, Any], zone: tzinfo, number: int, *, whole: bool) -> Iterator[str]:
    # What staff write by mail is taken for theirs only when it is proven: the verdict is about people on file.
    proof = None if entry["kind"] in _BY_STAFF else (entry["authentication"] or {}).get("verdict")
    shown = f"  [{proof}]" if proof else ""
    at = times.shown(entry["at"], zone)
    # A report on a mail of ours has no author who takes part; who is named in From stands with the proof.
    author = entry["author"] or (entry["authentication"] or {}).get("address") or "unknown"
    yield terminal.one_line(f"{number}.  {at}  {entry['kind']}  {author}{shown}")
    transcript = entry["transcript"]
    written, left_out = _written(entry, whole=whole)
    text = written or "\n".join(timed_words.lines(transcript or {})) or (transcript or {}).get("text")
    yield terminal.quoted(text) if text else "  (no words)"
    if left_out:
        yield f"  ({left_out} more of history and signature: `tickets show --whole`)"
    if transcript:
        yield terminal.one_line(f"  {_transcript(transcript)}")
        for each in transcript.get("probably") or ():
            yield terminal.one_line(f"  heard '{each['heard']}', probably '{each['meant']}'")
    for attachment in entry["attachments"]:
        yield "  attached: " + _attachment(attachment)
        for inner in attachment.get("contains") or ():
            yield "    inside: " + _attachment(inner)
        about = attachment.get("about")
        if about and about not in (entry["text"] or ""):
            yield terminal.quoted(about)
    yield from _deliveries(entry)


def _deliveries(entry: dict[str, Any]) -> Iterator[str]:
    for each in entry.get("delivery", ()):
        why = f": {each['reason']}" if each["reason"] else ""
        yield terminal.one_line(f"  mail to {each['to']}: {each['state']}{why}")


def _written(entry: dict[str, Any], *, whole: bool) -> tuple[str, str]:
    """Return the text to show of an entry, and how many lines of it are not shown."""
    text = entry["text"] or ""
    new = (entry.get("reply_text") or "").strip()
    lines = len(text.strip().splitlines()) - len(new.splitlines())
    if whole or not new or lines < 1:
        return text, ""
    return new, f"{lines} line{'s' if lines > 1 else ''}"


def _transcript(transcript: dict[str, Any]) -> str:
    """Say who wrote the words down, and what is to be known about them."""
    if transcript["engine"] == _GIVEN and not transcript.get("text") and transcript.get("note"):
        return str(transcript["note"])
    by = f"transcript by {transcript['engine']}" if transcript["engine"] else "no transcript"
    if transcript["engine"] == _GIVEN:
        by = "the words came with the recording"
    if transcript.get("corrected_by"):
        heard = transcript["machine"]["text"] or "nothing"
        by = f"put right by {transcript['corrected_by']}; the machine heard: {heard}"
    note = f": {transcript['note']}" if transcript.get("note") else ""
    return f"{by}{_confidence(transcript)}{note}"


def _confidence(transcript: dict[str, Any]) -> str:
    parts = []
    if transcript.get("confidence") is not None:
        parts.append(f"confidence {transcript['confidence']:.2f}")
    if transcript.get("duration") is not None:
        parts.append(_AUDIO_SECONDS.format(transcript["duration"]))
    return f" ({', '.join(parts)})" if parts else ""


def _attachment(attachment: dict[str, Any]) -> str:
    warning = "  DANGEROUS" if attachment.get("dangerous") else ""
    name = attachment.get("filename") or "(no name)"
    return terminal.one_line(f"{name}  {attachment.get('content_type')}  {attachment.get('size')} bytes{warning}")


def _events(events: list[dict[str, Any]], zone: tzinfo) -> Iterator[str]:
    for event in events:
        why = f" ({event['why']})" if event["why"] else ""
        yield terminal.one_line(f"  {times.shown(event['at'], zone)}  {event['actor']}: {event['what']}{why}")
