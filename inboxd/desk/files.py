"""The files of a ticket: what came with mails and calls, and what staff attached; their bytes, piece by piece."""

from base64 import b64encode
from typing import Any

from inboxd.desk.arguments import Number
from inboxd.desk.context import Context
from inboxd.errors import InboxdError
from inboxd.intake.bytes_of_intake import bytes_of
from inboxd.intake.envelope import Envelope
from inboxd.views import time as shown
from inboxd.worker_process import WorkerDied
from store import files, tickets
from store import intake as rows
from store.errors import NotFound
from store.tickets import Entry

_PIECE = 8 * 1024 * 1024


def list_(context: Context, ref: str) -> list[dict[str, Any]]:
    """Return the files of a ticket in their order, numbered from 1."""
    return [
        {
            "number": number,
            "entry": entry.kind,
            "at": shown(entry.at),
            **{name: file.get(name) for name in ("filename", "content_type", "size", "sha256", "dangerous")},
            "transcript": entry.transcript if entry.kind == "voicemail" else None,
        }
        for number, (entry, _, file) in enumerate(_files(context, ref), start=1)
    ]


def piece(context: Context, ref: str, number: Number, offset: Number = 0) -> dict[str, Any]:
    """Return a piece of a file in base64, and how many bytes there are in all."""
    found = _files(context, ref)
    if not 1 <= number <= len(found):
        raise InboxdError(f"{ref} has {len(found)} files, and none with the number {number}")
    data = _bytes(context, *found[number - 1])
    return {"data": b64encode(data[offset : offset + _PIECE]).decode("ascii"), "size": len(data)}


def _files(context: Context, ref: str) -> list[tuple[Entry, int, dict[str, Any]]]:
    with context.store.read() as connection:
        ticket = tickets.get(connection, ref)
        entries = tickets.entries(connection, ticket.id)
    return [(entry, index, file) for entry in entries for index, file in enumerate(entry.attachments)]


def _bytes(context: Context, entry: Entry, index: int, file: dict[str, Any]) -> bytes:
    if entry.intake_id is None:
        with context.store.read() as connection, files.open_(connection, context.store.blobs, file["sha256"]) as there:
            return there.read()
    with context.store.read() as connection:
        intake = rows.get(connection, entry.intake_id)
    try:
        with bytes_of(context.store, intake) as raw:
            sound = Envelope.of(intake.envelope).sound
            if sound is not None:
                return context.extract(raw, int(sound["index"]))
            whole = entry.kind == "voicemail" or file["sha256"] == intake.sha256
            if whole:
                return raw if isinstance(raw, bytes) else raw.read_bytes()
            return context.extract(raw, index)
    except WorkerDied as death:
        raise InboxdError(f"the mail cannot be opened again: its reader {death}") from death
    except (IndexError, FileNotFoundError) as error:
        raise NotFound(f"the bytes of {file['filename']} are not there any more") from error
