"""The recogniser's model."""

from collections.abc import Iterator

from inboxd.preflight.finding import Finding
from inboxd.settings import Settings
from transcribe.run import model_ready


def speech(settings: Settings) -> Iterator[Finding]:
    """Look whether the recogniser has its model, without loading it."""
    problem = model_ready(settings.speech.engine, settings.speech.model)
    place = str(settings.speech.model or f"speech engine {settings.speech.engine}")
    if problem is None:
        yield Finding(level="ok", what="the speech model is ready", place=place)
    elif settings.speech.model is not None:
        yield Finding(level="wrong", what=f"speech.model: {problem}", place=str(settings.path))
    else:
        yield Finding(level="failed", what=problem, place=place)
