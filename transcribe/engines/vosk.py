"""The second engine: vosk, with any model that was unpacked into a folder.

Models of many languages and sizes exist; each word comes with its time and a confidence. libvosk crashes or hangs on
a model that is not what it seems, so the files are looked at first, and the process is one that can be killed.

Given phrases, a second recogniser hears the same sound with nothing but them in its grammar, if the model's graph is
put together at run time. It would hear them everywhere: what it makes out stands beside the words and replaces none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from transcribe.engine import Heard
from transcribe.errors import EngineUnavailable
from transcribe.transcript import Segment, Word

if TYPE_CHECKING:
    from transcribe.audio import Samples

_RATE = re.compile(r"^--sample-frequency=(\d+)", re.MULTILINE)
_LANGUAGE = re.compile(r"(?:^|-)([a-z]{2})(?:-|$)")
_RATES = range(4000, 48_001)
# The layout since 2020, and the one before.
_MODELS = ("am/final.mdl", "final.mdl")
_FEATURES = ("conf/mfcc.conf", "conf/fbank.conf", "mfcc.conf")
_GRAPHS = (("graph/HCLG.fst",), ("graph/HCLr.fst", "graph/Gr.fst"), ("HCLG.fst",), ("HCLr.fst", "Gr.fst"))
_WORDS = ("graph/words.txt", "words.txt")
_UNKNOWN = {"[unk]", "<unk>"}
_RUNTIME_GRAPH = (("graph/HCLr.fst", "graph/Gr.fst"), ("HCLr.fst", "Gr.fst"))
_SURE = 0.7
"""How sure each word of a phrase has to be: the grammar leaves little else to hear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoskModel:
    """A model's folder; the rate in Hz that it was made for, and its language, ISO 639-1, as its name says."""

    folder: Path
    rate: int
    language: str


class _Recogniser(Protocol):
    """What is used of vosk's KaldiRecognizer; a result is JSON."""

    def AcceptWaveform(self, data: bytes) -> int:  # noqa: N802
        ...

    def Result(self) -> str:  # noqa: N802
        ...

    def SetWords(self, enable: bool) -> None:  # noqa: N802
        ...

    def FinalResult(self) -> str:  # noqa: N802
        ...


def locate(folder: Path | None) -> VoskModel:
    """Look at the model in `folder`; raises EngineUnavailable with what is missing."""
    if find_spec("vosk") is None:
        raise EngineUnavailable("the speech engine is not installed (vosk)")
    if folder is None:
        raise EngineUnavailable("vosk comes without a model: speech.model has to name the folder of one")
    if not folder.is_dir():
        raise EngineUnavailable(f"the speech model {folder} is not a folder")
    missing = [
        names[0] for names in (_MODELS, _FEATURES, _WORDS) if not any((folder / name).is_file() for name in names)
    ]
    if not any(all((folder / name).is_file() for name in names) for names in _GRAPHS):
        missing.append(_GRAPHS[0][0])
    if missing:
        raise EngineUnavailable(f"the speech model in {folder} lacks {', '.join(missing)}")
    return VoskModel(folder=folder, rate=_rate(folder), language=_language(folder))


def preload() -> None:
    """Load the library; a model, which may need gigabytes, is not kept."""
    import vosk  # noqa: F401 loading it is all that is wanted


class Vosk:
    """An `Engine`; needs what its model needs, 100 MB to several GB."""

    name = "vosk"

    def __init__(self, model: VoskModel, phrases: Sequence[str] = ()) -> None:
        """Load the model; raises EngineUnavailable when libvosk does not take it.

        `phrases`, in small letters, are listened for, but those with a word that the model does not know.
        """
        import vosk

        self.model = re.sub(r"[^A-Za-z0-9._-]", "-", model.folder.name)[:64]
        self.language = model.language
        self.sample_rate = model.rate
        vosk.SetLogLevel(-1)
        try:
            # By path only: given a name, it downloads.
            loaded = vosk.Model(str(model.folder))
            self._recogniser: _Recogniser = vosk.KaldiRecognizer(loaded, float(model.rate))
            self._phrases = known_phrases(model.folder, phrases)
            self._listener: _Recogniser | None = None
            if self._phrases:
                grammar = json.dumps([*self._phrases, "[unk]"])
                self._listener = vosk.KaldiRecognizer(loaded, float(model.rate), grammar)
                self._listener.SetWords(True)
        except Exception as error:  # libvosk's only one
            raise EngineUnavailable(f"the speech model in {model.folder} cannot be loaded: {error}") from error
        self._recogniser.SetWords(True)

    def recognise(self, blocks: Iterable[Samples]) -> Heard:
        """Hear one recording; see `Engine`."""
        import numpy as np

        results: list[dict[str, Any]] = []
        listened: list[dict[str, Any]] = []
        for block in blocks:
            sound = np.rint(block * 32767).astype("<i2").tobytes()
            for recogniser, into in ((self._recogniser, results), (self._listener, listened)):
                if recogniser is not None and recogniser.AcceptWaveform(sound):
                    into.append(json.loads(recogniser.Result()))
        results.append(json.loads(self._recogniser.FinalResult()))
        if self._listener is not None:
            listened.append(json.loads(self._listener.FinalResult()))
        spoken = [words for result in results if (words := list(_words(result)))]
        segments = (
            Segment(text=" ".join(word.text for word in words), start=words[0].start, end=words[-1].end)
            for words in spoken
        )
        every = tuple(word for words in spoken for word in words)
        sure = [word.confidence for word in every if word.confidence is not None]
        mean = round(sum(sure) / len(sure), 3) if sure else None
        phrases = tuple(phrase for result in listened for phrase in _made_out(list(_words(result)), self._phrases))
        return Heard(segments=tuple(segments), words=every, confidence=mean, phrases=phrases)


def known_phrases(folder: Path, phrases: Sequence[str]) -> tuple[str, ...]:
    """Return the phrases that this model can listen for: none whose graph is whole, none with a word it lacks."""
    if not phrases or not any(all((folder / name).is_file() for name in names) for names in _RUNTIME_GRAPH):
        return ()
    wanted = {word for phrase in phrases for word in phrase.split()}
    listed = next(folder / name for name in _WORDS if (folder / name).is_file())
    with listed.open(encoding="utf-8", errors="replace") as lines:
        known = wanted.intersection(line.split(" ", 1)[0] for line in lines)
    return tuple(dict.fromkeys(phrase for phrase in phrases if phrase.split() and known.issuperset(phrase.split())))


def _made_out(words: Sequence[Word], phrases: Sequence[str]) -> Iterator[Segment]:
    """Find the phrases among the words of the listener, the longer one where two begin; sure of each word."""
    wanted = sorted((tuple(phrase.split()) for phrase in phrases), key=len, reverse=True)
    at = 0
    while at < len(words):
        for phrase in wanted:
            found = words[at : at + len(phrase)]
            if tuple(word.text for word in found) == phrase and all((word.confidence or 0) >= _SURE for word in found):
                yield Segment(text=" ".join(phrase), start=found[0].start, end=found[-1].end)
                at += len(phrase)
                break
        else:
            at += 1


def _words(result: dict[str, Any]) -> Iterable[Word]:
    for word in result.get("result", ()):
        if word["word"] in _UNKNOWN:
            continue
        start = max(0.0, float(word["start"]))
        confidence = min(1.0, max(0.0, float(word["conf"])))
        yield Word(
            text=word["word"],
            start=round(start, 2),
            end=round(max(start, float(word["end"])), 2),
            confidence=round(confidence, 3),
        )


def _rate(folder: Path) -> int:
    """Return the model's rate: declared wrongly, it hears wrong words without an error; 0 would hang it."""
    text = next((folder / name).read_text("utf-8", "replace") for name in _FEATURES if (folder / name).is_file())
    found = _RATE.search(text)
    rate = int(found[1]) if found else 16_000
    if rate not in _RATES:
        raise EngineUnavailable(f"the speech model in {folder} wants {rate} samples a second")
    return rate


def _language(folder: Path) -> str:
    """Return the language that a model's folder is named by, as in vosk-model-small-de-0.15; English otherwise."""
    found = _LANGUAGE.search(folder.name.removeprefix("vosk-model-"))
    return found[1] if found else "en"
