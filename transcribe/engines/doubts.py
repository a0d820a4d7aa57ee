"""What a recogniser makes up, and how it is known: nobody spoke, or it repeats itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

_MADE_UP = re.compile(r"(you|yeah|thank you|thanks for watching|bye|so|the|oh|okay|i)[.!?,]*", re.IGNORECASE)
"""What moonshine makes of a click or a breath, when that is all there is."""
_BELIEVED_FROM = 1.0
_FASTEST = 8.0
"""Words a second; an auctioneer reaches 6."""
_LOOP = 4
_LONGEST_LOOP = 8
_SHORT = 1.5
_LEAST_SURE, _LEAST_SURE_SHORT = -1.6, -1.2
"""Mean log probability of a token: real speech, be it in loud noise, is read with more than this."""


def made_up(text: str, *, speech: float, score: float) -> bool:
    """Say whether a reading is better not believed: `speech` seconds of it, `score` its mean log probability."""
    if speech < _BELIEVED_FROM and _MADE_UP.fullmatch(text):
        return True
    if len(text.split()) > _FASTEST * max(speech, _BELIEVED_FROM):
        return True
    return score < (_LEAST_SURE_SHORT if speech < _SHORT else _LEAST_SURE)


def looped(words: Sequence[str]) -> tuple[int, int] | None:
    """Return the first and the last (exclusive) of the words that only repeat what stands before them, or None.

    Figures may be repeated ("five five five five"), and so may two words ("no no no"); four times the same phrase of
    two words or more is a network that lost its place.
    """
    plain = [re.sub(r"\W", "", word).lower() for word in words]
    for length in range(2, _LONGEST_LOOP + 1):
        for start in range(len(plain) - _LOOP * length + 1):
            phrase, end = plain[start : start + length], start + length
            if len(set(phrase)) == 1:
                continue
            while plain[end : end + length] == phrase:
                end += length
            if end - start >= _LOOP * length:
                return start + length, end
    return None
