"""Recordings of every kind, made from one tone."""

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from transcribe.audio import Recording
from transcribe.limits import Limits

RATE = 8000


@pytest.fixture(scope="session")
def tone() -> np.ndarray:
    """Two seconds of 300 Hz at 8 kHz, swelling from nothing to half of full scale."""
    time = np.arange(2 * RATE) / RATE
    return (0.25 * time * np.sin(2 * np.pi * 300 * time)).astype(np.float32)


@pytest.fixture(scope="session")
def encode() -> Callable[..., bytes]:
    """Return a function that codes samples as the bytes of a file."""

    def encoded(samples: np.ndarray, rate: int = RATE, **form: str) -> bytes:
        file = io.BytesIO()
        soundfile.write(file, samples, rate, **{"format": "WAV", **form})
        return file.getvalue()

    return encoded


@pytest.fixture
def open_recording(tmp_path: Path) -> Iterator[Callable[..., Recording]]:
    """Return a function that opens bytes as a recording; what it opened is closed afterwards."""
    opened: list[Recording] = []
    descriptors: list[int] = []

    def opening(data: bytes, limits: Limits | None = None) -> Recording:
        path = tmp_path / f"recording-{len(descriptors)}"
        path.write_bytes(data)
        descriptors.append(os.open(path, os.O_RDONLY))
        opened.append(Recording(descriptors[-1], limits or Limits()))
        return opened[-1]

    yield opening
    for recording in opened:
        recording.close()
    for descriptor in descriptors:
        os.close(descriptor)


@pytest.fixture
def decode(open_recording: Callable[..., Recording]) -> Callable[..., np.ndarray]:
    """Return a function that gives all samples of a recording's bytes at one rate."""

    def decoding(data: bytes, rate: int = RATE) -> np.ndarray:
        return np.concatenate(list(open_recording(data).blocks(rate)))

    return decoding
