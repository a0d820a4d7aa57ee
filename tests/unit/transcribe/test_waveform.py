"""The picture of a recording: it has the sound's shape, and none where there is no sound."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from transcribe.run import measure
from transcribe.transcript import COLUMNS
from transcribe.waveform import draw


def test_the_picture_has_the_shape_of_the_sound(tmp_path: Path, tone: np.ndarray, encode: Callable[..., bytes]) -> None:
    path = tmp_path / "tone.wav"
    path.write_bytes(encode(tone))
    found = measure(path)
    assert round(found.duration) == 2
    assert len(found.heights) == COLUMNS
    assert found.heights[0] < 0.05 < 0.4 < found.heights[-1]  # it swells
    picture = draw(path)
    assert picture is not None
    assert picture.startswith("<svg")
    assert "A recording of 0:02" in picture


def test_what_is_no_sound_has_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "page.wav"
    path.write_bytes(b"<html>not found</html>")
    assert draw(path) is None
