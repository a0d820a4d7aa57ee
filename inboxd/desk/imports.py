"""Importing: many mails and recordings in one call, and what became of many in one answer."""

import time
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from inboxd import views
from inboxd.desk import tickets
from inboxd.desk.arguments import EnvelopeFields, Number, Seconds, Time
from inboxd.desk.context import Context
from inboxd.errors import UsageWrong
from inboxd.intake import import_door
from inboxd.intake.envelope import Envelope
from inboxd.intake.import_door import Brought
from store import intake as rows
from store import jobs
from store.claimant import this_host

_POLL_SECONDS = 0.02
_WAKE_SECONDS = 1.0
_MOST = 1000


class Piece(BaseModel):
    """One mail or recording of a payload: its first `size` bytes that no piece before it has taken."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["mail", "voicemail"]
    size: Number
    kept_at: Time


def take(
    context: Context,
    pieces: Annotated[list[Piece], Field(max_length=_MOST)],
    envelope: EnvelopeFields,
    payload: bytes,
    received_at: Time | None = None,
) -> list[dict[str, Any]]:
    """Take mails and recordings in, each once however often it is brought; return where each stands, in their order.

    All of them are committed, or none: the same call may be made again.
    """
    if sum(piece.size for piece in pieces) != len(payload):
        raise UsageWrong(f"the pieces are not as large as the payload of {len(payload)} bytes")
    said = Envelope.of(envelope)
    at = None if received_at is None else views.parsed_time(received_at)
    taken = import_door.take(context.store, said, list(_brought(pieces, payload)), received_at=at)
    if any(each.known and not each.ended for each in taken):
        # A command that was killed holds its jobs by leases of minutes; who can be seen to be gone need not be awaited.
        context.store.write(lambda txn: jobs.recover(txn, this_host()))
    for each in taken:
        if not each.ended:
            context.work_on(each.intake_id)
    return [
        {"intake_id": each.intake_id, "known": each.known, "ended": each.ended, "accepted_at": each.accepted_at}
        for each in taken
    ]


def _brought(pieces: list[Piece], payload: bytes) -> Iterator[Brought]:
    start = 0
    for piece in pieces:
        yield Brought(
            channel="email" if piece.kind == "mail" else "voicemail",
            raw=payload[start : start + piece.size],
            kept_at=views.parsed_time(piece.kept_at),
        )
        start += piece.size


def outcomes(
    context: Context,
    intake_ids: Annotated[list[str], Field(max_length=_MOST)],
    enough: Number = 1,
    wait_seconds: Seconds = 0.0,
    whole: bool = True,
) -> list[dict[str, Any]]:
    """Return those of the items that are through once `enough` of them are, or after that time what there is.

    `whole` False: of a ticket only its reference.
    """
    deadline = time.monotonic() + min(wait_seconds, 60.0)
    wake_at = time.monotonic() + _WAKE_SECONDS
    while True:
        with context.store.read() as connection:
            ended = rows.ended(connection, intake_ids)
        if len(ended) >= min(enough, len(intake_ids)) or time.monotonic() >= deadline:
            break
        # Without a daemon nothing else says that the time of a second attempt has come.
        if time.monotonic() >= wake_at:
            context.wake()
            wake_at += _WAKE_SECONDS
        time.sleep(_POLL_SECONDS)
    for row in ended:
        context.through(row.id)
    return [views.outcome(row, _ticket(context, row.ticket_ref, whole=whole)) for row in ended]


def _ticket(context: Context, ref: str | None, *, whole: bool) -> dict[str, Any] | None:
    if ref is None:
        return None
    return tickets.show(context, ref) if whole else {"ref": ref}
