"""The picture of a recording: it has the sound's shape, and none where there is no sound."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from transcribe.waveform import COLUMNS, draw, peaks


def test_the_picture_has_the_shape_of_the_sound(tmp_path: Path, tone: np.ndarray, encode: Callable[..., bytes]) -> None:
    path = tmp_path / "tone.wav"
    path.write_bytes(encode(tone))
    found = peaks(path)
    assert found is not None
    seconds, heights = found
    assert round(seconds) == 2
    assert len(heights) == COLUMNS
    assert heights[0] < 0.05 < 0.4 < heights[-1]  # it swells
    picture = draw(path)
    assert picture is not None
    assert picture.startswith("<svg")
    assert "A recording of 0:02" in picture


def test_what_is_no_sound_has_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "page.wav"
    path.write_bytes(b"<html>not found</html>")
    assert draw(path) is None
