"""The hash of a body as a signature means it (RFC 6376 3.4.3, 3.4.4): one pass, constant memory, linear time."""

import hashlib
import re
from collections.abc import Iterator
from typing import Final, Literal

Canonical = Literal["simple", "relaxed"]

_PIECE: Final = 1 << 20
_TABS: Final = bytes.maketrans(b"\t", b" ")
_ENDS: Final = re.compile(rb"(?:\n\r)+")


def body_hash(body: memoryview, canonical: Canonical, limit: int | None = None) -> bytes:
    """Return the SHA-256 of the body; `limit` is the l= of a signature: so many octets of the canonical body."""
    digest = hashlib.sha256()
    for piece in _canonical(body, canonical):
        if limit is not None:
            piece = piece[:limit]  # noqa: PLW2901 - the rest of it does not count
            limit -= len(piece)
        digest.update(piece)
        if limit == 0:
            break
    return digest.digest()


def _canonical(body: memoryview, canonical: Canonical) -> Iterator[bytes]:
    empty_lines, anything = 0, False
    for lines in _lines(body):
        if canonical == "relaxed":
            lines = _one_blank(lines.translate(_TABS)).replace(b" \r\n", b"\r\n")  # noqa: PLW2901 - as it counts
        content, empty = _without_empty_lines(lines)
        if content:
            yield b"\r\n" * empty_lines + content + b"\r\n"
            # The line end of its last line is said already.
            empty_lines, anything = empty - 1, True
        else:
            empty_lines += empty
    if not anything and canonical == "simple":
        yield b"\r\n"


def _one_blank(lines: bytes) -> bytes:
    """Make one blank of each run. Halving runs is linear and, unlike a regular expression, quick on millions."""
    while b"  " in lines:
        lines = lines.replace(b"  ", b" ")
    return lines


def _lines(body: memoryview) -> Iterator[bytes]:
    """Give the body in pieces of whole lines that end in CRLF; a file on this machine has LF alone."""
    start, size = 0, len(body)
    while start < size:
        stop = min(start + _PIECE, size)
        while stop < size and body[stop - 1] != 0x0A:
            # Up to the end of the line; in steps, for a body may be one line.
            found = bytes(body[stop : stop + _PIECE]).find(b"\n")
            stop = min(stop + (_PIECE if found < 0 else found + 1), size)
        piece = bytes(body[start:stop]).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        yield piece if piece.endswith(b"\r\n") else piece + b"\r\n"
        start = stop


def _without_empty_lines(lines: bytes) -> tuple[bytes, int]:
    """Return lines without the line ends at their end, and how many those are (one at least)."""
    content = lines.rstrip(b"\r\n")
    ends = lines[len(content) :]
    if len(ends) == 2 * ends.count(b"\r\n"):
        return content, len(ends) // 2
    # A carriage return alone among them belongs to a line. From behind: a search from the front tries every run.
    found = _ENDS.match(lines[::-1])
    length = found.end() if found else 0
    return lines[: len(lines) - length], length // 2
