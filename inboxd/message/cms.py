"""S/MIME's binary envelope (CMS, RFC 5652), as far as it can be read without a key: its kind, and what is only signed.

A mail that is signed in this form shows no word to a program that does not open it. Signatures are not checked here.
"""

from typing import Final, Literal

Kind = Literal["signed", "encrypted"]

_TYPES: Final = frozenset(("application/pkcs7-mime", "application/x-pkcs7-mime"))
_OID: Final = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07"  # 1.2.840.113549.1.7
_SIGNED: Final = _OID + b"\x02"
_ENCRYPTED: Final = (
    _OID + b"\x03",
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17",
)  # enveloped, authenticated-enveloped
_SEQUENCE: Final = 0x30
_EXPLICIT: Final = 0xA0
_OCTETS: Final = 0x04
_OCTETS_IN_PIECES: Final = 0x24
_MAX_PIECES: Final = 100_000
_ENDLESS: Final = -1  # a length that is not known before; two zero bytes end it


def is_one(content_type: str) -> bool:
    """Whether a part of this type holds such an envelope."""
    return content_type in _TYPES


def kind_of(data: bytes | memoryview) -> Kind | None:
    """What an envelope says of itself in its first bytes."""
    head = bytes(data[:40])
    if _SIGNED in head:
        return "signed"
    return "encrypted" if any(each in head for each in _ENCRYPTED) else None


def signed_content(data: bytes | memoryview) -> bytes | None:
    """The mail inside an envelope that is only signed; None where there is none, or it cannot be read. Linear."""
    view = memoryview(data)
    try:
        position = _inside(view, 0, _SEQUENCE)
        position = _behind(view, position)  # the kind, which `kind_of` has read
        position = _inside(view, _inside(view, position, _EXPLICIT), _SEQUENCE)
        position = _behind(view, _behind(view, position))  # version and digests
        position = _behind(view, _inside(view, position, _SEQUENCE))  # the kind of content
        return _octets(view, _inside(view, position, _EXPLICIT))
    except (IndexError, ValueError):
        return None


def _header(view: memoryview, position: int) -> tuple[int, int, int]:
    """Tag, where the value begins, and its length. IndexError behind the end, ValueError for a length of many bytes."""
    tag, length = view[position], view[position + 1]
    position += 2
    if length == 0x80:
        return tag, position, _ENDLESS
    if length > 0x80:
        count = length & 0x7F
        if count > 8:
            raise ValueError("a length of more than eight bytes")
        length = int.from_bytes(view[position : position + count], "big")
        position += count
    if position + length > len(view):
        raise IndexError("a value ends behind the data")
    return tag, position, length


def _inside(view: memoryview, position: int, wanted: int) -> int:
    tag, start, _ = _header(view, position)
    if tag != wanted:
        raise ValueError("another kind of value was expected")
    return start


def _behind(view: memoryview, position: int) -> int:
    """Where the value behind the one at `position` begins."""
    open_ends = 0
    for _ in range(_MAX_PIECES):
        _, start, length = _header(view, position)
        if length == _ENDLESS:
            open_ends += 1
            position = start
        else:
            if open_ends and view[position] == 0 and length == 0:
                open_ends -= 1
            position = start + length
        if not open_ends:
            return position
    raise ValueError("too many pieces")


def _octets(view: memoryview, position: int) -> bytes:
    tag, start, length = _header(view, position)
    if tag == _OCTETS and length != _ENDLESS:
        return bytes(view[start : start + length])
    if tag != _OCTETS_IN_PIECES:
        raise ValueError("no octets")
    end = len(view) if length == _ENDLESS else start + length
    pieces = []
    for _ in range(_MAX_PIECES):
        if start >= end or (length == _ENDLESS and view[start] == 0):
            break
        piece, inner, size = _header(view, start)
        if piece != _OCTETS or size == _ENDLESS:
            raise ValueError("octets in pieces of pieces")
        pieces.append(bytes(view[inner : inner + size]))
        start = inner + size
    return b"".join(pieces)
