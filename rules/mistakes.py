"""Mistakes that people make in files, each with its place."""

from collections.abc import Iterable
from dataclasses import dataclass

_MOST_SHOWN = 80


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Mistake:
    """One mistake: `file:line:column: what is wrong and what would be right`. Both count from 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class MistakesFound(Exception):
    """All mistakes of a file at once, in the order of the file."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes))
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


def short(text: str) -> str:
    """A text of the file as mistakes repeat it: a long one only in its beginning, what nobody sees as its number."""
    text = text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"
    return text if text.isprintable() else "".join(char if char.isprintable() else _code(char) for char in text)


def _code(char: str) -> str:
    """A character as Unicode writes it: U+200B."""
    return f"<U+{ord(char):04X}>"
