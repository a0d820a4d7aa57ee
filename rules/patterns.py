"""Patterns of google-re2, searched many at once. Their time grows with the text and with nothing else.

re2 knows no back-references and no look-around, and in return no pattern and no mail can stall the desk. Patterns are
searched in sets: one pass over the text for each set, however many patterns are in it.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import re2

from rules.mistakes import short

MAX_PATTERN = 200
MAX_PATTERNS = 500
# What one pattern may need when compiled, and a set of them with what is remembered while searching: a search that
# had no room for twenty states at least would miss matches and say nothing.
_ONE = 1 << 17
_SET = 8 << 20
_IN_A_SET = 16
# By a piece of what re2 says.
_HINTS: Final = {
    "perl operator": (
        "; look-around and back-references are not known here (re2): what must not be said goes into `not`"
    ),
    "escape sequence": "; back-references are not known here (re2); a backslash itself is \\\\",
    "no argument for repetition": "; it repeats what stands before it: anything is .*, the sign itself \\*",
    "repetition": "; repeat less, or write two patterns",
    "too large": "; repeat less, or write two patterns",
    "too big": "; repeat less, or write two patterns",
    "class range": "; a range goes from the first to the last: [a-z]",
    "trailing": "; a backslash itself is \\\\",
    "missing )": "; a bracket itself is \\(",
    "unexpected )": "; a bracket itself is \\)",
    "missing ]": "; a bracket itself is \\[",
}


def _options(most: int) -> Any:
    options = re2.Options()
    options.log_errors = False  # re2 would write to stderr
    options.case_sensitive = False
    options.never_capture = True
    options.max_mem = most
    return options


def check(pattern: str) -> None:
    """Whether a pattern can be searched for; ValueError says what would be right."""
    if len(pattern) > MAX_PATTERN:
        message = f"expected a pattern of at most {MAX_PATTERN} characters, got {len(pattern)}"
        raise ValueError(message)
    try:
        found = re2.compile(pattern.encode(), _options(_ONE))
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        said = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        hint = next((told for word, told in _HINTS.items() if word in said), "")
        message = f'"{short(pattern)}" is no pattern: {said}{hint}'
        raise ValueError(message) from error
    if found.search(b"") is not None:
        message = f'"{short(pattern)}" is found in every text, even in an empty one; let it ask for a letter at least'
        raise ValueError(message)


class PatternBook:
    """All patterns of a rules file, searched in a text in a few passes."""

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        """`patterns` have passed `check`."""
        self._sets = tuple(_sets(dict.fromkeys(patterns)))

    def match(self, text: str) -> frozenset[str]:
        """The patterns that are found in the text."""
        if not self._sets:
            return frozenset()
        # A mail can hold half a surrogate pair, which has no bytes.
        raw = text.encode("utf-8", "replace")
        return frozenset(patterns[at] for search, patterns in self._sets for at in search.Match(raw) or ())


def _sets(patterns: Iterable[str]) -> "Iterator[tuple[Any, tuple[str, ...]]]":
    listed = tuple(patterns)
    for first in range(0, len(listed), _IN_A_SET):
        some = listed[first : first + _IN_A_SET]
        search = re2.Set.SearchSet(_options(_SET))
        for pattern in some:
            search.Add(pattern.encode())
        search.Compile()
        yield search, some
