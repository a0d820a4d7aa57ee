"""Which stretches of a recording an engine reads in one go.

A voice activity detector cuts at every breath, and a recogniser reads fragments badly; it also reads badly
what is longer than it was trained on, and what is cut within a word. So: neighbouring spans are joined, and
what gets too long is cut where it is quietest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Span = tuple[float, float]
"""Start and end in seconds."""

Loudness = npt.NDArray[np.float32]
"""Mean energy of each 10 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What is read in one go, in seconds of the recording; `speech` is its length without the margins."""

    start: float
    end: float
    speech: float


FRAMES_A_SECOND = 100
_JOIN_GAP = 0.8
_LONGEST = 14.0
_SHORTEST_CUT = 6.0
_PADDING = 0.3
_SMOOTHING = 25


def windows(spans: Sequence[Span], loudness: Loudness) -> list[Window]:
    """Join and cut spans of speech (sorted by their start) to windows that do not overlap.

    Each window is at most 14 s plus its margins of up to 0.3 s, which never reach into a neighbour: a word at
    a boundary would be read twice.
    """
    duration = len(loudness) / FRAMES_A_SECOND
    smooth = _smoothed(loudness)
    pieces = [piece for span in _joined(spans, duration) for piece in _cut(span, smooth)]
    return [_padded(pieces, index, duration) for index in range(len(pieces))]


def _joined(spans: Sequence[Span], duration: float) -> list[Span]:
    joined: list[Span] = []
    for start, end in spans:
        start, end = max(0.0, start), min(duration, end)  # noqa: PLW2901 the detector starts before the sound
        if end <= start:
            continue
        if joined and start <= joined[-1][1]:
            # Spans overlap where the detector looked back; that is one stretch of speech.
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif joined and start - joined[-1][1] < _JOIN_GAP and end - joined[-1][0] < _LONGEST:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _cut(span: Span, smooth: Loudness) -> list[Span]:
    start, end = span
    pieces: list[Span] = []
    while end - start > _LONGEST:
        # Where the rest is less than twice as long, its halves are better than a whole and a crumb.
        latest = min(start + _LONGEST, end - _SHORTEST_CUT)
        first = int((start + _SHORTEST_CUT) * FRAMES_A_SECOND)
        quietest = first + int(np.argmin(smooth[first : int(latest * FRAMES_A_SECOND)]))
        at = quietest / FRAMES_A_SECOND
        pieces.append((start, at))
        start = at
    return [*pieces, (start, end)]


def _smoothed(loudness: Loudness) -> Loudness:
    if len(loudness) < _SMOOTHING:
        return loudness
    kernel = np.full(_SMOOTHING, 1 / _SMOOTHING, np.float32)
    return np.convolve(loudness, kernel, mode="same").astype(np.float32)


def _padded(pieces: Sequence[Span], index: int, duration: float) -> Window:
    start, end = pieces[index]
    before = start if index == 0 else (start - pieces[index - 1][1]) / 2
    after = duration - end if index == len(pieces) - 1 else (pieces[index + 1][0] - end) / 2
    return Window(start=start - min(_PADDING, before), end=end + min(_PADDING, after), speech=end - start)
