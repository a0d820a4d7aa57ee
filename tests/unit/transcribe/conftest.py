"""Recordings of every kind, made from one tone."""

import io
import os
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from transcribe import supervise
from transcribe.audio import Recording
from transcribe.limits import Limits

RATE = 8000

SERVER = """
import functools, os, socket, sys, time
from transcribe import fork_server
def work(request, recording, answer_to):
    print = functools.partial(__builtins__.print, file=open(answer_to, "w", closefd=False), flush=True)
{code}
    return 0
fork_server.serve(socket.socket(fileno=int(sys.argv[1])), work)
"""


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


@pytest.fixture(scope="session")
def fork_server() -> Callable[[str], supervise.ForkServer]:
    """Return a function that makes a server whose children run some code; what that prints is their answer."""

    def server(code: str) -> supervise.ForkServer:
        environment = {"PYTHONPATH": str(Path(supervise.__file__).parents[1])}
        program = SERVER.format(code=textwrap.indent(code, "    "))
        return supervise.ForkServer([sys.executable, "-c", program], environment)

    return server


@pytest.fixture(scope="session")
def run_in() -> Callable[..., supervise.Ended]:
    """Return a function that has a child of a server answer a request."""

    def run(
        server: supervise.ForkServer, *, request: bytes = b"{}", path: Path = Path(os.devnull), **changes: Any
    ) -> supervise.Ended:
        options = {"wall_seconds": 60.0, "output_bytes": 1_000_000, "cancel": None, **changes}
        with path.open("rb") as recording:
            return server.run(request, recording.fileno(), **options)

    return run


@pytest.fixture(scope="session")
def in_child(
    fork_server: Callable[[str], supervise.ForkServer], run_in: Callable[..., supervise.Ended]
) -> Callable[..., supervise.Ended]:
    """Return a function that runs code in the only child of a server of its own."""

    def run(code: str, **changes: Any) -> supervise.Ended:
        with fork_server(code) as server:
            return run_in(server, **changes)

    return run
