"""Reading one stretch of speech: several views put to a vote, and what sounds like a number read a second time.

The figures below were found with tests/bench/bench_speech.py; docs/speech.md says what each of the steps is worth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transcribe.engines import beam
from transcribe.engines.moonshine_network import Network
from transcribe.engines.moonshine_tokens import Tokens
from transcribe.engines.number_reader import NumberReader, ReadNumber
from transcribe.engines.read_words import ReadWord, read_words
from transcribe.engines.stretch import Stretch

if TYPE_CHECKING:
    from transcribe.audio import Samples

_WIDTH = 3
_HOPELESS = 4.0
"""How much less likely than the likeliest a text may be and still be read on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read; `score` is the mean log probability of a token."""

    words: tuple[ReadWord, ...]
    numbers: tuple[ReadNumber, ...]
    score: float

    @property
    def text(self) -> str:
        """The words in one line."""
        return " ".join(word.text for word in self.words)


class Reader:
    """Reads stretches of up to 15 s with one model."""

    def __init__(self, network: Network, tokens: Tokens) -> None:
        """Take a loaded model."""
        self._network = network
        self._tokens = tokens
        self._numbers = NumberReader(network, tokens)

    def read(self, samples: Samples) -> Reading | None:
        """Return what is said in `samples` (16 kHz), None where there is no word."""
        stretch = Stretch(self._network, samples)
        found = beam.search(self._network, stretch.sound, width=_WIDTH, longest=stretch.longest, depth=_HOPELESS)
        if not found or not any(letter.isalnum() for letter in self._tokens.text(found[0].tokens)):
            return None
        text, numbers = self._numbers.read(stretch, found[0])
        return Reading(words=read_words(text, self._tokens), numbers=tuple(numbers), score=text.mean)
