"""Who wrote it, strictly: an address only where no two mail programs could disagree about it.

Attacks on mail authentication live on such disagreement: one program proves the first of two From fields and the next
one shows the second; a comment, a route or a NUL hides the rest of an address from one of them. So ambiguity is never
proof (RFC 5322 3.6.2 and 3.4 are the grammar; everything obsolete in it is refused here).
"""

import re
from typing import Final

from inboxd.message.headers import Headers
from inboxd.message.message import Author

_ONCE: Final = (
    "from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "mime-version", "content-type",
    "content-transfer-encoding",
)  # fmt: skip
_MAX: Final = 2_000
_LOCAL: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++)*+"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(rf"({_LOCAL})@((?:{_LABEL}\.)+(?!\d+\Z){_LABEL})")
# Atoms (with the dots that people write in initials), quoted strings without control characters; RFC 6532 letters.
_WORD: Final = r"(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\u00a0-\U0010ffff-]++|\"(?:[ !#-\[\]-~\u00a0-\U0010ffff]|\\[ -~])*+\")"
_NAMED: Final = re.compile(rf"(?:(?:{_WORD}[ \t]*+)*+)<([^<>]*)>")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def read(headers: Headers) -> Author:
    """The one author of a message, or the reason why there is none to trust."""
    reason = headers.ambiguous
    if reason is not None:
        return Author(address=None, reason=reason)
    for name in _ONCE:
        if len(headers.all(name)) > 1:
            return Author(address=None, reason=f"there is more than one {name.title()} field")
    value = headers.first("from")
    if value is None:
        return Author(address=None, reason="there is no From field")
    return _field(value)


def _field(value: bytes) -> Author:
    if len(value) > _MAX:
        return Author(address=None, reason="the From field is too long to be plain")
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return Author(address=None, reason="the From field is not UTF-8")
    if _CONTROL.search(text):
        return Author(address=None, reason="the From field holds control characters")
    named = _NAMED.fullmatch(text)
    address = _ADDRESS.fullmatch(named[1] if named else text)
    if address is None or "=?" in address[1] or len(address[1]) > 64 or len(address[2]) > 253:
        return Author(address=None, reason="the From field is not one plain address with an optional name")
    if not _second_reader_agrees(text, address[0]):
        return Author(address=None, reason="two ways of reading the From field do not agree")
    return Author(address=f"{address[1]}@{address[2].lower()}", reason=None)


def _second_reader_agrees(text: str, address: str) -> bool:
    """Whether mail-parser, which was written against such attacks, finds the same one address, and nothing odd."""
    # Imported by need: it takes longer than reading a mail does.
    from mailparser.utils import get_addresses

    oddities: list[object] = []
    found = get_addresses(text, defects=oddities)
    return len(found) == 1 and found[0][1] == address and not oddities
