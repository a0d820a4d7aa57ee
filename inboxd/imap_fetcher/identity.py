"""Names a mail by its header, so that it is known again when a server numbers its folder anew."""

import hashlib
import re
from typing import Final

FIELDS: Final = ("MESSAGE-ID", "DATE", "FROM", "RECEIVED")
_WANTED: Final = {field.lower().encode() for field in FIELDS}
_END: Final = re.compile(rb"\r?\n\r?\n")
_FOLD: Final = re.compile(rb"\r?\n(?=[ \t])")
_LINE: Final = re.compile(rb"\r?\n")
_SPACE: Final = re.compile(rb"[ \t\r\n]+")
# A header is small; a body without an empty line is not one.
_LONGEST: Final = 256 * 1024


def identity(raw: bytes) -> str | None:
    """Give the SHA-256 over Message-ID, Date, From and Received, the same for a whole mail and for those fields alone.

    None for a mail with neither Message-ID nor Received: the other two do not name it.
    """
    # A mail may begin with an empty line, which ends the header there.
    end = 0 if raw[:1] == b"\n" or raw[:2] == b"\r\n" else None
    if end is None:
        found = _END.search(raw, 0, _LONGEST)
        end = found.start() if found else min(len(raw), _LONGEST)
    fields = []
    names = set()
    for line in _LINE.split(_FOLD.sub(b" ", raw[:end])):
        name, colon, value = line.partition(b":")
        word = name.rstrip(b" \t").lower()
        if colon and word in _WANTED:
            names.add(word)
            fields.append(word + b":" + _SPACE.sub(b" ", value).strip())
    if not names & {b"message-id", b"received"}:
        return None
    return hashlib.sha256(b"\n".join(sorted(fields))).hexdigest()
