"""The model's alphabet: pieces of words, numbered, as tokenizer.bin lists them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

START, END = 1, 2
"""The numbers of the marks that open and close a text."""

_FIRST_BYTE, _FIRST_PIECE = 3, 259
_SPACE = "\u2581"
"""Stands for a blank, as in SentencePiece; a piece that begins with it begins a word."""


class Tokens:
    """What each number stands for; made of 32,768 short byte strings, 3 MB."""

    def __init__(self, pieces: list[bytes]) -> None:
        """Take the pieces in the order of their numbers."""
        self._pieces = pieces
        # The single bytes come first in the file, and again as pieces; text is made of pieces where there is one.
        self._numbers: Mapping[bytes, int] = {
            piece: number for number, piece in enumerate(pieces) if number >= _FIRST_PIECE
        }

    @classmethod
    def read(cls, path: Path) -> Tokens:
        """Read tokenizer.bin: for each piece its length (one byte, or two of 7 + 8 bits) and its bytes."""
        data, at, pieces = path.read_bytes(), 0, []
        while at < len(data):
            length, at = data[at], at + 1
            if length >= 128:
                length, at = length - 128 + data[at] * 128, at + 1
            pieces.append(data[at : at + length])
            at += length
        return cls(pieces)

    def text(self, numbers: Iterable[int]) -> str:
        """Return what a row of tokens says; half a character at its end is dropped."""
        raw = b"".join(self._pieces[number] for number in numbers if number >= _FIRST_BYTE)
        return raw.replace(_SPACE.encode(), b" ").decode("utf-8", errors="ignore").strip()

    def words(self, numbers: Iterable[int]) -> list[list[int]]:
        """Return the places of the tokens that make up each word; a mark is part of the word before it."""
        words: list[list[int]] = []
        for place, number in enumerate(numbers):
            if not words or self._pieces[number].startswith(_SPACE.encode()):
                words.append([])
            words[-1].append(place)
        return words

    def piece(self, number: int) -> str:
        """Return what one token says, its leading blank included."""
        return self._pieces[number].decode("utf-8", errors="replace").replace(_SPACE, " ")

    def split(self, text: str) -> list[int]:
        """Return the tokens of a text as the model was taught it (byte-pair encoding: the oldest merge first)."""
        parts = [character.encode() for character in text.replace(" ", _SPACE)]
        while True:
            merges = (
                (number, at)
                for at in range(len(parts) - 1)
                if (number := self._numbers.get(parts[at] + parts[at + 1])) is not None
            )
            best = min(merges, default=None)
            if best is None:
                return [self._numbers[part] for part in parts]
            at = best[1]
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
