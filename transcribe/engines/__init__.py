"""The speech engines, by name. Only this folder knows their libraries."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from transcribe.engines import moonshine_model, vosk
from transcribe.errors import EngineUnavailable

if TYPE_CHECKING:
    from transcribe.engine import Engine

NAMES = ("moonshine", "vosk")


def build(engine: str, model: Path | None, phrases: Sequence[str] = ()) -> Engine:
    """Load an engine; `model` is a model's folder, None the one that came with the engine.

    `phrases` are listened for beside everything else, where engine and model can.

    Raises EngineUnavailable when the engine or the model is not there. Takes about half a second and 150 MB.
    """
    missing = why_not_ready(engine, model)
    if missing is not None:
        raise EngineUnavailable(missing)
    if engine == "vosk":
        return vosk.Vosk(vosk.locate(model), phrases)
    from transcribe.engines.moonshine import Moonshine  # numpy and the library: only where one is built

    return Moonshine(moonshine_model.locate(model))


def preload(engine: str, model: Path | None) -> None:
    """Load what each recording needs and none changes: libraries, networks, a detector that has heard nothing yet.

    Does nothing where the engine is not ready, which `build` says.
    """
    if why_not_ready(engine, model) is not None:
        return
    if engine == "vosk":
        vosk.preload()
        return
    from transcribe.engines import moonshine

    moonshine.preload(moonshine_model.locate(model))


def why_not_ready(engine: str, model: Path | None) -> str | None:
    """Say in a sentence what is missing, or None; looks for files only, and loads nothing."""
    if engine not in NAMES:
        return f'there is no speech engine "{engine}"; there is {", ".join(NAMES)}'
    locate = vosk.locate if engine == "vosk" else moonshine_model.locate
    try:
        locate(model)
    except EngineUnavailable as error:
        return error.reason
    return None
