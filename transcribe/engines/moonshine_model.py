"""Where moonshine's library and models lie, found without importing or loading them."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from transcribe.errors import EngineUnavailable

DISTRIBUTION = "moonshine-voice"
VERSION = "0.1.0"
BUNDLED = "tiny-en"
_LIBRARY = "libmoonshine.so"
_FILES = ("encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin")
_NAME = re.compile(r"(?P<size>tiny|base)-(?P<language>[a-z]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class MoonshineModel:
    """A model's folder, and what its name says: the library takes a wrong size without a word."""

    library: Path
    folder: Path
    size: Literal["tiny", "base"]
    language: str

    @property
    def name(self) -> str:
        """The folder's name, "tiny-en" for example."""
        return self.folder.name


def locate(folder: Path | None) -> MoonshineModel:
    """Find the library and the model in `folder` (None: the bundled one); raises EngineUnavailable."""
    package = _package()
    folder = package / "assets" / BUNDLED if folder is None else folder
    match = _NAME.fullmatch(folder.name)
    if match is None:
        raise EngineUnavailable(
            f'the speech model in {folder} has to be in a folder named by size and language, as "tiny-en"'
        )
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if missing:
        raise EngineUnavailable(f"the speech model in {folder} lacks {', '.join(missing)}")
    size: Literal["tiny", "base"] = "tiny" if match["size"] == "tiny" else "base"
    return MoonshineModel(library=package / _LIBRARY, folder=folder, size=size, language=match["language"])


def _package() -> Path:
    spec = importlib.util.find_spec("moonshine_voice")  # a top-level name: found, not imported
    if spec is None or not spec.submodule_search_locations:
        raise EngineUnavailable(f"the speech engine is not installed ({DISTRIBUTION} {VERSION})")
    # The structures in moonshine_library are this version's; with another's, memory would be misread.
    found = importlib.metadata.version(DISTRIBUTION)
    if found != VERSION:
        raise EngineUnavailable(f"{DISTRIBUTION} {found} is installed; {VERSION} is needed")
    package = Path(spec.submodule_search_locations[0])
    if not (package / _LIBRARY).is_file():
        raise EngineUnavailable(f"{DISTRIBUTION} is installed without its library for Linux, {_LIBRARY}")
    return package
