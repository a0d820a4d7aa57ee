"""When each word of a stretch was said, where the recogniser does not tell: an estimate from what is audible.

The sound of the stretch is shared out among its words by their length; pauses belong to nobody. That is right to about
half a second (docs/speech.md), enough to find a word again by ear.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from transcribe.engines.windows import FRAMES_A_SECOND, Loudness

_AUDIBLE = 0.02
"""Of the loudest tenth's energy: 17 dB below."""


def estimate(words: Sequence[str], start: float, loudness: Loudness) -> list[tuple[float, float]]:
    """Return start and end of each word in seconds; `loudness` is that of the stretch, which begins at `start`."""
    if not len(loudness):
        return [(start, start) for _ in words]
    audible = loudness > _AUDIBLE * np.percentile(loudness, 90)
    heard = np.concatenate([[0], np.cumsum(audible | (loudness >= loudness.max()))]).astype(np.float64)
    shares = np.cumsum([0, *(sum(letter.isalnum() for letter in word) + 1 for word in words)])
    marks = shares / shares[-1] * heard[-1]
    begins = np.searchsorted(heard, marks[:-1], side="right") - 1
    ends = np.searchsorted(heard, marks[1:], side="left")
    return [
        (round(start + begin / FRAMES_A_SECOND, 2), round(start + max(begin, end) / FRAMES_A_SECOND, 2))
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)
    ]
