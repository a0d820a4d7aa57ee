"""How loud a recording is from its beginning to its end; in the child process, as all that decodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from transcribe.transcript import COLUMNS, Peaks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transcribe.audio import Recording

_RATE = 8000
_PIECE = _RATE // 50


def peaks(recording: Recording) -> Peaks:
    """Decode a recording and return its peaks; raises AudioUnreadable."""
    loudest = np.array(list(_loudest(recording)))
    groups = np.array_split(loudest, min(COLUMNS, len(loudest)))
    found = [round(float(group.max()), 3) for group in groups]
    # Stretched to the width: a short recording has fewer pieces than the picture has columns.
    heights = tuple(found[x * len(found) // COLUMNS] for x in range(COLUMNS))
    return Peaks(duration=round(recording.seconds, 2), heights=heights)


def _loudest(recording: Recording) -> Iterator[float]:
    """Give the loudest sample of each fiftieth of a second."""
    for block in recording.blocks(_RATE):
        for at in range(0, len(block), _PIECE):
            yield float(np.abs(block[at : at + _PIECE]).max())
