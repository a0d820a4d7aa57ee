"""Line ends made equal, piece by piece: a large body is never held twice."""

import re
from collections.abc import Iterator
from typing import Final

_END: Final = re.compile(rb"\r\n?")
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
        if stop < end and data[stop - 1] == 0x0D:
            stop += 1  # CR and LF stay together
        yield _END.sub(b"\n", data[start:stop])
        start = stop
