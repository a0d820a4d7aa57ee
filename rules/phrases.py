"""Phrases: whole words in any case and any alphabet; `*` for any ending, `...` for up to four words between.

In writing without blanks between words (Chinese, Japanese, Thai) each character counts as a word, so that a phrase is
heard wherever its characters stand together.

Single words are looked up among the words of the text: a thousand more of them cost nothing. What is
longer than a word is first looked up by its words and only then searched for, by re2, whose time grows
with the text and with nothing else: no phrase and no mail can stall the desk.
"""

import re
import unicodedata
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

import re2

MAX_WORDS = 20
MAX_LENGTH = 200
_SEARCH_MEMORY = 1 << 19
GAP = "..."
# Up to four words; a word of Chinese or Japanese is some characters (U+3000 to U+9FFF in UTF-8), each one a word here.
_GAP_PATTERN = b"(?:[^ \n]+ ){0,4}(?:[\xe3-\xe9][\x80-\xbf]{2} ){0,8}"
# Thai, Lao, Burmese, Khmer; kana, bopomofo, Han. Marks (vowel signs, tones) stay with their character.
_NO_BLANKS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u312f\u31f0-\u31ff\u3400-\u9fff\U00020000-\U0003ffff"
)
_WITHOUT_BLANKS = re.compile(f"[{_NO_BLANKS}]")

_NOT_A_WORD = re.compile(r"[\W_]+")
_ASCII_WORDS = {code: " " for code in range(128) if not chr(code).isalnum()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """One phrase; `other` are its words where it is not one plain word, as most are."""

    text: str
    other: tuple[str, ...] | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The words, folded like texts are; a trailing `*` and the word `...` keep their meaning."""
        return self.other or (self.text,)


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
    if _WITHOUT_BLANKS.search(text):
        its_marks = f"[{re.escape(marks)}]*" if marks else ""
        text = re.sub(f"[{_NO_BLANKS}]{its_marks}", r" \g<0> ", text)
    pattern = re.compile(rf"[^\w{re.escape(marks)}]+|_+") if marks else _NOT_A_WORD
    return pattern.sub(" ", text).split()


def phrase(text: str) -> Phrase:
    """Read a phrase; ValueError says what would be right."""
    if len(text) > MAX_LENGTH:
        message = f'"{text[:40]}…" has {len(text)} characters; {MAX_LENGTH} are the most'
        raise ValueError(message)
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
    return Phrase(text=text, other=None if words == [text] else tuple(words))


def _says(words: tuple[str, ...], text: Words) -> bool:
    """Whether a text says a phrase of several words: all are there at all, and a search settles it."""
    known = text.known
    if not all(word in known for word in words if _is_whole(word)):
        return False
    if all(map(_is_whole, words)):
        return f" {' '.join(words)} ".encode() in text.line
    return bool(_search(words).Match(text.line))


def _is_whole(word: str) -> bool:
    return word != GAP and not word.endswith("*")


@lru_cache(maxsize=256)
def _search(words: tuple[str, ...]) -> Any:
    """A search for one phrase; made at the first need, for thousands of phrases are never all needed.

    A set of one pattern, because a set is always searched by a DFA in one pass: a plain search falls back to a much
    slower way when a hostile text makes many states. What it may hold in memory is far more than the largest phrase
    needs to begin with; what it cannot keep it computes again.
    """
    options = re2.Options()
    options.log_errors = False  # re2 would write to stderr
    options.max_mem = _SEARCH_MEMORY
    options.never_capture = True
    # Bytes are compared with bytes: UTF-8 on both sides, and far fewer states.
    options.encoding = re2.Options.Encoding.LATIN1
    search = re2.Set.SearchSet(options)
    search.Add(_pattern(words))
    search.Compile()
    return search


class _Beginnings:
    """Words with `*`: which of them begin a word, by trying only the lengths that begin as the word does."""

    def __init__(self, words: Iterable[str]) -> None:
        self._all = frozenset(words)
        self._least = min((len(word) for word in self._all), default=0)
        lengths: dict[str, tuple[int, ...]] = {}
        for length, head in sorted({(len(word), word[: self._least]) for word in self._all}):
            lengths[head] = (*lengths.get(head, ()), length)
        self._lengths = lengths

    def of(self, words: Iterable[str]) -> set[str]:
        """The beginnings that at least one of the words has."""
        if not self._all:
            return set()
        least, lengths = self._least, self._lengths
        return {
            word[:length]
            for word in [word for word in words if word[:least] in lengths]
            for length in lengths[word[:least]]
            if word[:length] in self._all
        }


class PhraseBook:
    """All phrases of a rules file, matched against a text in one go."""

    def __init__(self, lists: Mapping[str, Iterable[Phrase]]) -> None:
        self._phrases: list[Phrase] = []
        self._lists: list[tuple[str, ...]] = []
        # The last phrase that is filed by a word, or by the beginning of one.
        self._exact: dict[str, int] = {}
        self._open: dict[str, int] = {}
        # The phrase that is filed by the same word as this one, and came before; itself where there is none.
        self._before = array("L")
        positions: dict[str | tuple[str, ...], int] = {}
        for name, phrases in lists.items():
            this = (name,)  # one object, however many phrases it has
            for one in phrases:
                words = one.words
                position = positions.setdefault(words if len(words) > 1 else words[0], len(self._phrases))
                if position < len(self._phrases):
                    if name not in self._lists[position]:
                        self._lists[position] += this
                    continue
                self._phrases.append(one)
                self._lists.append(this)
                self._file(words, position)
        del positions
        self._beginnings = _Beginnings(self._open)

    def _file(self, words: tuple[str, ...], position: int) -> None:
        # By the word that texts are least likely to hold: a long one; of single characters none of the kana.
        whole = max(filter(_is_whole, words), key=lambda word: (len(word), word), default=None)
        index = self._open if whole is None else self._exact
        word = whole or words[0].removesuffix("*")
        self._before.append(index.get(word, position))
        index[word] = position

    def match(self, text: Words) -> dict[str, tuple[str, ...]]:
        """The lists that the text says something of, each with its phrases that were found, in the file's order."""
        found: list[int] = []
        fewer, more = sorted((self._exact, text.known), key=len)
        self._look(self._exact, filter(more.__contains__, fewer), text, found)
        self._look(self._open, self._beginnings.of(text.known), text, found)
        lists: dict[str, list[str]] = {}
        for position in sorted(found):
            for name in self._lists[position]:
                lists.setdefault(name, []).append(self._phrases[position].text)
        return {name: tuple(phrases) for name, phrases in lists.items()}

    def _look(self, index: Mapping[str, int], words: Iterable[str], text: Words, found: list[int]) -> None:
        """Add the positions of the phrases that are filed by one of these words and are in the text."""
        phrases, befores = self._phrases, self._before
        for word in words:
            position = index[word]
            while True:
                said = phrases[position].words
                if len(said) == 1 or _says(said, text):
                    found.append(position)
                before = befores[position]
                if before == position:
                    break
                position = before


def _pattern(words: tuple[str, ...]) -> bytes:
    pieces = [b" "]
    for word in words:
        if word == GAP:
            pieces.append(_GAP_PATTERN)
        elif word.endswith("*"):
            pieces.append(re2.escape(word[:-1].encode()) + b"[^ \n]* ")
        else:
            pieces.append(re2.escape(word.encode()) + b" ")
    return b"".join(pieces)
