"""The bundled engine: moonshine, read in two passes.

As shipped, moonshine's voice activity detector (VAD) decides what is read in one go; it cuts at every
breath, and many of the digits that people dictate are lost. With its VAD off it reads far better, but makes
up words in silence. So the VAD runs over the whole recording first, alone; windows.py makes stretches of what
it found; and each is read with the VAD off. docs/speech.md has the figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from transcribe.audio import Samples
from transcribe.engine import Heard
from transcribe.engines.moonshine_library import Library
from transcribe.engines.moonshine_model import MoonshineModel
from transcribe.engines.windows import FRAMES_A_SECOND, Span, Window, windows
from transcribe.transcript import Segment

_RATE = 16_000
_ARCHITECTURES = {"tiny": 0, "base": 1}
_LEAD_IN = 0.5
_PIECE = 5 * _RATE
"""The VAD's cost is quadratic in the length of one call; in pieces it is linear."""

_DETECT = {"skip_transcription": "true", "return_audio_data": "false", "vad_threshold": "0.5"}
_READ = {
    "vad_threshold": "0",
    "vad_max_segment_duration": "60",
    "max_tokens_per_second": "6.5",
    "return_audio_data": "false",
}
_MADE_UP = re.compile(r"(you|yeah|thank you|bye)[.!?]*", re.IGNORECASE)
"""What moonshine makes of a click or a breath, when that is all there is."""
_BELIEVED_FROM = 1.0

Stored = npt.NDArray[np.int16]


class Moonshine:
    """An `Engine`; needs about 210 MB, and 2 MB for each minute of the recording."""

    name = "moonshine"
    sample_rate = _RATE

    def __init__(self, model: MoonshineModel) -> None:
        """Load the library and the detector; raises RuntimeError."""
        self.model = model.name
        self.language = model.language
        self._library = Library(model.library)
        self._folder = model.folder
        self._architecture = _ARCHITECTURES[model.size]
        self._detector = self._library.load(self._folder, self._architecture, _DETECT)

    def recognise(self, blocks: Iterable[Samples]) -> Heard:
        """Hear one recording; see `Engine`."""
        sound, spans = self._detect(blocks)
        found = windows(spans, _loudness(sound))
        if not found:
            return Heard(segments=())
        # Only now: a caller who hung up without a word costs a third of the memory and half of the time.
        reader = self._library.load(self._folder, self._architecture, _READ)
        segments = [self._read(reader, sound, window) for window in found]
        return Heard(segments=tuple(segment for segment in segments if segment is not None))

    def _detect(self, blocks: Iterable[Samples]) -> tuple[Stored, list[Span]]:
        """Find where somebody speaks; the sound itself is kept in 16 bits, half the memory."""
        stream = self._library.open_stream(self._detector)
        silence = np.zeros(int(_LEAD_IN * _RATE), np.float32)
        kept = bytearray()  # grows in place; a list of blocks would need their room twice
        # Speech from the very first sample on is found only after a moment of silence; and so at the end.
        self._feed(stream, silence)
        for block in blocks:
            kept += np.rint(block * 32767).astype(np.int16).tobytes()
            self._feed(stream, block)
        self._feed(stream, silence)
        lines = self._library.finish(self._detector, stream)
        spans = sorted((line.start - _LEAD_IN, line.start - _LEAD_IN + line.duration) for line in lines)
        return np.frombuffer(kept, np.int16), spans

    def _feed(self, stream: int, samples: Samples) -> None:
        for at in range(0, len(samples), _PIECE):
            self._library.feed(self._detector, stream, samples[at : at + _PIECE], _RATE)

    def _read(self, reader: int, sound: Stored, window: Window) -> Segment | None:
        samples = sound[int(window.start * _RATE) : int(window.end * _RATE)].astype(np.float32) / np.float32(32767)
        lines = self._library.transcribe(reader, samples, _RATE)
        text = " ".join(" ".join(line.text.split()) for line in lines).strip()
        if not any(letter.isalnum() for letter in text):
            return None
        if window.speech < _BELIEVED_FROM and _MADE_UP.fullmatch(text):
            return None
        return Segment(text=text, start=round(window.start, 2), end=round(window.end, 2))


def _loudness(sound: Stored) -> npt.NDArray[np.float32]:
    step = _RATE // FRAMES_A_SECOND
    whole = sound[: len(sound) // step * step].reshape(-1, step)
    energy = np.empty(len(whole), np.float32)
    for at in range(0, len(whole), 6000):  # a minute at a time: squares need twice the room
        energy[at : at + 6000] = np.square(whole[at : at + 6000], dtype=np.float32).mean(axis=1)
    return energy
