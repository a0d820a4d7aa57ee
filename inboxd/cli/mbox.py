"""The mails of an mbox file: where each stands, and its bytes (RFC 4155; From lines quoted as mboxo and mboxrd do).

Nothing but the From lines says where a mail ends. A Content-Length field is not believed, since a sender can write one
that swallows the mails behind his own.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from inboxd.cli import files
from inboxd.errors import InboxdError

_BLOCK: Final = 1 << 20
# A From line and the beginning of the line behind it are looked at; a longer one is somebody's text.
_LONGEST: Final = 2048

_TIME, _YEAR = rb"\b\d{1,2}:\d{2}\b", rb"\b\d{4}\b"
_DATED: Final = re.compile(
    rb"From .*\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b(?:.*%b.*%b|.*%b.*%b)"
    % (_TIME, _YEAR, _YEAR, _TIME)
)
_BARE: Final = re.compile(rb"From (?:-|[^ \t]+@[^ \t]+|MAILER-DAEMON)?[ \t\r]*")
_FIELD: Final = re.compile(rb"[!-9;-~]+[ \t]*:")
_DAY: Final = re.compile(rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b.*")
_QUOTED: Final = re.compile(rb"^>(>*From )", re.MULTILINE)
_BEGINNING: Final = b"\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a mail stands in its file, its From line included; `start` and `size` in bytes."""

    start: int
    size: int


def places(file: BinaryIO) -> Iterator[Place]:
    """Yield the place of each mail of an open mbox, in bounded memory. Raises OSError."""
    start: int | None = None
    for at in _from_lines(file):
        if start is not None:
            yield Place(start=start, size=at - start)
        start = at
    if start is not None:
        yield Place(start=start, size=os.fstat(file.fileno()).st_size - start)


def _from_lines(file: BinaryIO) -> Iterator[int]:
    """Yield where From lines begin that divide mails."""
    window, base = _BEGINNING, -len(_BEGINNING)
    looked = base  # everything before has been looked at
    while True:
        block = file.read(_BLOCK)
        window += block
        # A From line near the end is looked at when what stands behind it is there, too.
        limit = len(window) if not block else len(window) - _LONGEST
        hit = window.find(b"\nFrom ", max(0, looked - base))
        while 0 <= hit < limit:
            if base + hit < 0 or _divides(window, hit):
                yield base + hit + 1
            hit = window.find(b"\nFrom ", hit + 1)
        if not block:
            return
        looked = base + max(limit, 0)
        kept = max(limit - len(_BEGINNING), 0)
        base += kept
        window = window[kept:]


def _divides(window: bytes, at: int) -> bool:
    """Whether the line behind the line end `at` begins another mail, or is a sentence that begins with From.

    A line that names a time needs an empty line before it or a header field behind it: a writer that died leaves no
    empty line. One that names none needs both, and no words.
    """
    end = window.find(b"\n", at + 1, at + _LONGEST)
    line = window[at + 1 : end if end >= 0 else at + _LONGEST]
    after_blank = window[max(0, at - 2) : at].replace(b"\r", b"").endswith(b"\n")
    before_field = end >= 0 and _FIELD.match(window, end + 1, end + _LONGEST) is not None
    if _DATED.match(line):
        return after_blank or before_field
    return after_blank and before_field and _BARE.fullmatch(line) is not None


def begins(head: bytes) -> bool:
    """Whether a file that begins so is an mbox, and no text that begins with From."""
    return head.startswith(b"From ") and _divides(_BEGINNING + head, 1)


def read(file: BinaryIO, place: Place) -> bytes:
    """Return a mail as it was before it was put there: without its From line, and with its own lines unquoted.

    Raises OSError, and InboxdError where it is too large, where the file changed meanwhile or nothing stands there.
    """
    files.demand_size(place.size)
    stored = _piece(file, place.start, place.size)
    if len(stored) < place.size or not stored.startswith(b"From "):
        raise InboxdError("the mbox changed while it was read: give it again when nothing writes into it any more")
    raw = stored[stored.find(b"\n") + 1 :] if b"\n" in stored else b""
    for separator in (b"\r\n\r\n", b"\n\n"):
        if raw.endswith(separator):
            raw = raw[: -len(separator) // 2]  # the empty line at the end divides, and is no part of the mail
            break
    if not raw.strip():
        raise InboxdError("nothing stands below its From line: was the mbox cut off there?")
    return _QUOTED.sub(rb"\1", raw)


def head(file: BinaryIO, place: Place, most: int) -> tuple[bytes, datetime | None]:
    """Return the first bytes of a mail without its From line, and the time on that line. Raises OSError."""
    from inboxd.message import dates

    line, _, rest = _piece(file, place.start, min(place.size, most)).partition(b"\n")
    written = _DAY.search(line)
    return rest, dates.parse(written[0].decode("latin-1")) if written else None


def _piece(file: BinaryIO, start: int, size: int) -> bytes:
    parts: list[bytes] = []
    while size > 0 and (part := os.pread(file.fileno(), size, start)):
        parts.append(part)
        start += len(part)
        size -= len(part)
    return b"".join(parts)


def mails(path: Path) -> Iterator[bytes | InboxdError]:
    """Yield each mail, or what keeps it from being read; one is held at a time. Raises InboxdError for the file."""
    try:
        with files.open_file(path) as file:
            for place in places(file):
                try:
                    mail: bytes | InboxdError = read(file, place)
                except InboxdError as error:
                    mail = error
                yield mail
    except OSError as error:
        raise files.unreadable(error) from error
