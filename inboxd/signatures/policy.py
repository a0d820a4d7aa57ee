"""When a valid signature is proof: what it must cover, how fresh it must be, and to whom it must have been written.

A signature says that a domain let this text out once. That it was written to us, now, and is all there is to read has
to follow from what it covers.
"""

import base64
import binascii
import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from inboxd import addresses, reply_token
from inboxd.message import addresses as lists
from inboxd.message import dates, encoded_words, parameters
from inboxd.message.headers import Headers
from inboxd.signatures.keys import Key
from inboxd.signatures.records import LOCATING, Checked, Order
from inboxd.signatures.tags import SignatureTags

__all__ = ["Checked", "shortfall"]

COVERED: Final = ("from", "to", "subject", "date", "message-id")
SEALED: Final = ("from", "subject", "date", "message-id")
"""What an ARC seal must cover: a list puts its own address into To, and some sealers leave that field out."""
OLDEST_SECONDS: Final = 7 * 24 * 3600
EARLIEST_SECONDS: Final = 3600
"""How far a sender's clock may be ahead of ours."""
SLACK_SECONDS: Final = 300

_STOCK: Final = re.compile(
    rb"(?:[ \t]*\r?\n|This is an? (?:(?:multi-?part|cryptographically signed) message in MIME format"
    rb"|MIME-(?:encapsulated|formatted) message|OpenPGP/MIME (?:signed|encrypted) message(?: \(RFC [\d and]{4,16}\))?)"
    rb"\.?\r?\n)*+"
)
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/=\r\n \t]*")
_HEAD: Final = 4096
_MISFIT: Final = "its type of content is not covered and does not fit the text: what is shown may have been changed"
_NAMES: Final = {"from": "From", "to": "To", "subject": "Subject", "date": "Date", "message-id": "Message-ID"}


def shortfall(headers: Headers, body: memoryview, tags: SignatureTags, key: Key, order: Order) -> str | None:
    """Say in a sentence what keeps a valid signature from being proof; None when nothing does."""
    if tags.length is not None:
        return "it covers only the beginning of the text (l=), and anybody may write what follows"
    if key.testing:
        return "its key is marked as being tested"
    if (open_fields := uncovered(tags, COVERED)) is not None:
        return open_fields
    if tags.identity_local and addresses.ascii_lower(tags.identity_local) != _local(order.author):
        return "it was made for another mailbox of the domain"
    if (reason := stale(headers, tags.signed_at, order)) is not None:
        return reason
    if not addressed_to(headers, order.ours, with_cc="cc" in tags.names):
        return "none of this desk's addresses stands in the fields To and Cc that it covers: it was written to others"
    return shape(headers, body, tags.names)


def uncovered(tags: SignatureTags, wanted: tuple[str, ...]) -> str | None:
    """Say which of the wanted fields a signature leaves open."""
    missing = [_NAMES[name] for name in wanted if name not in tags.names]
    return f"it does not cover {' and '.join(missing)}, so anybody may have changed that" if missing else None


def leaves_open(headers: Headers, names: list[str]) -> tuple[str, ...]:
    """Return the fields by which a mail names its ticket that it holds more often than a signature covers them."""
    return tuple(name for name in LOCATING if names.count(name) < len(headers.all(name)))


def stale(headers: Headers, signed_at: int | None, order: Order) -> str | None:
    """Say when a signature is too old, or from the future; without t= the signed Date counts."""
    if signed_at is None:
        date = dates.parse(encoded_words.decode(headers.first("date") or b""))
        if date is None:
            return "it does not say when it was made"
        signed_at = int(date.timestamp())
    if signed_at > order.received_at + EARLIEST_SECONDS:
        return "it was made after the message was received"
    if signed_at < order.received_at - OLDEST_SECONDS:
        day = datetime.fromtimestamp(signed_at, UTC).date()
        return f"it was made on {day}, more than seven days before the message was received"
    return None


def addressed_to(headers: Headers, ours: tuple[str, ...], *, with_cc: bool = True) -> bool:
    """Whether one of our addresses stands in To, or in Cc where that counts."""
    values = headers.all("to") + (headers.all("cc") if with_cc else [])
    known = frozenset(ours)
    named = (reply_token.desk_of(box.address) for value in values for box in lists.parse(value))
    return any(addresses.key(each) in known for each in named)


def shape(headers: Headers, body: memoryview, names: list[str]) -> str | None:
    """Say when the body does not begin as an unsigned Content-Type says.

    Signers may leave Content-Type open (large providers do). The body is signed, but whoever sends it again with
    another type chooses which of its parts are shown: a quoted passage, say, as all there is.
    """
    encoding = (headers.first("content-transfer-encoding") or b"").lower()
    if "content-transfer-encoding" not in names and encoding == b"base64" and not _BASE64.fullmatch(body):
        return _MISFIT
    value = headers.first("content-type")
    if value is None or "content-type" in names:
        return None
    kind, params = parameters.parse(value)
    if kind == "text/plain":
        return None
    start = _start(body, encoding)
    if kind == "text/html":
        return None if start.lstrip().startswith(b"<") else _MISFIT
    if kind.startswith("multipart/") and (boundary := params.get("boundary")):
        line = b"--" + boundary.encode("utf-8", "replace")
        end = bytes(body[-_HEAD:]).rstrip(b"\r\n \t")
        begins = start.startswith((line + b"\r\n", line + b"\n", line + b" ", line + b"\t"))
        return None if begins and end.endswith(line + b"--") else _MISFIT
    return _MISFIT


def _start(body: memoryview, encoding: bytes) -> bytes:
    """Return the beginning of the text, without what stands before the first part of a multipart by custom."""
    start = bytes(body[:_HEAD])
    if encoding == b"base64":
        letters = b"".join(start.split())
        with suppress(binascii.Error):
            return base64.b64decode(letters[: len(letters) // 4 * 4])
    stock = _STOCK.match(start)
    return start[stock.end() :] if stock else start


def _local(address: str) -> str:
    return addresses.ascii_lower(address.rpartition("@")[0])
