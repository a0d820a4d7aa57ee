"""Names a mail by its header, so that it is known again when a server numbers its folder anew."""

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from inboxd.intake.door import milliseconds

FIELDS: Final = ("MESSAGE-ID", "DATE", "FROM", "RECEIVED")
_END: Final = re.compile(rb"\n\r?\n")
# A field with the lines that continue it (RFC 5322 2.2.3).
_FIELD: Final = re.compile(
    rb"^(message-id|date|from|received)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE | re.MULTILINE
)
# A header is small; a body without an empty line is not one.
_LONGEST: Final = 256 * 1024


def identity(raw: bytes) -> str | None:
    """Give the SHA-256 over Message-ID, Date, From and Received, the same for a whole mail and for those fields alone.

    None for a mail with neither Message-ID nor Received: the other two do not name it.
    """
    fields = _fields(raw)
    if not any(name in {b"message-id", b"received"} for name, _ in fields):
        return None
    return _digest(fields)


def identity_of_old(head: bytes, *, at: datetime | None, size: int | None, first_at: int) -> str | None:
    """Give a name for a mail without an `identity` that lay there before the first look, at `first_at` (milliseconds).

    Over when it came (INTERNALDATE) and how large it is, with Date and From. Two that came since might have all of it
    in common, and one of them would be taken for the other: for those this is None.
    """
    if at is None or size is None or milliseconds(at) + 1000 > first_at:  # servers say it to the second
        return None
    return _digest([*_fields(head), (b"internaldate", b"%d" % milliseconds(at)), (b"size", b"%d" % size)])


def _fields(raw: bytes) -> list[tuple[bytes, bytes]]:
    if raw[:1] == b"\n" or raw[:2] == b"\r\n":
        return []  # the header is empty
    end = _END.search(raw, 0, _LONGEST)
    found = _FIELD.findall(raw, 0, end.start() if end else _LONGEST)
    return [(name.lower(), b" ".join(value.split())) for name, value in found]


def _digest(fields: Iterable[tuple[bytes, bytes]]) -> str:
    return hashlib.sha256(b"\n".join(sorted(name + b":" + value for name, value in fields))).hexdigest()
