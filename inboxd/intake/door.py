"""The one door: bytes, envelope and the first job are committed together, and only then is anything answered.

A channel starts a body with `spool()`, writes what arrives into it and hands both to `accept`. When `accept` returns,
bytes and row are on stable storage; when it raises Deferred, nothing was kept and the client shall come again.
"""

import asyncio
import errno
import hashlib
import io
import secrets
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

import structlog

from inboxd.errors import Deferred
from inboxd.intake.envelope import Envelope, Spool
from store import errors as store_errors
from store import intake as rows
from store import jobs

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.open import Store

Channel = Literal["email", "voicemail"]

# Small bodies stand in the row: with 32 a commit that is two to eight times faster than a file each up to 40 KB, as
# fast at 400 KB, and a backup is one thing. Larger ones are a blob first, and the row points at it.
INLINE_LIMIT = 256 * 1024

_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no letter that reads like a digit
_OF_CHANCE = 2**35 - 1

log = structlog.get_logger("inboxd.intake")


def now_ms() -> int:
    """Return the wall clock in milliseconds since 1970 (UTC)."""
    return time.time_ns() // 1_000_000


def milliseconds(moment: datetime) -> int:
    """Return an aware moment in milliseconds since 1970 (UTC)."""
    return round(moment.timestamp() * 1000)


def moment(milliseconds_since_1970: int) -> datetime:
    """Return the aware UTC moment of a stored time."""
    return datetime.fromtimestamp(milliseconds_since_1970 / 1000, UTC)


def new_queue_id() -> str:
    """Return an id that sorts by time and that no outsider can guess: 9 characters of time, 7 of chance."""
    return next(new_queue_ids(1))


def new_queue_ids(number: int) -> Iterator[str]:
    """Return so many ids at once: chance comes from the kernel, and asking for it is what an id costs."""
    now, chance = now_ms() << 35, secrets.token_bytes(5 * number)
    for start in range(0, len(chance), 5):
        value = now | int.from_bytes(chance[start : start + 5]) & _OF_CHANCE
        yield "".join([_ALPHABET[(value >> shift) & 31] for shift in range(75, -1, -5)])


class BodySpool:
    """A body under way: in memory to `INLINE_LIMIT`, above that in an unnamed file that vanishes with us."""

    def __init__(self, folder: Path | None) -> None:
        # Closed by `discard`, which every way out of a session and of `accept_now` calls.
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(  # noqa: SIM115
            max_size=INLINE_LIMIT, dir=None if folder is None else str(folder)
        )
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, chunk: bytes) -> None:
        """Take the next bytes. OSError when they cannot be kept."""
        self._file.write(chunk)
        self._digest.update(chunk)
        self.size += len(chunk)

    @property
    def sha256(self) -> str:
        """Digest of what was written, as hexadecimal digits."""
        return self._digest.hexdigest()

    def file(self) -> IO[bytes]:
        """Return the body as a file at its beginning."""
        self._file.seek(0)
        return self._file

    def discard(self) -> None:
        """Give up what was written."""
        # On a full disk closing writes once more and fails like a write; the file is closed and gone all the same.
        with suppress(OSError):
            self._file.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A mail that was fetched from somewhere. `received_at` in milliseconds; the body stays its maker's to discard."""

    queue_id: str
    envelope: Envelope
    body: bytes | BodySpool
    received_at: int


class Intake:
    """Accepts what comes in through any channel; safe to call from any thread."""

    def __init__(self, store: "Store", on_accepted: Callable[[str], None], spool_folder: Path | None = None) -> None:
        """`spool_folder` is where large bodies wait under way: a real disk (`/tmp` is often memory)."""
        self._store = store
        self._spool_folder = spool_folder
        self._on_accepted = on_accepted

    def spool(self) -> BodySpool:
        """Start a body."""
        return BodySpool(self._spool_folder)

    async def accept(self, envelope: Envelope, spool: Spool) -> str:
        """Commit a mail and return its queue id; Deferred when it could not be kept."""
        assert isinstance(spool, BodySpool)
        try:
            blob = await asyncio.to_thread(self._keep_large, spool) if spool.size > INLINE_LIMIT else None
            queue_id, committed = self._submit(envelope, spool, blob, channel="email", received_at=now_ms())
            await asyncio.wrap_future(committed)
        except (store_errors.StoreError, OSError) as error:
            raise deferred(error) from error
        self._on_accepted(queue_id)
        return queue_id

    def accept_now(self, envelope: Envelope, body: bytes, *, channel: Channel, received_at: int | None = None) -> str:
        """Commit a message from a thread (never from the event loop) and return its queue id."""
        spool = self.spool()
        try:
            spool.write(body)
            blob = self._keep_large(spool) if spool.size > INLINE_LIMIT else None
            queue_id, committed = self._submit(
                envelope, spool, blob, channel=channel, received_at=now_ms() if received_at is None else received_at
            )
            committed.result()
        except (store_errors.StoreError, OSError) as error:
            raise deferred(error) from error
        finally:
            spool.discard()
        self._on_accepted(queue_id)
        log.info("accepted", queue_id=queue_id, size=len(body), channel=channel)
        return queue_id

    def submit_many(
        self, arrivals: Mapping[int, Arrival], enter: Callable[["Connection"], Collection[int]]
    ) -> "Future[set[int]]":
        """Put fetched mails on their way, all in one transaction; the future gives the keys of those that were kept.

        `enter` writes the ledger of the source in the same transaction and says which keys are new to it; what it does
        not name was kept before. Large bodies are on disk when this returns. From a thread, never from the event loop;
        `announce` then tells the workers. Raises StoreError and OSError; so does the future.
        """
        rows_of = {key: self._fields(arrival) for key, arrival in arrivals.items()}

        def commit(txn: "Connection") -> set[int]:
            new = set(enter(txn))
            kept = [fields for key, fields in rows_of.items() if key in new]
            rows.add_many(txn, kept)
            jobs.add_many(txn, kind="message", lane="mail", intake_ids=[fields["id"] for fields in kept])
            return new

        return self._store.submit(commit)

    def keep_call(
        self,
        envelope: Envelope,
        body: BodySpool,
        enter: "Callable[[Connection, str], bool]",
        *,
        key: str,
        received_at: int,
    ) -> str | None:
        """Keep what a call left, from a thread; give its queue id, None where `enter` does not want it.

        `key` names it for good, and whoever gives it in another transaction is refused by the store. `enter` is given
        the queue id, writes the ledger in the same transaction, before the row stands, and knows whether it is new.
        Raises StoreError and OSError; the body stays its maker's to discard.
        """
        queue_id = new_queue_id()
        blob = self._keep_large(body) if body.size > INLINE_LIMIT else None
        raw = body.file().read() if blob is None else None

        def commit(txn: "Connection") -> bool:
            if not enter(txn, queue_id):
                return False
            new = rows.add(
                txn,
                id=queue_id,
                channel="voicemail",
                source=source_of(envelope, "voicemail"),
                origin_key=key,
                envelope=envelope.plain(),
                raw=raw,
                blob=blob,
                sha256=body.sha256,
                size=body.size,
                received_at=received_at,
            )
            assert new, f"{key} is in the store, and the ledger does not know it"
            jobs.add(txn, kind="voicemail", lane="mail", intake_id=queue_id)
            return True

        if not self._store.submit(commit).result():
            return None
        self._on_accepted(queue_id)
        log.info("accepted", queue_id=queue_id, size=body.size, channel="voicemail")
        return queue_id

    def announce(self, queue_ids: Iterable[str]) -> None:
        """Tell the workers of what was kept."""
        for queue_id in queue_ids:
            self._on_accepted(queue_id)

    def _fields(self, arrival: Arrival) -> dict[str, Any]:
        body = arrival.body
        if isinstance(body, BodySpool):
            blob = self._keep_large(body) if body.size > INLINE_LIMIT else None
            raw = body.file().read() if blob is None else None
            digest, size = body.sha256, body.size
        else:
            blob = self._store.blobs.put(io.BytesIO(body)) if len(body) > INLINE_LIMIT else None
            raw = body if blob is None else None
            digest, size = hashlib.sha256(body).hexdigest(), len(body)
        return {
            "id": arrival.queue_id,
            "channel": "email",
            "source": source_of(arrival.envelope, "email"),
            "envelope": arrival.envelope.plain(),
            "raw": raw,
            "blob": blob,
            "sha256": digest,
            "size": size,
            "received_at": arrival.received_at,
        }

    def _keep_large(self, spool: BodySpool) -> str:
        return self._store.blobs.put(spool.file())

    def _submit(
        self, envelope: Envelope, spool: BodySpool, blob: str | None, *, channel: Channel, received_at: int
    ) -> "tuple[str, Future[None]]":
        queue_id = new_queue_id()
        raw = spool.file().read() if blob is None else None
        digest, size = spool.sha256, spool.size
        source = source_of(envelope, channel)
        what_the_channel_knows = envelope.plain()

        def commit(txn: "Connection") -> None:
            rows.add(
                txn,
                id=queue_id,
                channel=channel,
                source=source,
                origin_key=None,
                envelope=what_the_channel_knows,
                raw=raw,
                blob=blob,
                sha256=digest,
                size=size,
                received_at=received_at,
            )
            kind = "voicemail" if channel == "voicemail" else "message"
            jobs.add(txn, kind=kind, lane="mail", intake_id=queue_id)

        return queue_id, self._store.submit(commit)


def source_of(envelope: Envelope, channel: Channel) -> str:
    """Return the line that was called, or the mailbox or the desk's address that was written to.

    Several recipients of one transaction are one message: the first of them stands for it.
    """
    if channel == "voicemail":
        return envelope.called or ""
    return envelope.mailbox or (envelope.rcpt_tos[0] if envelope.rcpt_tos else "")


def deferred(error: Exception) -> Deferred:
    """Say a local fault as a temporary one: never a permanent refusal for what is wrong on our side."""
    log.error("not_accepted", error=str(error), kind=type(error).__name__, cause=repr(error.__cause__))
    # The store says it in its own words and chains what the system said.
    full = any(isinstance(one, OSError) and one.errno in _DISK_FULL for one in (error, error.__cause__))
    if full or "disk is full" in str(error):
        return Deferred("No space left, come again", enhanced="4.3.1")
    return Deferred("Local fault, come again", enhanced="4.3.0")
