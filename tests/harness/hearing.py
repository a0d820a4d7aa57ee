"""Hearing one recording with a recogniser of its own, which ends with it."""

from pathlib import Path
from typing import Any

from transcribe.run import AudioFacts, Recogniser, Transcript


def transcribe_file(path: Path, *, engine: str = "moonshine", model: Path | None = None, **asked: Any) -> Transcript:
    """Give what was said in a recording; `asked` as in `Recogniser.transcribe`."""
    with Recogniser(engine, model) as recogniser:
        return recogniser.transcribe(path, **asked)


def probe(path: Path, **asked: Any) -> AudioFacts:
    """Give what a recording's header says of it."""
    with Recogniser() as recogniser:
        return recogniser.probe(path, **asked)
