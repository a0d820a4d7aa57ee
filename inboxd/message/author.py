"""Who wrote it, strictly: an address only where no two mail programs could disagree about it.

Attacks on mail authentication live on such disagreement: one program proves the first of two From fields and the next
one shows the second; a comment, a route or a NUL hides the rest of an address from one of them. So ambiguity is never
proof (RFC 5322 3.6.2 and 3.4 are the grammar; everything obsolete in it is refused here).
"""

import re
import unicodedata
from dataclasses import replace
from typing import Final

from inboxd import addresses
from inboxd.message import clean, encoded_words
from inboxd.message.headers import Headers
from inboxd.message.message import Author, Doubt

_ONCE: Final = (
    "from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "mime-version", "content-type",
    "content-transfer-encoding",
)  # fmt: skip
_MAX: Final = 2_000
_MAX_SHOWN: Final = 20
_LOCAL: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++)*+"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(rf"({_LOCAL})@((?:{_LABEL}\.)+(?!\d+\Z){_LABEL})")
# Atoms (with the dots that people write in initials), quoted strings without control characters; RFC 6532 letters.
_WORD: Final = r"(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\u00a0-\U0010ffff-]++|\"(?:[ !#-\[\]-~\u00a0-\U0010ffff]|\\[ -~])*+\")"
# People put brackets into names (`Ops (night) <ops@…>`): one that holds no sign of an address says the same as a
# comment and as a part of the name.
_ASIDE: Final = r"\([^()<>@,;:\\\"\[\]\x00-\x1f]*+\)"
_NAMED: Final = re.compile(rf"(?:(?:(?:{_WORD}|{_ASIDE})[ \t]*+)*+)<([^<>]*)>")
# A name without any of the letters that mean something in a header (RFC 5322 3.2.3): no reader takes it for an address.
_PLAINLY_NAMED: Final = re.compile(rf"[^()<>\[\]:;@\\,.\"]*+<{_ADDRESS.pattern}>")
_TWICE: Final = re.compile(rf"({_ADDRESS.pattern})[ \t]*(?=<)")
# A route (`<@a:b@c>`), a comment in an address or touching it, an encoded word in the place of one: no program writes
# these, and programs disagree about them.
_BUILT: Final = re.compile(r"<[ \t]*@|@[^<>\",;\s]*\(|<[^>]*=\?|=\?[^?]*\?[bBqQ]\?[^?]*\?=[ \t]*@")
_SHOWN: Final = re.compile(r"[^\s<>(),;:\"\[\]]{1,64}@[^\s<>(),;:\"\[\]@]{1,253}\.[^\s<>(),;:\"\[\]@.]{1,63}")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def read(headers: Headers) -> Author:
    """The one author of a message, or the reason why there is none to trust, with whom it shows all the same."""
    author = _read(headers)
    return author if author.address is not None else replace(author, shown=_shown(headers.all("from")))


def _read(headers: Headers) -> Author:
    if headers.ambiguous is not None:
        return Author(address=None, reason=headers.ambiguous, doubt=headers.doubt)
    for name in _ONCE:
        if len(headers.all(name)) > 1:
            return _nobody(f"there is more than one {name.title()} field", "deceptive" if name == "from" else "unusual")
    value = headers.first("from")
    if value is None:
        return _nobody("there is no From field")
    return _field(value)


def _field(value: bytes) -> Author:
    if len(value) > _MAX:
        return _nobody("the From field is too long to be plain")
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return _nobody("the From field is not UTF-8")
    if _CONTROL.search(text):
        return _nobody("the From field holds control characters", "deceptive")
    if _BUILT.search(text):
        return _nobody("the From field hides an address in a comment, a route or an encoded word", "deceptive")
    twice = _TWICE.match(text)
    if twice is not None and addresses.key(twice[1]) == addresses.key(text[twice.end() + 1 : -1]):
        text = text[twice.end() :]  # `ops@x.example <ops@x.example>`: no name, and both say the same
    named = _NAMED.fullmatch(text)
    written = named[1] if named else text
    address = _ADDRESS.fullmatch(addresses.with_a_labels(written))
    if address is None or "=?" in address[1] or len(address[1]) > 64 or len(address[2]) > 253:
        return _nobody("the From field is not one plain address with an optional name")
    if _PLAINLY_NAMED.fullmatch(text) is None and not _second_reader_agrees(text, written):
        return _nobody("two ways of reading the From field do not agree")
    author = f"{address[1]}@{address[2].lower()}"
    for shown in _addresses_in(text[: named.start(1)] if named else ""):
        if addresses.key(shown) != addresses.key(author):
            return _nobody(f"it comes from {author}, but the name beside that shows another address, {shown}")
    return Author(address=author, reason=None)


def _nobody(reason: str, doubt: Doubt = "unusual") -> Author:
    return Author(address=None, reason=reason, doubt=doubt)


def _shown(values: list[bytes]) -> tuple[str, ...]:
    found = [shown for value in values for shown in _addresses_in(value[:_MAX].decode("utf-8", "replace"))]
    return tuple(dict.fromkeys(clean.line(shown) for shown in found))[:_MAX_SHOWN]


def _addresses_in(text: str) -> list[str]:
    """The addresses that a text shows to a person, whatever letters they are written with."""
    if "@" not in text and "=?" not in text and text.isascii():
        return []
    # NFKC makes plain letters of those that only look so: the at sign has two such doubles.
    decoded = unicodedata.normalize("NFKC", encoded_words.decode(text.encode()))
    return [match[0].strip(".'") for match in _SHOWN.finditer(decoded)]


def _second_reader_agrees(text: str, address: str) -> bool:
    """Whether mail-parser, which was written against such attacks, finds the same one address, and nothing odd."""
    # Imported by need: it takes longer than reading a mail does.
    from mailparser.utils import get_addresses

    oddities: list[object] = []
    found = get_addresses(text, defects=oddities)
    return len(found) == 1 and found[0][1] == address and not oddities
