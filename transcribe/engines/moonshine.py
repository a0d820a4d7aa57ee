"""The bundled engine: moonshine's model, read better than it reads itself.

Its voice activity detector cuts at every breath, and digits that people dictate are lost; without it, it makes up words
in silence. So the detector runs over the whole recording first (speech_finder.py), windows.py makes stretches of what
it found, and each stretch is read in several views put to a vote, numbers a second time (reader.py). What only a
network could have said is dropped (doubts.py). docs/speech.md has the figures.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from transcribe.audio import Samples
from transcribe.engine import Heard
from transcribe.engines import doubts, word_times
from transcribe.engines.moonshine_library import Library
from transcribe.engines.moonshine_model import MoonshineModel
from transcribe.engines.moonshine_network import RATE, Network
from transcribe.engines.moonshine_tokens import Tokens
from transcribe.engines.read_words import ReadWord
from transcribe.engines.reader import Reader, Reading
from transcribe.engines.speech_finder import SpeechFinder, Stored
from transcribe.engines.windows import FRAMES_A_SECOND, Loudness, Window, windows
from transcribe.transcript import NumberHeard, NumberReading, Segment, Word

_ARCHITECTURES = {"tiny": 0, "base": 1}
_DETECT = {"skip_transcription": "true", "return_audio_data": "false", "vad_threshold": "0.5"}
_preloaded: dict[MoonshineModel, tuple[Library, int, Reader]] = {}


def preload(model: MoonshineModel) -> None:
    """Load library, detector and networks for the first recording that this process or a fork of it hears."""
    _preloaded[model] = (*_library_and_detector(model), _reader(model.folder))


def _library_and_detector(model: MoonshineModel) -> tuple[Library, int]:
    library = Library(model.library)
    return library, library.load(model.folder, _ARCHITECTURES[model.size], _DETECT)


def _reader(folder: Path) -> Reader:
    return Reader(Network(folder), Tokens.read(folder / "tokenizer.bin"))


class Moonshine:
    """An `Engine`; needs about 300 MB, and 2 MB for each minute of the recording."""

    name = "moonshine"
    sample_rate = RATE

    def __init__(self, model: MoonshineModel) -> None:
        """Load the library and the detector; raises RuntimeError."""
        self.model = model.name
        self.language = model.language
        self._folder = model.folder
        self._reader: Reader | None = None
        if model in _preloaded:
            # Taken, not looked up: a detector keeps state.
            library, detector, self._reader = _preloaded.pop(model)
        else:
            library, detector = _library_and_detector(model)
        self._finder = SpeechFinder(library, detector)

    def recognise(self, blocks: Iterable[Samples]) -> Heard:
        """Hear one recording; see `Engine`."""
        for block in blocks:
            self._finder.hear(block)
        sound, spans = self._finder.finish()
        loudness = _loudness(sound)
        found = windows(spans, loudness)
        if not found:
            return Heard(segments=())
        reader = self._reader or _reader(self._folder)
        segments: list[Segment] = []
        words: list[Word] = []
        numbers: list[NumberHeard] = []
        for window in found:
            reading = _read(reader, sound, window)
            if reading is None:
                continue
            start, end = round(window.start, 2), round(window.end, 2)
            segments.append(Segment(text=reading.text, start=start, end=end))
            numbers += _numbers(reading, len(words))
            words += _timed(reading.words, window, loudness)
        return Heard(segments=tuple(segments), words=tuple(words), confidence=_mean(words), numbers=tuple(numbers))


def _read(reader: Reader, sound: Stored, window: Window) -> Reading | None:
    samples = sound[int(window.start * RATE) : int(window.end * RATE)].astype(np.float32) / np.float32(32767)
    reading = reader.read(samples)
    if reading is None or doubts.made_up(reading.text, speech=window.speech, score=reading.score):
        return None
    loop = doubts.looped([word.text for word in reading.words])
    if loop is not None:
        # Numbers beside a loop are not told apart from its words any more.
        reading = replace(reading, words=reading.words[: loop[0]] + reading.words[loop[1] :], numbers=())
    return reading


def _numbers(reading: Reading, before: int) -> Iterable[NumberHeard]:
    for number in sorted(reading.numbers, key=lambda one: one.first):
        readings = tuple(NumberReading(digits=digits, probability=share) for digits, share in number.readings)
        yield NumberHeard(first=before + number.first, last=before + number.last, readings=readings)


def _timed(words: tuple[ReadWord, ...], window: Window, loudness: Loudness) -> Iterable[Word]:
    stretch = loudness[int(window.start * FRAMES_A_SECOND) : int(window.end * FRAMES_A_SECOND)]
    times = word_times.estimate([word.text for word in words], window.start, stretch)
    for word, (start, end) in zip(words, times, strict=True):
        yield Word(text=word.text, start=start, end=end, confidence=word.confidence)


def _mean(words: list[Word]) -> float | None:
    known = [word.confidence for word in words if word.confidence is not None]
    return round(sum(known) / len(known), 3) if known else None


def _loudness(sound: Stored) -> Loudness:
    step = RATE // FRAMES_A_SECOND
    whole = sound[: len(sound) // step * step].reshape(-1, step)
    energy = np.empty(len(whole), np.float32)
    for at in range(0, len(whole), 6000):  # a minute at a time: squares need twice the room
        energy[at : at + 6000] = np.square(whole[at : at + 6000], dtype=np.float32).mean(axis=1)
    return energy
