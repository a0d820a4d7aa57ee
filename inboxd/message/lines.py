"""Line ends made equal, piece by piece: a large body is never held twice."""

from collections.abc import Iterator
from typing import Final

_STEP: Final = 1 << 20


def normalised(data: bytes | memoryview, *, strip: bytes) -> Iterator[bytes]:
    """`data` with every line end as LF, in pieces, without the bytes of `strip` at its end."""
    end = len(data)
    while end and not bytes(data[max(0, end - _STEP) : end]).rstrip(strip):
        end = max(0, end - _STEP)
    end -= len(tail := bytes(data[max(0, end - _STEP) : end])) - len(tail.rstrip(strip))
    start = 0
    while start < end:
        stop = min(start + _STEP, end)
        if data[stop - 1 : stop + 1] == b"\r\n":
            stop += 1  # they stay together
        piece = bytes(data[start:stop])
        if b"\r" in piece:
            piece = b"\n".join(piece.splitlines()) + (b"\n" if piece.endswith((b"\r", b"\n")) else b"")
        yield piece
        start = stop
