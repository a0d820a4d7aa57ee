"""The door for what is imported: many at a time, and each of them once, however often it is brought.

Mail that lies in an mbox, a Maildir or a folder can be read again, so a command that was ended half-way is simply given
again. What tells that a mail was here is a key made of its bytes: the second time no row is added.
"""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from inboxd.intake.door import INLINE_LIMIT, Channel, deferred, new_queue_id, now_ms, source_of
from inboxd.intake.envelope import Envelope
from store import errors as store_errors
from store import intake as rows
from store import jobs

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.open import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """One mail or recording to be imported.

    `kept_at` is the time it was kept with (that of its file, or of its From line), in milliseconds since 1970:
    the received time of old mail that names none itself.
    """

    channel: Channel
    raw: bytes
    kept_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Where a mail or recording stands. `known`: it was imported before, at `accepted_at`; `ended`: it is through."""

    intake_id: str
    known: bool
    ended: bool
    accepted_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A row to be added; the bytes stand in `raw`, or in the blob of that name."""

    id: str
    key: str
    brought: Brought
    raw: bytes | None
    blob: str | None
    sha256: str


def take(store: "Store", envelope: Envelope, brought: Sequence[Brought], *, received_at: int | None) -> list[Taken]:
    """Commit all of them in one transaction, or none; raises Deferred. The same call again changes nothing.

    `received_at` (milliseconds) None: old mail has the time it was kept with until its own date is read, new mail now.
    """
    keyed = [(_key(envelope, each), each) for each in brought]
    try:
        with store.read() as connection:
            known = rows.by_origin(connection, [key for key, _ in keyed])
        fresh = {key: _row(store, key, each) for key, each in keyed if key not in known}
        if fresh:
            known |= store.write(lambda txn: _add(txn, envelope, fresh, received_at))
    except (store_errors.StoreError, OSError) as error:
        raise deferred(error) from error
    taken: list[Taken] = []
    for key, _ in keyed:
        row = known[key]
        ours = fresh.pop(key, None)  # a twin beside it in this call is known
        taken.append(
            Taken(
                intake_id=row.id,
                known=ours is None or ours.id != row.id,
                ended=row.status is not None and row.state in {"done", "dead"},
                accepted_at=row.accepted_at,
            )
        )
    return taken


def _key(envelope: Envelope, brought: Brought) -> str:
    """A mail is its bytes. Two calls may have the same bytes (silence): caller, line and time belong to them."""
    parts = [hashlib.sha256(brought.raw).hexdigest()]
    if brought.channel == "voicemail":
        parts += [envelope.caller or "", envelope.called or "", str(brought.kept_at)]
    return "import:" + ":".join(parts)


def _row(store: "Store", key: str, brought: Brought) -> _Row:
    large = len(brought.raw) > INLINE_LIMIT
    return _Row(
        id=new_queue_id(),
        key=key,
        brought=brought,
        raw=None if large else brought.raw,
        blob=store.blobs.put(io.BytesIO(brought.raw)) if large else None,
        sha256=hashlib.sha256(brought.raw).hexdigest(),
    )


def _add(
    txn: "Connection", envelope: Envelope, fresh: dict[str, _Row], received_at: int | None
) -> dict[str, rows.Intake]:
    """Add what is not there, with its first job, and give all of them as they stand."""
    for key, row in fresh.items():
        brought = row.brought
        at = received_at if received_at is not None else brought.kept_at if envelope.history else now_ms()
        added = rows.add(
            txn,
            id=row.id,
            channel=brought.channel,
            source=source_of(envelope, brought.channel),
            origin_key=key,
            envelope=_json(envelope, brought.channel),
            raw=row.raw,
            blob=row.blob,
            sha256=row.sha256,
            size=len(brought.raw),
            received_at=at,
        )
        if added:
            kind = "voicemail" if brought.channel == "voicemail" else "message"
            jobs.add(txn, kind=kind, lane="mail", intake_id=row.id)
    return rows.by_origin(txn, list(fresh))


def _json(envelope: Envelope, channel: Channel) -> dict[str, Any]:
    # A mail among recordings was not called in.
    own = envelope if channel == "voicemail" else replace(envelope, caller=None, called=None, transcript=None)
    return {**asdict(own), "rcpt_tos": list(own.rcpt_tos)}
