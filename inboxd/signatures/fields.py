"""What the signature of a message covers: its header fields, hashed as the signature means them."""

import base64
import binascii
import hashlib
import re
from typing import Final

from inboxd.message.headers import Field, Headers

MAX_SIGNED_FIELDS: Final = 200
_LINE_END: Final = re.compile(rb"\r\n|\n|\r")
_TOKEN: Final = re.compile(r"[!-9<-~]+")  # a field name (RFC 5322 3.6.8) without the semicolon of tag lists


def signed_names(tag: str) -> list[str]:
    """Read an h= tag: field names in lower case. ValueError, in a sentence, for what is none."""
    names = [name.strip().lower() for name in tag.split(":")]
    if len(names) > MAX_SIGNED_FIELDS:
        raise ValueError("it lists more fields than any honest one")
    if not all(_TOKEN.fullmatch(name) for name in names):
        raise ValueError("its list of signed fields cannot be read")
    return names


def base64_of(tag: str) -> bytes:
    """Decode b=, bh= or p=, which may be folded. ValueError, in a sentence."""
    try:
        return base64.b64decode("".join(tag.split()), validate=True)
    except binascii.Error:
        raise ValueError("its base64 cannot be read") from None


def digest(headers: Headers, names: list[str], signature: Field, *, relaxed: bool) -> "hashlib._Hash":
    """Hash the named fields, from the lowest of each name upwards, and the signature without its b= (RFC 6376 3.7)."""
    wanted = frozenset(names)
    present = [as_pair(item) for item in headers.fields if item.name in wanted]
    return digest_of(present, names, as_pair(signature), relaxed=relaxed)


def digest_of(
    present: list[tuple[bytes, bytes]], names: list[str], signature: tuple[bytes, bytes], *, relaxed: bool
) -> "hashlib._Hash":
    """As `digest`, of fields given as name and value with its line end, the topmost first."""
    from dkim import hash_headers
    from dkim.canonicalization import Relaxed, Simple

    hasher = hashlib.sha256()
    way = Relaxed if relaxed else Simple
    encoded = [name.encode("ascii") for name in names]
    hash_headers(hasher, way, way.canonicalize_headers(present), encoded, signature, None)
    return hasher


def as_pair(item: Field) -> tuple[bytes, bytes]:
    """Return a field as dkimpy takes it: the name as written, the value as it stands, folds and line end included."""
    name, _, value = item.raw.partition(b":")
    return name, _LINE_END.sub(b"\r\n", value) + b"\r\n"
