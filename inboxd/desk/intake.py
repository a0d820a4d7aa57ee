"""What came in and where it stands; taking something in by hand, looking at it, replaying and discarding it."""

import time
from base64 import b64encode
from dataclasses import asdict
from typing import Any, BinaryIO, Literal

from inboxd import views
from inboxd.desk import tickets
from inboxd.desk.arguments import EnvelopeFields, Limit, Number, Seconds, Time
from inboxd.desk.context import Context
from inboxd.errors import InboxdError
from inboxd.intake.envelope import Envelope
from store import intake as rows
from store import jobs, messages, traces
from store.intake import State, Status

_POLL_SECONDS = 0.02
_WAKE_SECONDS = 1.0
_PIECE = 8 * 1024 * 1024  # bytes of one answer: the daemon holds no more of a large recording than this


def list_(
    context: Context, status: Status | None = None, state: State | None = None, limit: Limit | None = None
) -> list[dict[str, Any]]:
    """Return the rows of what came in, the latest first; of a status, or with its jobs in a state."""
    with context.store.read() as connection:
        return [views.intake(row) for row in rows.list_(connection, status=status, state=state, limit=limit)]


def show(context: Context, id: str) -> dict[str, Any]:  # noqa: A002 - the word of the command line
    """Return one row with its envelope and the decisions made about it."""
    with context.store.read() as connection:
        row = rows.get(connection, id)
        decided = [trace.body for trace in traces.of_intake(connection, id)]
    return {**views.intake(row), "envelope": asdict(Envelope.of(row.envelope)), "decisions": decided}


def raw(context: Context, id: str, offset: Number = 0) -> dict[str, Any]:  # noqa: A002
    """Return a piece of the bytes that were kept, in base64, and how many there are in all."""
    with context.store.read() as connection:
        row = rows.get(connection, id)
        kept = rows.get_raw(connection, id)
    if kept is not None:
        piece = kept[offset : offset + _PIECE]
    elif row.blob is not None:
        with context.store.blobs.open(row.blob) as file:
            _skip(file, offset)
            piece = file.read(_PIECE)
    else:
        raise InboxdError(f"the bytes of {id} are not there any more")
    return {"data": b64encode(piece).decode("ascii"), "size": row.size}


def _skip(file: BinaryIO, size: int) -> None:
    """Go on by `size` bytes. A blob in PostgreSQL is read from its beginning: its digest is checked on the way."""
    if file.seekable():
        file.seek(size)
    while not file.seekable() and size > 0:
        size -= len(file.read(min(size, 1 << 20))) or size


def replay(context: Context, id: str) -> dict[str, Any]:  # noqa: A002
    """Send what has no ticket through the pipeline again."""

    def change(txn: Any) -> None:
        # Locked: replayed on two nodes at once, one mail would be two jobs and so two tickets.
        row = rows.get(txn, id, for_update=True)
        if row.ticket_id is not None and row.state != "dead":
            raise InboxdError(f"{id} stands on ticket {row.ticket_ref}: there is nothing to replay")
        if row.state in {"ready", "running"}:
            raise InboxdError(f"{id} is under way already")
        if row.ticket_id is not None:
            jobs.revive(txn, id)
            return
        messages.release_fingerprint(txn, id)
        rows.reopen(txn, id)
        kind = "voicemail" if row.channel == "voicemail" else "message"
        jobs.add(txn, kind=kind, lane="mail", intake_id=id)

    context.store.write(change)
    context.work_on(id)
    return show(context, id)


def discard(context: Context, id: str) -> dict[str, Any]:  # noqa: A002
    """Say that nothing shall come of a quarantined item; its bytes stay."""

    def change(txn: Any) -> None:
        row = rows.get(txn, id, for_update=True)
        if row.status != "quarantined":
            raise InboxdError(f"{id} is {row.status or row.state}: only what is quarantined can be discarded")
        rows.discard(txn, id, reason=f"Discarded by {context.staff_name}. It was held: {row.reason}")

    context.store.write(change)
    return show(context, id)


def accept(
    context: Context,
    kind: Literal["mail", "voicemail"],
    envelope: EnvelopeFields,
    payload: bytes,
    name: str = "",  # noqa: ARG001 - callers say what they hand in, as they do to `why.message`
    received_at: Time | None = None,
) -> dict[str, Any]:
    """Take a message or a recording in through the one door; return its queue id, after the commit."""
    said = Envelope.of(envelope)
    at = None if received_at is None else views.parsed_time(received_at)
    channel: Literal["email", "voicemail"] = "voicemail" if kind == "voicemail" else "email"
    return {"intake_id": context.intake.accept_now(said, payload, channel=channel, received_at=at)}


def outcome(context: Context, intake_id: str, wait_seconds: Seconds = 0.0) -> dict[str, Any] | None:
    """Return what became of an item once it is through, recogniser included; None when it is not, in that time."""
    deadline = time.monotonic() + min(wait_seconds, 60.0)
    wake_at = time.monotonic() + _WAKE_SECONDS
    while True:
        with context.store.read() as connection:
            row = rows.get(connection, intake_id)
        if row.status is not None and row.state in {"done", "dead"}:
            context.through(intake_id)
            shown = None if row.ticket_ref is None else tickets.show(context, row.ticket_ref)
            return views.outcome(row, shown)
        if time.monotonic() >= deadline:
            return None
        # Without a daemon nothing else says that the time of a second attempt has come.
        if time.monotonic() >= wake_at:
            context.wake()
            wake_at += _WAKE_SECONDS
        time.sleep(_POLL_SECONDS)
