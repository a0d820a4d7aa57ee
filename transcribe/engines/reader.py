"""Reading one stretch of speech: several views put to a vote, and what sounds like a number read a second time.

The numbers below were found with tests/bench/bench_speech.py; docs/speech.md says what each of the steps is worth.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import soxr

from transcribe.engines import beam
from transcribe.engines.beam import Text
from transcribe.engines.digit_grammar import NUMBER_WORDS, DigitGrammar, figures
from transcribe.engines.moonshine_network import RATE, Network, Sound
from transcribe.engines.moonshine_tokens import END, Tokens

if TYPE_CHECKING:
    from transcribe.audio import Samples

_SPEEDS = (1.0, 1.08, 0.93)
"""The views: a voice slightly higher and faster, and lower and slower. What is heard in all is what was said."""
_WIDTH = 3
_TOKENS_A_SECOND = 6.5
"""No one speaks faster; what gets longer is the network repeating itself."""

_NUMBER_WIDTH = 6
_FEWEST_DIGITS = 3
_GAP = 2
"""Words between two figures that may be misheard figures."""
_FOR_A_NUMBER = 3.0
_FOR_A_WORD = 3.0
"""How much less likely a reading in digits may be: in all, and for each word that it replaces."""
_FOR_A_DIGIT = 0.6
"""Each token makes a text less likely, so that the likeliest text leaves out one of two equal digits."""
_DIALLED = re.compile(r"1?[2-9]\d\d[2-9]\d{6}")
"""A number of the North American plan."""
_FORMS = (
    (_DIALLED, 4.5),
    (re.compile(r"\d{10}"), 2.5),
    (re.compile(r"\d{5}"), 2.0),
    (re.compile(r"\d{7}"), 1.5),
)
"""What is dictated most: telephone numbers (of the North American plan above all), postcodes, local numbers."""
_DEPTH = 7.0
"""How much less likely than the likeliest the last reading may be."""
_READINGS_KEPT = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadWord:
    """A word and its probability, 0 to 1."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadNumber:
    """Words `first` to `last` (inclusive) are a number; its readings, likeliest first, with their probabilities."""

    first: int
    last: int
    readings: tuple[tuple[str, float], ...]


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


@dataclass(frozen=True, slots=True)
class _Span:
    """Words `first` up to `last` (exclusive) of a text."""

    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _InDigits:
    """A span read in digits; `gain`: how much likelier than what stood there, as a logarithm."""

    span: _Span
    text: Text
    gain: float
    readings: tuple[tuple[str, float], ...]


class Reader:
    """Reads stretches of up to 15 s with one model."""

    def __init__(self, network: Network, tokens: Tokens) -> None:
        """Take a loaded model."""
        self._network = network
        self._tokens = tokens
        self._grammar = DigitGrammar(tokens)

    def read(self, samples: Samples) -> Reading | None:
        """Return what is said in `samples` (16 kHz), None where there is no word."""
        sound = self._network.hear([_at_speed(samples, speed) for speed in _SPEEDS])
        longest = int(len(samples) / RATE / min(_SPEEDS) * _TOKENS_A_SECOND) + 4
        found = beam.search(self._network, sound, width=_WIDTH, longest=longest)
        if not found or not any(letter.isalnum() for letter in self._tokens.text(found[0].tokens)):
            return None
        text, numbers = found[0], []
        for span in self._number_spans(text):
            text, number = self._read_number(sound, text, span, longest)
            if number is not None:
                numbers.append(number)
        return self._reading(text, numbers)

    def _reading(self, text: Text, numbers: Sequence[ReadNumber]) -> Reading:
        words = tuple(
            ReadWord(
                text=self._tokens.text(text.tokens[place] for place in places),
                confidence=round(
                    math.exp(min(0.0, sum(text.scores[place] for place in self._spoken(text, places)))), 3
                ),
            )
            for places in self._tokens.words(text.tokens)
        )
        return Reading(words=words, numbers=tuple(numbers), score=text.total / max(1, len(text.scores)))

    def _spoken(self, text: Text, places: Sequence[int]) -> list[int]:
        """Return the tokens of a word that can be heard; whether a comma follows says nothing of the word."""
        heard = [place for place in places if any(map(str.isalnum, self._tokens.piece(text.tokens[place])))]
        return heard or list(places)

    def _number_spans(self, text: Text) -> list[_Span]:
        """Return runs of words that are mostly figures, from the last to the first."""
        words = [
            self._tokens.text(text.tokens[place] for place in places) for places in self._tokens.words(text.tokens)
        ]
        spans: list[_Span] = []
        for at in (at for at, word in enumerate(words) if _is_number(word)):
            if spans and at - spans[-1].last <= _GAP:
                spans[-1] = _Span(spans[-1].first, at + 1)
            else:
                spans.append(_Span(at, at + 1))
        return [
            span
            for span in reversed(spans)
            if len(figures(" ".join(w for w in words[span.first : span.last] if _is_number(w)))) >= _FEWEST_DIGITS
            and 2 * sum(map(_is_number, words[span.first : span.last])) > span.last - span.first
        ]

    def _read_number(self, sound: Sound, text: Text, span: _Span, longest: int) -> tuple[Text, ReadNumber | None]:
        """Read a span again, kept to digits; return the text with what was read, and the number's readings."""
        length = len(self._tokens.words(text.tokens))
        # A number at the very beginning or end may have lost its first or last digits to words.
        firsts = [span.first] + ([0] if 0 < span.first <= _GAP + 1 else [])
        lasts = [span.last] + ([length] if 0 < length - span.last <= _GAP else [])
        tries = [self._in_digits(sound, text, _Span(first, last), longest) for first in firsts for last in lasts]
        best = max((one for one in tries if one is not None), key=lambda one: one.gain, default=None)
        if best is None:
            return text, None
        own = figures(" ".join(self._words_of(text, span)))
        if _DIALLED.fullmatch(own) and all(map(_is_number, self._words_of(text, span))):
            # Free reading and form agree, and a search for digits leaves out repeated ones more easily.
            return text, ReadNumber(first=span.first, last=span.last - 1, readings=_led_by(own, best.readings))
        before, after = self._tokens_of(text, best.span)
        new = Text(
            tokens=(*text.tokens[:before], *best.text.tokens, *text.tokens[after:]),
            scores=(*text.scores[:before], *best.text.scores[:-1], *text.scores[after:]),
        )
        last = best.span.first + len(self._tokens.words(best.text.tokens)) - 1
        return new, ReadNumber(first=best.span.first, last=last, readings=best.readings)

    def _in_digits(self, sound: Sound, text: Text, span: _Span, longest: int) -> _InDigits | None:
        """Read a span in digits; None when every such reading is less likely than a number may be."""
        before, after = self._tokens_of(text, span)
        stop = text.tokens[after] if after < len(text.tokens) else END
        odd = sum(not _is_number(word) for word in self._words_of(text, span))
        free = sum(text.scores[before : after + 1]) - _FOR_A_WORD * odd
        found = beam.search(
            self._network,
            sound,
            width=_NUMBER_WIDTH,
            longest=longest,
            beginning=text.tokens[:before],
            state=self._grammar.start(stop),
            stop=stop,
            floor=free - _FOR_A_NUMBER - _DEPTH,
        )
        if not found or found[0].total < free - _FOR_A_NUMBER:
            return None
        readings: dict[str, list[Text]] = {}
        for one in found:
            readings.setdefault(figures(self._tokens.text(one.tokens)), []).append(one)
        weights = {digits: _weight(digits, texts) for digits, texts in readings.items()}
        best = max(weights, key=lambda digits: weights[digits])
        return _InDigits(
            span=span,
            text=max(readings[best], key=lambda one: one.total),
            gain=weights[best] - free,
            readings=_probabilities(weights),
        )

    def _tokens_of(self, text: Text, span: _Span) -> tuple[int, int]:
        words = self._tokens.words(text.tokens)
        return words[span.first][0], words[span.last - 1][-1] + 1

    def _words_of(self, text: Text, span: _Span) -> list[str]:
        before, after = self._tokens_of(text, span)
        return self._tokens.text(text.tokens[before:after]).split()


def _weight(digits: str, texts: Sequence[Text]) -> float:
    """Return how likely a number is, however it is written, as a logarithm."""
    highest = max(text.total for text in texts)
    total = highest + math.log(sum(math.exp(text.total - highest) for text in texts))
    return total + _FOR_A_DIGIT * len(digits) + next((worth for form, worth in _FORMS if form.fullmatch(digits)), 0.0)


def _probabilities(weights: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """Return the readings with probabilities that add up to one, likeliest first."""
    highest = max(weights.values())
    total = sum(math.exp(weight - highest) for weight in weights.values())
    ranked = sorted(weights.items(), key=lambda item: -item[1])[:_READINGS_KEPT]
    return tuple((digits, round(math.exp(weight - highest) / total, 4)) for digits, weight in ranked)


def _led_by(digits: str, readings: Sequence[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """Put one reading first, at least as likely as the likeliest; the probabilities add up to one again."""
    shares = dict(readings)
    shares[digits] = max(shares.values())
    total = sum(shares.values())
    others = [(other, share) for other, share in shares.items() if other != digits]
    return tuple((one, round(share / total, 4)) for one, share in [(digits, shares[digits]), *others][:_READINGS_KEPT])


def _at_speed(samples: Samples, speed: float) -> Samples:
    if speed == 1.0:
        return samples
    faster: Samples = soxr.resample(samples, RATE * speed, RATE)
    return faster


def _is_number(word: str) -> bool:
    return any(part.isdigit() or part in NUMBER_WORDS for part in re.findall(r"[a-z]+|[0-9]+", word.lower()))
