"""The child that finds a recording's peaks: sound on standard input, JSON on standard output, limits on all of it."""

from __future__ import annotations

import json
import sys

import numpy as np

from transcribe.audio import Recording
from transcribe.confine import confine, shut_in
from transcribe.errors import AudioUnreadable
from transcribe.limits import DEFAULT_LIMITS
from transcribe.waveform import COLUMNS

_RATE = 8000
_CPU_SECONDS = 60
_MEMORY = 1024 * 1024 * 1024


def main() -> int:
    """Read the sound; exit 1 where it cannot be decoded."""
    confine(address_space_bytes=_MEMORY, cpu_seconds=_CPU_SECONDS)
    shut_in(None)
    try:
        recording = Recording(0, DEFAULT_LIMITS)
        loudest = [float(np.abs(block).max(initial=0.0)) for block in _pieces(recording)]
    except AudioUnreadable:
        return 1
    groups = np.array_split(np.array(loudest), min(COLUMNS, max(1, len(loudest))))
    peaks = [round(float(group.max(initial=0.0)), 3) for group in groups]
    # Stretched to the width: a short recording has fewer pieces than the picture has columns.
    spread = [peaks[x * len(peaks) // COLUMNS] for x in range(COLUMNS)]
    sys.stdout.write(json.dumps({"seconds": round(recording.seconds, 2), "peaks": spread}))
    return 0


def _pieces(recording: Recording) -> list[np.ndarray]:
    """Cut the sound into pieces of a fiftieth of a second."""
    size = _RATE // 50
    found: list[np.ndarray] = []
    for block in recording.blocks(_RATE):
        found += [np.abs(block[at : at + size]).max(keepdims=True) for at in range(0, len(block), size)]
    return found


if __name__ == "__main__":
    sys.exit(main())
