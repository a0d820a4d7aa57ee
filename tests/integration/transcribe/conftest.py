"""Speech that the recogniser's wheel ships, and ways to look at a child at work."""

import importlib.util
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from tests.harness.processes import forked

RATE = 8000


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder of recordings in the wheel (beckett.wav, two_cities.wav)."""
    spec = importlib.util.find_spec("moonshine_voice")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "assets"


@pytest.fixture(scope="session")
def beckett(recordings: Path) -> Path:
    """Ten seconds of speech."""
    return recordings / "beckett.wav"


@pytest.fixture(scope="session")
def beckett_words() -> str:
    """What is said in it."""
    return "ever tried ever failed no matter try again fail again fail better"


@pytest.fixture(scope="session")
def telephone() -> Callable[[Path], np.ndarray]:
    """Return a function that reads a recording as 8 kHz samples."""

    def read(path: Path) -> np.ndarray:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        return soxr.resample(samples.mean(axis=1), rate, RATE)

    return read


@pytest.fixture(scope="session")
def word_errors() -> Callable[[str, str], float]:
    """Return a function that gives the word error rate of a text: edits for each word that was said."""

    def rate(heard: str, said: str) -> float:
        got, wanted = re.findall(r"[a-z']+", heard.lower()), said.split()
        row = list(range(len(got) + 1))
        for i, word in enumerate(wanted, 1):
            last, row[0] = row[0], i
            for j, other in enumerate(got, 1):
                last, row[j] = row[j], min(last + (word != other), row[j] + 1, row[j - 1] + 1)
        return row[-1] / len(wanted)

    return rate


@pytest.fixture(scope="session")
def child_of() -> Callable[[int], int]:
    """Return a function that waits until a process has a recording heard; gives the number of the child that does."""

    def find(parent: int) -> int:
        for _ in range(1200):
            if found := forked(parent, "transcribe.child"):
                return found[0]
            time.sleep(0.05)
        pytest.fail("no recogniser was started within a minute")

    return find


@pytest.fixture(scope="session")
def wait_until_gone() -> Callable[[int], None]:
    """Return a function that waits until a process is dead (a zombie is)."""

    def wait(pid: int) -> None:
        for _ in range(1200):
            state = _stat(Path(f"/proc/{pid}"))
            if not state or state[0] in "ZX":
                return
            time.sleep(0.05)
        os.kill(pid, 9)
        pytest.fail("the recogniser went on without its parent")

    return wait


def _stat(entry: Path) -> list[str]:
    try:
        return (entry / "stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return []
