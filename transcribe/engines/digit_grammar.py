"""The texts that are nothing but numbers, for a second reading of a stretch in which somebody dictates one.

Left to itself the recogniser prefers words: "zig-zig", "till nine", "ape" for six six, two nine, eight. Kept to numbers
it has to say which digits it heard; how much likelihood that costs says whether it was a number at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from transcribe.engines.moonshine_tokens import END, Tokens
from transcribe.numbers import words as w

_FIGURES = w.UNITS | w.TEENS | {word: f"{tens}0" for word, tens in w.TENS.items()} | w.ROUND
_RARE = {"o", "nought", "naught", "niner", "treble", "quadruple"}
NUMBER_WORDS = frozenset({*_FIGURES, *w.TIMES} - _RARE)
"""What the grammar lets through, beside figures: each word more is one more to be misheard."""


def figures(text: str) -> str:
    """Return the digits of a text, as people dictate them: "twenty three" is 23, "double five" 55, "oh" 0."""
    digits, times, tens = "", 1, False
    for part in re.findall(r"[a-z]+|[0-9]", text.lower()):
        if part in w.TIMES:
            times = w.TIMES[part]
            continue
        figure = _FIGURES.get(part, part if part.isdigit() else "")
        if tens and len(figure) == 1 and figure != "0":
            digits = digits[:-1]
        digits += figure * (times if len(figure) == 1 else 1)
        times, tens = 1, part in w.TENS
    return digits


class _Node(dict[int, Any]):
    """Part of a word: the next tokens; `ends` when a word may end here."""

    ends = False


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A `State`: where a row of numbers stands. `node` is the part of a word that was read, if any."""

    grammar: DigitGrammar
    name: str
    stop: int
    node: _Node | None = None

    def after(self) -> Mapping[int, Place]:
        """Return the tokens that may follow, and where each leads."""
        return self.grammar.after(self)

    def meaning(self, tokens: Sequence[int]) -> tuple[str, str, int]:
        """Return the digits, and what decides which may follow."""
        return figures(self.grammar.tokens.text(tokens)), self.name, id(self.node)


class DigitGrammar:
    """Number words and figures, apart or joined by commas, full stops and hyphens."""

    def __init__(self, tokens: Tokens) -> None:
        """Spell the words in the model's tokens."""
        self.tokens = tokens
        self._word, self._joined = _Node(), _Node()
        for word in NUMBER_WORDS:
            for written in (word, word.capitalize()):
                _add(self._word, tokens.split(f" {written}"))
            _add(self._joined, tokens.split(word))
        self._figures = [tokens.split(figure)[0] for figure in "0123456789"]
        self._blank = tokens.split(" ")[0]
        self._comma, self._stop, self._hyphen = (tokens.split(mark)[0] for mark in ",.-")
        self._known: dict[tuple[str, int, int], Mapping[int, Place]] = {}

    def start(self, stop: int = END) -> Place:
        """Return where a text begins that goes up to the token `stop`: its end, or what is said next."""
        return Place(self, "start", stop)

    def after(self, place: Place) -> Mapping[int, Place]:
        """Return the tokens that may follow a place, and where each leads."""
        key = (place.name, place.stop, id(place.node))
        if key not in self._known:
            self._known[key] = self._after(place)
        return self._known[key]

    def _after(self, place: Place) -> dict[int, Place]:
        stop = place.stop
        figures_ = {figure: Place(self, "figure", stop) for figure in self._figures}
        if place.name == "blank":
            return figures_
        if place.name == "hyphen":
            return figures_ | self._into(self._joined, stop)
        if place.node is not None:
            within = self._into(place.node, stop)
            return (self._between(stop) | within) if place.node.ends else within
        if place.name == "start":
            return self._new_word(stop)
        if place.name == "mark":
            return {stop: Place(self, "end", stop)} | self._new_word(stop)
        return self._between(stop) | (figures_ if place.name == "figure" else {})

    def _new_word(self, stop: int) -> dict[int, Place]:
        return self._into(self._word, stop) | {self._blank: Place(self, "blank", stop)}

    def _between(self, stop: int) -> dict[int, Place]:
        marks = {
            self._comma: Place(self, "mark", stop),
            self._stop: Place(self, "mark", stop),
            self._hyphen: Place(self, "hyphen", stop),
        }
        return {stop: Place(self, "end", stop)} | self._new_word(stop) | marks

    def _into(self, node: _Node, stop: int) -> dict[int, Place]:
        # Where nothing follows within the word, all ends of words are one place.
        return {
            token: Place(self, "part", stop, below) if below else Place(self, "word", stop)
            for token, below in node.items()
        }


def _add(node: _Node, tokens: Sequence[int]) -> None:
    for token in tokens:
        node = node.setdefault(token, _Node())
    node.ends = True
