"""S/MIME's binary envelope (CMS, RFC 5652), as far as it can be read without a key: its kind, and what is only signed.

A mail that is signed in this form shows no word to a program that does not open it. What the signatures in it are worth
says `smime`.
"""

from dataclasses import dataclass
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
_SET: Final = 0x31
_OBJECT: Final = 0x06
_CERTIFICATES: Final = 0xA0
_ATTRIBUTES: Final = 0xA0
_OCTETS: Final = 0x04
_OCTETS_IN_PIECES: Final = 0x24
_MAX_PIECES: Final = 100_000
_MAX_VALUES: Final = 50  # certificates, signers, attributes
_ENDLESS: Final = -1  # a length that is not known before; two zero bytes end it


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A SignerInfo (5.3), its fields in DER; `attributes` are the signed ones, empty where the content is signed."""

    identifier: bytes
    digest: bytes
    attributes: bytes
    algorithm: bytes
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """The certificates in a SignedData (5.1), in DER, and who signed."""

    certificates: tuple[bytes, ...]
    signers: tuple[Signer, ...]


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
        position = _behind(view, _inside(view, _content_info(view), _SEQUENCE))  # the kind of content
        return _octets(view, _inside(view, position, _EXPLICIT))
    except (IndexError, ValueError):
        return None


def signed_data(data: bytes | memoryview) -> Signed | None:
    """The certificates and signers of an envelope that is only signed, or of a signature that stands beside a mail.

    None where it cannot be read. Linear.
    """
    view = memoryview(data)
    try:
        position = _behind(view, _content_info(view))
        certificates: list[memoryview] = []
        while view[position] != _SET:
            if view[position] == _CERTIFICATES:
                certificates = _values(view, position)
            position = _behind(view, position)
        signers = tuple(_signer(each) for each in _values(view, position))
    except (IndexError, ValueError):
        return None
    written = tuple(bytes(each) for each in certificates if each[0] == _SEQUENCE)
    return Signed(certificates=written, signers=signers)


def attributes(signer: Signer) -> dict[bytes, bytes]:
    """The first value of each signed attribute (5.3), in DER, by the DER of its name. ValueError for other things."""
    found = {}
    try:
        view = memoryview(signer.attributes)
        for each in _values(view, 0) if view else ():
            name = _inside(each, 0, _SEQUENCE)
            values = _behind(each, name)
            found[bytes(each[name:values])] = bytes(each[_inside(each, values, _SET) :])
    except IndexError:
        raise ValueError("an attribute is cut off") from None
    return found


def _content_info(view: memoryview) -> int:
    """Where the kind of content begins that a SignedData holds."""
    position = _inside(view, 0, _SEQUENCE)
    position = _behind(view, position)  # the kind, which `kind_of` has read
    position = _inside(view, _inside(view, position, _EXPLICIT), _SEQUENCE)
    return _behind(view, _behind(view, position))  # version and digests


def _signer(view: memoryview) -> Signer:
    position = _behind(view, _inside(view, 0, _SEQUENCE))  # the version
    pieces = []
    for _ in range(2):
        end = _behind(view, position)
        pieces.append(bytes(view[position:end]))
        position = end
    signed = b""
    if view[position] == _ATTRIBUTES:
        end = _behind(view, position)
        # What is signed is a set, whatever its mark is in the place where it stands (5.4).
        signed = bytes([_SET]) + bytes(view[position + 1 : end])
        position = end
    end = _behind(view, position)
    return Signer(
        identifier=pieces[0],
        digest=_oid(pieces[1]),
        attributes=signed,
        algorithm=_oid(bytes(view[position:end])),
        signature=_octets(view, end),
    )


def _oid(algorithm: bytes) -> bytes:
    view = memoryview(algorithm)
    start = _inside(view, 0, _SEQUENCE)
    if view[start] != _OBJECT:
        raise ValueError("an algorithm has no name")
    return bytes(view[start : _behind(view, start)])


def _values(view: memoryview, position: int) -> list[memoryview]:
    """The values that stand in the one at `position`, whole."""
    _, start, length = _header(view, position)
    end = len(view) if length == _ENDLESS else start + length
    found: list[memoryview] = []
    while start < end and not (length == _ENDLESS and view[start] == 0):
        if len(found) == _MAX_VALUES:
            raise ValueError("too many values")
        after = _behind(view, start)
        found.append(view[start:after])
        start = after
    return found


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
