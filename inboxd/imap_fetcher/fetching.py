"""Gets mails out of an open folder: in batches of bounded size, and a large one alone, piece by piece."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from inboxd.imap_fetcher.connection import Connection, Refused
from inboxd.imap_fetcher.fetch_reply import Fetched
from inboxd.imap_fetcher.identity import identity
from inboxd.intake.door import BodySpool, Intake, deferred

MOST_MAILS: Final = 200
MOST_BYTES: Final = 8 * 1024 * 1024
PIECE: Final = 1024 * 1024
# Servers that reckon sizes (RFC822.SIZE) may be off by their line ends and more.
_SLACK: Final = 2
_SIZES_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A mail to fetch. `size` in bytes as the server says it, None where it does not."""

    uid: int
    size: int | None
    history: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A mail that was fetched, or of a `partial` one the beginning. `whole_size` in bytes."""

    uid: int
    state: Literal["stored", "partial"]
    body: bytes | BodySpool
    whole_size: int
    identity: str | None
    internal_date: datetime | None
    history: bool

    def discard(self) -> None:
        """Let go what it holds on disk."""
        if isinstance(self.body, BodySpool):
            self.body.discard()


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A mail that was not to be had, and why."""

    uid: int
    state: Literal["gone", "unreadable"]
    reason: str


Outcome = Taken | Missed


def sized(line: Connection, uids: Sequence[int]) -> Iterator[Wanted]:
    """Ask for the sizes of mails, some at a time: what was fetched before is being committed meanwhile."""
    for start in range(0, len(uids), _SIZES_AT_ONCE):
        page = uids[start : start + _SIZES_AT_ONCE]
        found: dict[int, Fetched] = {}
        # Without a size a mail is fetched alone, and then says itself what is wrong.
        with contextlib.suppress(Refused):
            found = line.fetch(page, "RFC822.SIZE")
        yield from (Wanted(uid=uid, size=found[uid].size if uid in found else None) for uid in page)


def batches(mails: Iterable[Wanted], *, alone: frozenset[int] | set[int], max_size: int) -> Iterator[list[Wanted]]:
    """Put mails together that are fetched by one command. `alone`: at these the line broke before."""
    largest = min(MOST_BYTES, max_size)
    batch: list[Wanted] = []
    held = 0
    for mail in mails:
        if mail.size is None or mail.size > largest or mail.uid in alone:
            yield [mail]
            continue
        if batch and (len(batch) >= MOST_MAILS or held + mail.size > MOST_BYTES):
            yield batch
            batch, held = [], 0
        batch.append(mail)
        held += mail.size
    if batch:
        yield batch


def take(line: Connection, batch: Sequence[Wanted], intake: Intake, *, max_size: int) -> list[Outcome]:
    """Fetch a batch: an outcome for each mail. Raises what a broken line raises; nothing is marked by it."""
    if len(batch) == 1:
        return [_take_alone(line, batch[0], intake, max_size)]
    try:
        found = line.fetch(
            [mail.uid for mail in batch],
            "INTERNALDATE BODY.PEEK[]",
            bodies=sum(mail.size or 0 for mail in batch) * _SLACK,
        )
    except Refused:
        # One that the server cannot read spoils the answer for all.
        found = {}
    outcomes: list[Outcome] = []
    try:
        for mail in batch:
            one = found.pop(mail.uid, None)
            if one is None or one.body is None or (not one.body and mail.size):
                outcomes.append(_take_alone(line, mail, intake, max_size))
            else:
                outcomes.append(_whole(mail, one, one.body))
    except BaseException:
        # Whatever ends it is told on; no body may stay behind it.
        _discard(outcomes)
        raise
    return outcomes


def _whole(mail: Wanted, one: Fetched, body: bytes) -> Taken:
    return Taken(
        uid=mail.uid,
        state="stored",
        body=body,
        whole_size=len(body),
        identity=identity(body),
        internal_date=one.internal_date,
        history=mail.history,
    )


def _take_alone(line: Connection, mail: Wanted, intake: Intake, max_size: int) -> Outcome:
    """Fetch one mail in pieces, so that none takes more memory than a piece."""
    try:
        about = line.fetch([mail.uid], "INTERNALDATE RFC822.SIZE").get(mail.uid)
    except Refused as refused:
        return _missed(line, mail, f"the server says: {refused}")
    size = (about.size if about else None) or mail.size
    if about is None and not _is_there(line, mail.uid):
        return Missed(uid=mail.uid, state="gone", reason="it went away before it was fetched")
    keep = min(PIECE, max_size)
    # One byte more than is wanted says that there is more.
    limit = 1 + (keep if size is not None and size > max_size else max_size)
    spool = intake.spool()
    try:
        reason = _pieces(line, mail.uid, spool, size, limit)
        if reason is not None:
            spool.discard()
            return _missed(line, mail, reason)
        complete = spool.size < limit
        head = spool.file().read(keep)
        return Taken(
            uid=mail.uid,
            state="stored" if complete else "partial",
            body=spool if complete else _beginning(spool, head, intake),
            whole_size=spool.size if complete else max(size or 0, spool.size),
            identity=identity(head),
            internal_date=about.internal_date if about else None,
            history=mail.history,
        )
    except BaseException:
        # Whatever ends it is told on; no body may stay behind it.
        spool.discard()
        raise


def _pieces(line: Connection, uid: int, spool: BodySpool, size: int | None, limit: int) -> str | None:
    """Write a mail into the spool, until it ends or `limit` bytes are there; say why, when nothing came."""
    while spool.size < limit:
        length = min(PIECE, limit - spool.size)
        try:
            one = line.fetch([uid], f"BODY.PEEK[]<{spool.size}.{length}>", bodies=length).get(uid)
        except Refused as refused:
            return f"the server says: {refused}"
        if one is None or one.body is None:
            return "the server gives no body for it"
        _write(spool, one.body)
        # A piece that is short is the last one, unless the server limits pieces by itself.
        if not one.body or (len(one.body) < length and (size is None or spool.size >= size)):
            break
    if size and spool.size == 0:
        return f"the server says that it has {size} bytes, and gives none of them"
    return None


def _beginning(spool: BodySpool, head: bytes, intake: Intake) -> BodySpool:
    """Keep the first piece alone."""
    spool.discard()
    kept = intake.spool()
    _write(kept, head)
    return kept


def _write(spool: BodySpool, piece: bytes) -> None:
    try:
        spool.write(piece)
    except OSError as error:
        # Ours, not the line's.
        raise deferred(error) from error


def _missed(line: Connection, mail: Wanted, reason: str) -> Missed:
    if not _is_there(line, mail.uid):
        return Missed(uid=mail.uid, state="gone", reason="it went away before it was fetched")
    return Missed(uid=mail.uid, state="unreadable", reason=reason)


def _is_there(line: Connection, uid: int) -> bool:
    return bool(line.uids(uid, uid))


def _discard(outcomes: Iterable[Outcome]) -> None:
    for outcome in outcomes:
        if isinstance(outcome, Taken):
            with contextlib.suppress(OSError):
                outcome.discard()
