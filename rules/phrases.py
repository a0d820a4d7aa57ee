"""Phrases: whole words in any case and any alphabet; `*` for any ending, `...` for up to four words between.

Single words are looked up among the words of the text: a thousand more of them cost nothing. What is
longer than a word is first looked up by its words and only then searched for, by re2, whose time grows
with the text and with nothing else: no phrase and no mail can stall the desk.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import re2

MAX_WORDS = 20
GAP = "..."
_GAP_PATTERN = b"(?:[^ \n]+ ){0,4}"

_NOT_A_WORD = re.compile(r"[\W_]+")
_ASCII_WORDS = {code: " " for code in range(128) if not chr(code).isalnum()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """One phrase. `words` are folded like texts are; a trailing `*` and the word `...` keep their meaning."""

    text: str
    words: tuple[str, ...]


class Words:
    """A text as its words, folded so that case, typography and alphabet's variants do not matter."""

    def __init__(self, *texts: str) -> None:
        # A line end between the texts: no phrase begins in the subject and ends in the body.
        self._parts = [folded(text) for text in texts]

    @cached_property
    def known(self) -> frozenset[str]:
        """The different words."""
        return frozenset[str]().union(*self._parts)

    @cached_property
    def line(self) -> bytes:
        """All words in order with a space before and after each, as re2 wants them."""
        return b"\n".join(b" " + " ".join(part).encode() + b" " for part in self._parts)


def folded(text: str) -> list[str]:
    """The words of a text: letters, digits and marks, compatibility forms made one, case folded."""
    if text.isascii():
        return text.lower().translate(_ASCII_WORDS).split()
    # A mail can hold half a surrogate pair; it is no letter.
    text = text.encode("utf-8", "replace").decode()
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    odd = [char for char in set(text) if char > "\xa0"]
    # Marks belong to their letters (vowel signs of many scripts). What cannot be seen (soft hyphen,
    # zero-width space) belongs to no word; a sender could use it to hide one.
    marks = "".join(char for char in odd if unicodedata.category(char)[0] == "M")
    unseen = {ord(char): None for char in odd if unicodedata.category(char) == "Cf"}
    if unseen:
        text = text.translate(unseen)
    pattern = re.compile(rf"[^\w{re.escape(marks)}]+|_+") if marks else _NOT_A_WORD
    return pattern.sub(" ", text).split()


def phrase(text: str) -> Phrase:
    """Read a phrase; ValueError says what would be right."""
    words: list[str] = []
    for piece in text.replace("…", GAP).split():
        if piece == GAP:
            words.append(GAP)
            continue
        ending = piece.endswith("*")
        bare = folded(piece.removesuffix("*"))
        if "*" in piece.removesuffix("*") or GAP in piece:
            message = f'"{text}": "*" stands at the end of a word, "..." between two words'
            raise ValueError(message)
        if not bare:
            message = f'"{text}": "{piece}" holds no letter and no digit'
            raise ValueError(message)
        if ending:
            bare[-1] += "*"
        words += bare
    if not words or GAP in (words[0], words[-1]) or (GAP, GAP) in pairwise(words):
        message = f'"{text}": "..." stands between two words' if words else "an empty phrase"
        raise ValueError(message)
    if len(words) > MAX_WORDS:
        message = f'"{text[:40]}…" has {len(words)} words; {MAX_WORDS} are the most'
        raise ValueError(message)
    return Phrase(text=text, words=tuple(words))


@dataclass(slots=True)
class _Long:
    """A phrase of several words: what must be there at all, and the search that settles it."""

    position: int
    exact: frozenset[str]
    pattern: bytes
    compiled: Any = None

    def found(self, text: Words) -> bool:
        if not self.exact <= text.known:
            return False
        if self.compiled is None:
            # At the first need: thousands of them would cost more to compile than to keep.
            self.compiled = re2.compile(self.pattern, options=_options())
        return self.compiled.search(text.line) is not None


def _options() -> Any:
    options = re2.Options()
    options.log_errors = False  # re2 would write to stderr
    options.max_mem = 1 << 20
    options.never_capture = True
    return options


@dataclass(slots=True)
class _Index:
    """The phrases that a word of the text can begin."""

    alone: dict[str, list[int]] = field(default_factory=dict)
    longer: dict[str, list[_Long]] = field(default_factory=dict)


class PhraseBook:
    """All phrases of a rules file, matched against a text in one go."""

    def __init__(self, lists: Mapping[str, Iterable[Phrase]]) -> None:
        self._phrases: list[Phrase] = []
        self._lists: list[list[str]] = []
        self._exact = _Index()
        self._prefix = _Index()
        positions: dict[tuple[str, ...], int] = {}
        for name, phrases in lists.items():
            for one in phrases:
                position = positions.get(one.words)
                if position is None:
                    position = positions[one.words] = self._add(one)
                self._lists[position].append(name)
        prefixes = {len(word) for word in (*self._prefix.alone, *self._prefix.longer)}
        self._lengths = tuple(sorted(prefixes))

    def _add(self, one: Phrase) -> int:
        position = len(self._phrases)
        self._phrases.append(one)
        self._lists.append([])
        first = one.words[0]
        index = self._prefix if first.endswith("*") else self._exact
        if len(one.words) == 1:
            index.alone.setdefault(first.removesuffix("*"), []).append(position)
        else:
            exact = frozenset(word for word in one.words if word != GAP and not word.endswith("*"))
            long = _Long(position=position, exact=exact, pattern=_pattern(one.words))
            index.longer.setdefault(first.removesuffix("*"), []).append(long)
        return position

    def match(self, text: Words) -> dict[str, tuple[str, ...]]:
        """The lists that the text says something of, each with its phrases that were found, in the file's order."""
        found: set[int] = set()
        tried: set[int] = set()
        for word in text.known:
            self._look(self._exact, word, text, found, tried)
            for size in self._lengths:
                if size > len(word):
                    break
                self._look(self._prefix, word[:size], text, found, tried)
        lists: dict[str, list[str]] = {}
        for position in sorted(found):
            for name in self._lists[position]:
                lists.setdefault(name, []).append(self._phrases[position].text)
        return {name: tuple(phrases) for name, phrases in lists.items()}

    def _look(self, index: _Index, word: str, text: Words, found: set[int], tried: set[int]) -> None:
        found.update(index.alone.get(word, ()))
        for long in index.longer.get(word, ()):
            if long.position not in tried:
                tried.add(long.position)
                if long.found(text):
                    found.add(long.position)


def _pattern(words: tuple[str, ...]) -> bytes:
    pieces = [b" "]
    for word in words:
        if word == GAP:
            pieces.append(_GAP_PATTERN)
        elif word.endswith("*"):
            pieces.append(re2.escape(word[:-1]).encode() + b"[^ \n]* ")
        else:
            pieces.append(re2.escape(word).encode() + b" ")
    return b"".join(pieces)
