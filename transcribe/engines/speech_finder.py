"""Where in a recording somebody speaks: moonshine's voice activity detector, and silence that never reaches it."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from transcribe.engines.moonshine_library import Library
from transcribe.engines.moonshine_network import RATE
from transcribe.engines.windows import Span

if TYPE_CHECKING:
    from transcribe.audio import Samples

Stored = npt.NDArray[np.int16]

_LEAD_IN = 0.5
_PIECE = 5 * RATE
"""The detector's cost is quadratic in the length of one call; in pieces it is linear."""
_SILENT = 0.001
"""Nobody is heard at -60 dB of full scale; the noise of an idle telephone line lies above it."""
_LISTENED_ON = 1.0
"""Seconds of a silence that the detector still gets, so that it ends what it was in."""


class SpeechFinder:
    """Takes a recording block by block, and keeps it in 16 bits: 2 MB a minute."""

    def __init__(self, library: Library, detector: int) -> None:
        """Use a detector that has heard nothing yet: it keeps state."""
        self._library = library
        self._detector = detector
        self._stream = library.open_stream(detector)
        self._kept = bytearray()  # grows in place; a list of blocks would need their room twice
        self._silent = 0.0
        self._fed = 0
        self._skips: list[tuple[float, float]] = [(0.0, -_LEAD_IN)]
        # Speech from the very first sample on is found only after a moment of silence; and so at the end.
        self._feed(np.zeros(int(_LEAD_IN * RATE), np.float32))

    def hear(self, block: Samples) -> None:
        """Take the next samples at 16 kHz."""
        self._kept += np.rint(block * 32767).astype(np.int16).tobytes()
        silent = bool(np.abs(block).max(initial=0.0) < _SILENT)
        self._silent = self._silent + len(block) / RATE if silent else 0.0
        if silent and self._silent > _LISTENED_ON + len(block) / RATE:
            at, skipped = self._fed / RATE, self._skips[-1][1]
            if self._skips[-1][0] == at:
                self._skips.pop()
            self._skips.append((at, skipped + len(block) / RATE))
        else:
            self._feed(block)

    def finish(self) -> tuple[Stored, list[Span]]:
        """Return the recording and the spans of speech in it, in seconds, sorted by their start."""
        self._feed(np.zeros(int(_LEAD_IN * RATE), np.float32))
        lines = self._library.finish(self._detector, self._stream)
        spans = sorted((self._at(line.start), self._at(line.start + line.duration)) for line in lines)
        return np.frombuffer(self._kept, np.int16), spans

    def _at(self, fed: float) -> float:
        """Return where in the recording lies what the detector got at `fed` seconds."""
        return fed + self._skips[bisect_right(self._skips, (fed, np.inf)) - 1][1]

    def _feed(self, samples: Samples) -> None:
        self._fed += len(samples)
        for at in range(0, len(samples), _PIECE):
            self._library.feed(self._detector, self._stream, samples[at : at + _PIECE], RATE)
