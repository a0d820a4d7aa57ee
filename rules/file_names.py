"""File names with `*` for anything, compared without regard to case."""

from collections.abc import Iterable


def pattern(text: str) -> tuple[str, ...]:
    """What stands between the stars of `*.exe`, for `says_one_of`."""
    return tuple([piece.casefold() for piece in text.split("*")])


def says_one_of(patterns: Iterable[tuple[str, ...]], file: str) -> bool:
    """Whether the name is of one of the patterns. Each piece is sought once, from left to right: linear in the name."""
    name = file.casefold()
    return any(_fits(pieces, name) for pieces in patterns)


def _fits(pieces: tuple[str, ...], name: str) -> bool:
    if len(pieces) == 1:
        return name == pieces[0]
    first, *between, last = pieces
    if len(name) < len(first) + len(last) or not (name.startswith(first) and name.endswith(last)):
        return False
    at, end = len(first), len(name) - len(last)
    for piece in between:
        found = name.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True
