"""Tickets, intake and outbox as the objects that `--json` prints: the one place that knows their outside shape."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from inboxd.clocks import clocks
from inboxd.intake.door import moment, now_ms
from rules.scale import Scale
from store.intake import Intake
from store.outbox import OutboxItem
from store.tickets import Entry, Event, Ticket


def time(milliseconds: int | None) -> str | None:
    """Return a stored time as RFC 3339 in UTC, to the second."""
    if milliseconds is None:
        return None
    return moment(milliseconds).astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def ticket(
    record: Ticket,
    entries: list[Entry],
    events: list[Event],
    scale: Scale,
    deliveries: Mapping[int, Sequence[OutboxItem]] | None = None,
) -> dict[str, Any]:
    """Return a ticket, its priority as the desk calls it; in lists `entries` and `events` are empty.

    `deliveries` are the outbox items of an entry, by its number.
    """
    contact = record.contact
    return {
        "ref": record.ref,
        "channel": record.channel,
        "source": record.source,
        "subject": record.subject,
        "status": record.status,
        "type": record.type,
        "queue": record.queue,
        "priority": scale.name(record.priority),
        "priority_by": record.priority_by,
        "claimed_urgency": record.claimed_urgency,
        "tags": list(record.tags),
        "assignee": record.assignee,
        "account": record.account,
        "contact": contact and {key: contact[key] for key in ("id", "name", "authorized")},
        "requester": record.requester,
        "identity": record.identity,
        "authentication": record.authentication,
        "callback": {**record.callback, "due_at": time(record.callback["due_at"])},
        "clocks": [_clock(clock, record.status) for clock in record.clocks],
        "actions_allowed": list(record.actions_allowed),
        "actions_blocked_because": record.actions_blocked,
        "entries": [_entry(entry, (deliveries or {}).get(entry.id, ())) for entry in entries],
        "events": [{"at": time(each.at), "actor": each.actor, "what": each.what, "why": each.why} for each in events],
        "created_at": time(record.created_at),
        "updated_at": time(record.updated_at),
        "closed_at": time(record.closed_at),
    }


def _clock(clock: dict[str, Any], status: str) -> dict[str, Any]:
    # While it stands still for the customer nobody can say when it will be due.
    waits = status == "waiting" and clock["met_at"] is None and clock.get("paused_at") is not None
    return {
        "name": clock["name"],
        "started_at": time(clock["started_at"]),
        "due_at": None if waits else time(clock["due_at"]),
        "met_at": time(clock["met_at"]),
        "breached": clocks.breached(clock, now_ms()),
    }


def _entry(entry: Entry, items: Sequence[OutboxItem]) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "at": time(entry.at),
        "author": entry.author,
        "text": entry.text,
        "reply_text": entry.reply_text,
        "identity": entry.identity,
        "authentication": entry.authentication,
        "attachments": list(entry.attachments),
        "transcript": _transcript(entry.transcript),
        # What became of the mails that bring it to its readers.
        "delivery": [_delivery(item) for item in items],
    }


def _delivery(item: OutboxItem) -> dict[str, Any]:
    bounce = item.bounce or {}
    state = {"failed": "bounced", "delayed": "deferred"}.get(bounce.get("action", ""), item.state)
    if state == "queued" and item.attempts:
        state = "deferred"  # the server put it off, and it is tried again
    at = bounce["at"] if bounce else item.sent_at
    return {"to": item.to_address, "state": state, "reason": bounce.get("reason") or item.reason, "at": time(at)}


def _transcript(transcript: dict[str, Any] | None) -> dict[str, Any] | None:
    if transcript is None:
        return None
    shown = {key: transcript.get(key) for key in ("text", "engine", "confidence", "words", "duration", "note")}
    # What is probably meant elsewhere than was heard; words that a person put right, and what the machine had heard.
    probably = [{"heard": each["heard"], "meant": each["meant"]} for each in transcript.get("probably") or ()]
    by, machine = transcript.get("corrected_by"), transcript.get("machine")
    return {**shown, "probably": probably, "corrected_by": by, "machine": machine}


def intake(record: Intake) -> dict[str, Any]:
    """Return a row of what came in; `ticket` is the bare reference."""
    return {
        "id": record.id,
        "channel": record.channel,
        "source": record.source,
        "state": record.state,
        "status": record.status,
        "reason": record.reason,
        "ticket": record.ticket_ref,
        "sha256": record.sha256,
        "size": record.size,
        "received_at": time(record.received_at),
        "attempts": record.attempts,
    }


def outcome(record: Intake, shown: dict[str, Any] | None) -> dict[str, Any]:
    """Return what became of an ingested message, without its path."""
    return {
        "intake_id": record.id,
        "status": record.status,
        "reason": record.reason,
        "ticket": shown,
        "error": None,
    }


def outbox(item: OutboxItem) -> dict[str, Any]:
    """Return an item of what inboxd sends."""
    return {
        "id": item.id,
        "kind": item.kind,
        "to": item.to_address,
        "from": item.from_address,
        "reply_to": item.reply_to,
        "message_id": item.message_id,
        "subject": item.subject,
        "text": item.text,
        "ticket": item.ticket_ref,
        "state": item.state,
        "reason": item.reason,
        "created_at": time(item.created_at),
        "sent_at": time(item.sent_at),
        "attempts": item.attempts,
        "acknowledged_at": time(item.acknowledged_at),
        "acknowledged_by": item.acknowledged_by,
    }


def parsed_time(text: str) -> int:
    """Return RFC 3339 text in milliseconds since 1970. ValueError when it is none or names no zone."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f'"{text}" names no zone: write 2026-01-13T10:00:00-06:00 or 2026-01-13T16:00:00Z')
    return round(at.timestamp() * 1000)
