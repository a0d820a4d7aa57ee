"""The words of a text, and how sure the recogniser is of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from transcribe.engines.beam import Text
from transcribe.engines.moonshine_tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadWord:
    """A word and its probability, 0 to 1."""

    text: str
    confidence: float


def read_words(text: Text, tokens: Tokens) -> tuple[ReadWord, ...]:
    """Return the words of a text."""
    return tuple(
        ReadWord(
            text=tokens.text(text.tokens[place] for place in places),
            confidence=round(math.exp(min(0.0, sum(text.scores[place] for place in _spoken(text, tokens, places)))), 3),
        )
        for places in tokens.words(text.tokens)
    )


def _spoken(text: Text, tokens: Tokens, places: Sequence[int]) -> Sequence[int]:
    """Return the tokens of a word that can be heard; whether a comma follows says nothing of the word."""
    return [place for place in places if any(map(str.isalnum, tokens.piece(text.tokens[place])))] or places
