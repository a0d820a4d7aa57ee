"""The files of a ticket: what came with mails and calls, and what staff attached; their bytes, piece by piece."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class _File:
    """A file of an entry: which of its attachments, or which file (from 0) `inside` that one."""

    entry: Entry
    index: int
    about: dict[str, Any]
    inside: int | None = None
    wrapping: str | None = None


def list_(context: Context, ref: str) -> list[dict[str, Any]]:
    """Return the files of a ticket in their order, numbered from 1; what a winmail.dat holds stands behind it."""
    return [
        {
            "number": number,
            "entry": file.entry.kind,
            "at": shown(file.entry.at),
            **{name: file.about.get(name) for name in ("filename", "content_type", "size", "sha256", "dangerous")},
            "inside": file.wrapping,
            "transcript": file.entry.transcript if file.entry.kind == "voicemail" else None,
        }
        for number, file in enumerate(_files(context, ref), start=1)
    ]


def piece(context: Context, ref: str, number: Number, offset: Number = 0) -> dict[str, Any]:
    """Return a piece of a file in base64, and how many bytes there are in all."""
    found = _files(context, ref)
    if not 1 <= number <= len(found):
        raise InboxdError(f"{ref} has {len(found)} files, and none with the number {number}")
    data = _bytes(context, found[number - 1])
    return {"data": b64encode(data[offset : offset + _PIECE]).decode("ascii"), "size": len(data)}


def _files(context: Context, ref: str) -> list[_File]:
    with context.store.read() as connection:
        ticket = tickets.get(connection, ref)
        entries = tickets.entries(connection, ticket.id)
    return [file for entry in entries for file in _of(entry)]


def _of(entry: Entry) -> Iterator[_File]:
    for index, about in enumerate(entry.attachments):
        yield _File(entry, index, about)
        for number, inner in enumerate(about.get("contains") or ()):
            yield _File(entry, index, inner, number, about["filename"])


def _bytes(context: Context, file: _File) -> bytes:
    entry, about = file.entry, file.about
    if entry.intake_id is None:
        with context.store.read() as connection, files.open_(connection, context.store.blobs, about["sha256"]) as there:
            return there.read()
    with context.store.read() as connection:
        intake = rows.get(connection, entry.intake_id)
    try:
        with bytes_of(context.store, intake) as raw:
            sound = Envelope.of(intake.envelope).sound
            if sound is not None:
                return context.extract(raw, int(sound["index"]))
            whole = entry.kind == "voicemail" or about["sha256"] == intake.sha256
            if whole:
                return raw if isinstance(raw, bytes) else raw.read_bytes()
            return context.extract(raw, file.index, file.inside)
    except WorkerDied as death:
        raise InboxdError(f"the mail cannot be opened again: its reader {death}") from death
    except (IndexError, FileNotFoundError) as error:
        raise NotFound(f"the bytes of {about['filename']} are not there any more") from error
