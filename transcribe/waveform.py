"""A picture of a recording for people: where somebody speaks, and how loud. SVG, drawn of peaks that a child found."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from transcribe.run import TranscriptionFailed, measure
from transcribe.transcript import COLUMNS

_HEIGHT: Final = 96
_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)


def draw(path: Path) -> str | None:
    """Return the picture; None where the file cannot be decoded."""
    try:
        found = measure(path)
    except TranscriptionFailed:
        return None
    seconds = max(0.1, found.duration)
    middle = _HEIGHT / 2
    strokes = "".join(
        f"M{x} {middle - height * (middle - 2):.1f}V{middle + height * (middle - 2):.1f}"
        for x, height in enumerate(found.heights)
    )
    marks = "".join(
        f'<text x="{round(second / seconds * COLUMNS)}" y="{_HEIGHT + 14}">{second // 60}:{second % 60:02}</text>'
        for second in _marks(seconds)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {COLUMNS} {_HEIGHT + 18}" role="img">'
        f"<title>A recording of {int(seconds) // 60}:{int(seconds) % 60:02}</title>"
        f'<rect width="{COLUMNS}" height="{_HEIGHT}" fill="#f4f4f2"/>'
        f'<path d="M0 {middle}H{COLUMNS}{strokes}" stroke="#2b5f8a" stroke-width="1"/>'
        f'<g font-family="sans-serif" font-size="10" fill="#444">{marks}</g></svg>\n'
    )


def _marks(seconds: float) -> range:
    """Give the few times to write below."""
    step = next((each for each in _STEPS if seconds / each <= 7), _STEPS[-1])
    return range(0, int(seconds) + 1, step)
