"""Names a mail by its header, so that it is known again when a server numbers its folder anew."""

import hashlib
import re
from typing import Final

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
    if raw[:1] == b"\n" or raw[:2] == b"\r\n":
        return None  # the header is empty
    end = _END.search(raw, 0, _LONGEST)
    fields = [
        (name.lower(), b" ".join(value.split()))
        for name, value in _FIELD.findall(raw, 0, end.start() if end else _LONGEST)
    ]
    if not any(name in {b"message-id", b"received"} for name, _ in fields):
        return None
    return hashlib.sha256(b"\n".join(sorted(name + b":" + value for name, value in fields))).hexdigest()
