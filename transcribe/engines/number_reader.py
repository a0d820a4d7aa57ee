"""Numbers in what was read: what sounds like one is read again, kept to digits, and by more views.

The figures below were found on human digits in noise and telephone codings (docs/speech.md).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from transcribe.engines import beam, doubts
from transcribe.engines.beam import Text
from transcribe.engines.digit_grammar import NUMBER_WORDS, DigitGrammar, figures
from transcribe.engines.moonshine_network import Network
from transcribe.engines.moonshine_tokens import END, Tokens
from transcribe.engines.read_words import read_words
from transcribe.engines.stretch import Stretch

_NUMBER_WIDTH = 6
_LONG, _LONG_WIDTH = 9.0, 3
"""Seconds; what was heard of a long stretch is 8 MB for each view of each text."""
_CLEAR = 0.5
_RIGHT_IF_CLEAR = 0.95
"""Where each word of a common form of number has more than an even chance, the number was right in 66 cases of 66."""
_LOST = -0.33
_LOST_WITHIN = 8.0
"""Mean log probability of a token, and seconds: a short text with less may be a number that no word of was heard."""
_FASTEST_DIGITS = 4.0
"""Digits a second that people dictate; a network that repeats itself gets to more."""
_MARGINS = 0.6
"""Seconds around the speech in a stretch."""
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
    (_DIALLED, 5.5),
    (re.compile(r"\d{10}"), 3.5),
    (re.compile(r"\d{5}"), 3.0),
    (re.compile(r"\d{6,7}"), 1.5),
)
"""What is dictated most: telephone numbers (of the North American plan above all), postcodes, references."""
_DEPTH = 10.0
"""How much less likely than the likeliest the last reading may be."""
_READINGS_KEPT = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadNumber:
    """Words `first` to `last` (inclusive) are a number; its readings, likeliest first, with their probabilities."""

    first: int
    last: int
    readings: tuple[tuple[str, float], ...]


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


class NumberReader:
    """Finds the numbers of a text and reads them again."""

    def __init__(self, network: Network, tokens: Tokens) -> None:
        """Take a loaded model."""
        self._network = network
        self._tokens = tokens
        self._grammar = DigitGrammar(tokens)

    def read(self, stretch: Stretch, text: Text) -> tuple[Text, list[ReadNumber]]:
        """Return the text of a stretch with its numbers as they were read again, and these numbers."""
        numbers: list[ReadNumber] = []
        for span in self._number_spans(text):
            text, number = self._read_number(stretch, text, span)
            numbers += [] if number is None else [number]
        if not numbers and stretch.seconds < _LOST_WITHIN and self._is_doubtful(text):
            text, number = self._find_lost_number(stretch, text)
            numbers += [] if number is None else [number]
        return text, numbers

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

    def _read_number(self, stretch: Stretch, text: Text, span: _Span) -> tuple[Text, ReadNumber | None]:
        """Read a span again, kept to digits; return the text with what was read, and the number's readings."""
        own = figures(" ".join(self._words_of(text, span)))
        alone = all(map(_is_number, self._words_of(text, span)))
        sure = [word.confidence >= _CLEAR for word in read_words(text, self._tokens)]
        lost_before = _may_be_digits(sure[: span.first], _GAP + 1)
        lost_after = _may_be_digits(sure[span.last :], _GAP)
        possible = alone and _worth(own, stretch.seconds) > 0
        if possible and all(sure[span.first : span.last]) and (len(own) >= 10 or not (lost_before or lost_after)):
            return text, ReadNumber(first=span.first, last=span.last - 1, readings=((own, _RIGHT_IF_CLEAR),))
        firsts = [span.first] + ([0] if lost_before else [])
        lasts = [span.last] + ([len(sure)] if lost_after else [])
        tries = [self._in_digits(stretch, text, _Span(first, last)) for first in firsts for last in lasts]
        best = max((one for one in tries if one is not None), key=lambda one: one.gain, default=None)
        if best is None:
            return text, None
        if possible and _DIALLED.fullmatch(own):
            # Free reading and form agree, and a search for digits leaves out repeated ones more easily.
            return text, ReadNumber(first=span.first, last=span.last - 1, readings=_led_by(own, best.readings))
        return self._with(text, best)

    def _find_lost_number(self, stretch: Stretch, text: Text) -> tuple[Text, ReadNumber | None]:
        """Read all of it in digits, where the words are poor ones: "Nice, nice, nice" for nine nine three nine one."""
        whole = _Span(0, len(self._tokens.words(text.tokens)))
        found = self._search_digits(stretch, text, whole, floor=text.total - _DEPTH)
        # Poor words lose to some digits easily; digits in one of the forms of numbers are another matter.
        if not any(
            _worth(digits, stretch.seconds) and _weight(digits, texts, stretch.seconds) >= text.total
            for digits, texts in found
        ):
            return text, None
        best = self._best_of(stretch, text, whole, found, free=text.total)
        return self._with(text, best) if _worth(best.readings[0][0], stretch.seconds) else (text, None)

    def _is_doubtful(self, text: Text) -> bool:
        return text.mean < _LOST or doubts.looped(self._tokens.text(text.tokens).split()) is not None

    def _with(self, text: Text, best: _InDigits) -> tuple[Text, ReadNumber]:
        """Put a number in place of the words that stood there."""
        before, after = self._tokens_of(text, best.span)
        new = Text(
            tokens=(*text.tokens[:before], *best.text.tokens, *text.tokens[after:]),
            scores=(*text.scores[:before], *best.text.scores[:-1], *text.scores[after:]),
        )
        last = best.span.first + len(self._tokens.words(best.text.tokens)) - 1
        return new, ReadNumber(first=best.span.first, last=last, readings=best.readings)

    def _in_digits(self, stretch: Stretch, text: Text, span: _Span) -> _InDigits | None:
        """Read a span in digits; None when every such reading is less likely than a number may be."""
        before, after = self._tokens_of(text, span)
        odd = sum(not _is_number(word) for word in self._words_of(text, span))
        free = sum(text.scores[before : after + 1]) - _FOR_A_WORD * odd
        found = self._search_digits(stretch, text, span, floor=free - _FOR_A_NUMBER - _DEPTH)
        if not any(one.total >= free - _FOR_A_NUMBER for _, texts in found for one in texts):
            return None
        return self._best_of(stretch, text, span, found, free=free)

    def _search_digits(
        self, stretch: Stretch, text: Text, span: _Span, *, floor: float
    ) -> list[tuple[str, list[Text]]]:
        """Return numbers that a span may be, each with the texts that say it."""
        before, after = self._tokens_of(text, span)
        stop = text.tokens[after] if after < len(text.tokens) else END
        found = beam.search(
            self._network,
            stretch.sound,
            width=_NUMBER_WIDTH if stretch.seconds < _LONG else _LONG_WIDTH,
            longest=stretch.longest,
            beginning=text.tokens[:before],
            state=self._grammar.start(stop),
            stop=stop,
            floor=floor,
            depth=_DEPTH,
        )
        return self._by_digits(found)

    def _by_digits(self, texts: Iterable[Text]) -> list[tuple[str, list[Text]]]:
        numbers: dict[str, list[Text]] = {}
        for text in texts:
            numbers.setdefault(figures(self._tokens.text(text.tokens)), []).append(text)
        return list(numbers.items())

    def _best_of(
        self, stretch: Stretch, text: Text, span: _Span, found: Sequence[tuple[str, list[Text]]], *, free: float
    ) -> _InDigits:
        """Return the likeliest of the numbers that were found, more views heard; `free`: as likely are the words."""
        texts = [one for _, same in found for one in same]
        readings = dict(self._by_digits(self._weighed_again(stretch, text, span, texts)))
        weights = {digits: _weight(digits, texts, stretch.seconds) for digits, texts in readings.items()}
        best = max(weights, key=lambda digits: weights[digits])
        return _InDigits(
            span=span,
            text=max(readings[best], key=lambda one: one.total),
            gain=weights[best] - free,
            readings=_probabilities(weights),
        )

    def _weighed_again(self, stretch: Stretch, text: Text, span: _Span, texts: Sequence[Text]) -> Iterable[Text]:
        """Let more views vote on texts for a span that are already found."""
        before, after = self._tokens_of(text, span)
        beginning, stop = text.tokens[:before], text.tokens[after] if after < len(text.tokens) else END
        views, more = len(stretch.sound.frames), len(stretch.more.frames)
        scores = self._network.weigh([[*beginning, *text.tokens, stop] for text in texts], stretch.more)
        for one, extra in zip(texts, scores, strict=True):
            both = zip(one.scores, extra[len(beginning) :], strict=True)
            yield Text(tokens=one.tokens, scores=tuple((views * a + more * b) / (views + more) for a, b in both))

    def _tokens_of(self, text: Text, span: _Span) -> tuple[int, int]:
        words = self._tokens.words(text.tokens)
        return words[span.first][0], words[span.last - 1][-1] + 1

    def _words_of(self, text: Text, span: _Span) -> list[str]:
        before, after = self._tokens_of(text, span)
        return self._tokens.text(text.tokens[before:after]).split()


def _worth(digits: str, seconds: float) -> float:
    """Return how much likelier than by its sound a number is for having a form that people dictate; 0 for none."""
    if len(digits) > _FASTEST_DIGITS * max(1.0, seconds - _MARGINS):
        return 0.0
    return next((worth for form, worth in _FORMS if form.fullmatch(digits)), 0.0)


def _weight(digits: str, texts: Sequence[Text], seconds: float) -> float:
    """Return how likely a number is, however it is written, as a logarithm."""
    highest = max(text.total for text in texts)
    total = highest + math.log(sum(math.exp(text.total - highest) for text in texts))
    return total + _FOR_A_DIGIT * len(digits) + _worth(digits, seconds)


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


def _may_be_digits(sure: Sequence[bool], few: int) -> bool:
    """Say whether the words from a number to the end of a text may be digits of it, by how clear each word was."""
    return bool(sure) and (len(sure) <= few or not any(sure))


def _is_number(word: str) -> bool:
    return any(part.isdigit() or part in NUMBER_WORDS for part in re.findall(r"[a-z]+|[0-9]+", word.lower()))
