"""What was decided, with all that it was decided from: so that other rules can be tried on it."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from inboxd import views
from inboxd.desk.arguments import Limit, Number, Time
from inboxd.desk.context import Context
from inboxd.intake.bytes_of_intake import bytes_of
from inboxd.intake.envelope import Envelope
from inboxd.judging import known_before
from rules.facts import EarlierKind, Facts, Whose
from store import intake as rows
from store import tickets, traces
from store.traces import Trace

if TYPE_CHECKING:
    from sqlalchemy import Connection

# A later decision about the same recording, once its words are known, stands for the first one.
_KINDS = ("message", "voicemail", "decide-again")
# What rules ask of what was before: of each kind, for whom, and how far back in seconds.
AsksOfBefore = list[tuple[EarlierKind, Whose, Number]]
_MOST_LETTERS = 4_000_000  # of a page's texts: it travels whole


def decisions(
    context: Context,
    since: Time,
    after: Number | None = None,
    limit: Limit = 100,
    looks_back: AsksOfBefore | None = None,
) -> dict[str, Any]:
    """Return a page of decisions about what came in since then; `after` is None behind the last page.

    Each has the facts, the text that is not among them, and what was decided. What other rules ask of what was before
    (`looks_back`, see `not_asked`) is among the facts, too. Changes nothing.
    """
    missing = not_asked(context, looks_back)
    page: list[dict[str, Any]] = []
    letters = 0
    with context.store.read() as connection:
        found = traces.since(connection, views.parsed_time(since), kinds=_KINDS, after=after or 0, limit=limit)
    for trace in found:
        with context.store.read() as connection:
            told = _decision(connection, trace)
            if missing:
                seen = known_before.also(connection, missing, Facts.from_json(told["facts"], text=""))
                told["facts"] = seen.to_json()
        if told["text"] is None:
            told["text"] = _text_of_bytes(context, str(trace.intake_id))
        page.append(told)
        letters += len(told["text"])
        if letters > _MOST_LETTERS:
            break
    more = len(page) < len(found) or len(found) == limit
    return {"decisions": page, "after": found[len(page) - 1].id if page and more else None}


def not_asked(context: Context, looks_back: AsksOfBefore | None) -> dict[tuple[EarlierKind, Whose], timedelta]:
    """Return what other rules ask of what was before, and the desk's own do not, or not as far back."""
    known = context.policy.current.rules.looks_back
    wanted = {(kind, of): timedelta(seconds=seconds) for kind, of, seconds in looks_back or ()}
    return {asked: within for asked, within in wanted.items() if known.get(asked, timedelta()) < within}


def _decision(connection: "Connection", trace: Trace) -> dict[str, Any]:
    ticket = None if trace.ticket_id is None else tickets.get_by_id(connection, trace.ticket_id)
    decision = {name: value for name, value in trace.body["decision"].items() if name not in ("trace", "actions_trace")}
    return {
        "intake_id": trace.intake_id,
        "ref": None if ticket is None else ticket.ref,
        "subject": trace.body["facts"]["subject"] or (ticket.subject if ticket is not None else ""),
        "at": views.time(trace.at),
        "facts": trace.body["facts"],
        "text": _text_of_entry(connection, trace),
        "decision": decision,
        "quiet": bool(trace.body.get("history")),
    }


def _text_of_entry(connection: "Connection", trace: Trace) -> str | None:
    """Return the words that were decided on; None where they stand on no entry."""
    if trace.kind == "voicemail" and trace.body["facts"].get("transcript", "pending") == "pending":
        return ""
    if trace.ticket_id is None or trace.entry_id is None:
        return None
    entries = tickets.entries(connection, trace.ticket_id)
    entry = next((each for each in entries if each.id == trace.entry_id), None)
    if entry is None:
        return None
    return entry.text or "" if entry.kind == "email" else str((entry.transcript or {}).get("text", ""))


def _text_of_bytes(context: Context, intake_id: str) -> str:
    """Read the words of what became no entry once more: of a mail that a rule held, or of a call."""
    with context.store.read() as connection:
        intake = rows.get(connection, intake_id)
    if intake.channel == "voicemail":
        return Envelope.of(intake.envelope).transcript or ""
    with bytes_of(context.store, intake) as raw:
        return context.read(raw).text or ""
