"""A picture of a recording for people: where somebody speaks, and how loud. SVG, drawn of peaks that a child found.

What decodes a stranger's sound is a process of its own here, too, with limits; it is handed the open file alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

COLUMNS: Final = 600
_HEIGHT: Final = 96
_SECONDS: Final = 120.0
_LARGEST_ANSWER: Final = 64 * 1024
_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)


def draw(path: Path) -> str | None:
    """Return the picture; None where the file cannot be decoded."""
    found = peaks(path)
    if not found or not found[1]:
        return None
    seconds, heights = found
    middle = _HEIGHT / 2
    strokes = "".join(
        f"M{x} {middle - height * (middle - 2):.1f}V{middle + height * (middle - 2):.1f}"
        for x, height in enumerate(heights)
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


def peaks(path: Path) -> tuple[float, list[float]] | None:
    """Return the length in seconds and the loudest of each column, from 0 to 1; None where it cannot be decoded."""
    environment = {"LANG": "C.UTF-8", "PATH": os.defpath, "PYTHONPATH": str(Path(__file__).parent.parent)}
    with path.open("rb") as sound:
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "transcribe.waveform_child"],
                stdin=sound, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env=environment, timeout=_SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return None
    if done.returncode or len(done.stdout) > _LARGEST_ANSWER:
        return None
    try:
        answer = json.loads(done.stdout)
        heights = [min(1.0, max(0.0, float(each))) for each in answer["peaks"]][:COLUMNS]
        return max(0.1, float(answer["seconds"])), heights
    except (ValueError, KeyError, TypeError):
        return None
