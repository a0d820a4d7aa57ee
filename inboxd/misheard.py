"""What the recogniser takes the desk's own words for: learnt from corrections, and found again in later recordings.

Nothing here changes a word that was heard: what it probably means stands beside it, for staff and for the rules.
Learning is careful, for a person may also rewrite a sentence: a few words that sound like those in their place, no
numbers (a dictated one is no word), nothing that consists of the small words every sentence has.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import chain
from typing import Any

from transcribe.numbers.words import TEENS, TENS, TIMES, UNITS

LONGEST = 4
"""Words on either side of what is learnt."""

_MOST_LETTERS = 60
_MOST_WORDS = 400
"""More than that changed: somebody wrote the text anew."""
_ALIKE = 0.5
"""How much of the letters two sides share, in their order, when one is a mishearing of the other."""

_NUMBERS = frozenset(chain(UNITS, TEENS, TENS, TIMES, ("hundred", "thousand")))
_SMALL_WORDS = """
    a about all am an and any are as at be been but by can could did do does for from get go got had has have he
    her here him his how i if in is it its it's i'm just know let like me my no not now of off ok okay on one or
    our out she should so some that that's the their them then there there's these they this those to too uh um up
    us was we we're well were what when where which who why will with would yes you your
"""
_SMALL = frozenset(_SMALL_WORDS.split())
Pair = tuple[str, str]


def learnt(heard: str, meant: str) -> tuple[Pair, ...]:
    """Return what a correction teaches, in its order: what was heard, folded, and what is meant, as it was written."""
    said, put_right = heard.split(), meant.split()
    before, after = [fold(word) for word in said], [fold(word) for word in put_right]
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    if max(len(before), len(after)) - start > _MOST_WORDS:
        return ()
    before, after, put_right = before[start:], after[start:], put_right[start:]
    changed = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    pairs = (
        (" ".join(before[i:j]), _bare(" ".join(put_right[k:m]))) for what, i, j, k, m in changed if what == "replace"
    )
    return tuple(dict.fromkeys(pair for pair in pairs if _teaches(*pair)))


def found(text: str, taught: Iterable[Pair]) -> list[dict[str, Any]]:
    """Return what a text probably means elsewhere than it says: `heard`, `meant`, and `word`, its place in the text.

    Of several meanings the first one in `taught` counts, and of two that begin at one place the longer.
    """
    meanings: dict[str, str] = {}
    for heard, meant in taught:
        meanings.setdefault(heard, meant)
    return list(_found(text.split(), meanings)) if meanings else []


def with_listened(
    text: str, probably: list[dict[str, Any]], words: Sequence[Any], phrases: Iterable[Any]
) -> list[dict[str, Any]]:
    """Add what the engine made out when it listened for the desk's phrases, where it sounds like the words there.

    `words` and `phrases` are a transcript's, with their times; a word that something is known of already stays so.
    """
    said = text.split()
    if len(words) != len(said):
        return probably
    taken = {each["word"] + at for each in probably for at in range(len(each["heard"].split()))}
    added = []
    for phrase in phrases:
        there = [at for at, word in enumerate(words) if phrase.start <= (word.start + word.end) / 2 <= phrase.end]
        heard = " ".join(said[at] for at in there)
        folded = " ".join(fold(word) for word in heard.split())
        if there and taken.isdisjoint(there) and folded != phrase.text and _teaches(folded, phrase.text):
            added.append({"heard": heard, "meant": phrase.text, "word": there[0]})
            taken.update(there)
    return sorted([*probably, *added], key=lambda each: int(each["word"]))


def meant(text: str, probably: Iterable[Mapping[str, Any]]) -> str:
    """Return the text as it was probably meant; "" where nothing in it was put right before."""
    words, at = text.split(), 0
    parts: list[str] = []
    for each in probably:
        parts += [*words[at : each["word"]], each["meant"]]
        at = each["word"] + len(each["heard"].split())
    return " ".join((*parts, *words[at:])) if parts else ""


def phrases(taught: Iterable[Pair]) -> tuple[str, ...]:
    """Return the desk's own words, folded: what a recogniser that can is to listen for."""
    folded = (" ".join(fold(word) for word in meaning.split()) for _, meaning in taught)
    return tuple(dict.fromkeys(folded))


def fold(word: str) -> str:
    """Return a word without its case and the signs around it."""
    return _bare(unicodedata.normalize("NFKC", word).casefold())


def _found(words: list[str], meanings: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    folded, at = [fold(word) for word in words], 0
    while at < len(words):
        for length in range(min(LONGEST, len(words) - at), 0, -1):
            heard = " ".join(folded[at : at + length])
            if heard in meanings:
                yield {"heard": " ".join(words[at : at + length]), "meant": meanings[heard], "word": at}
                at += length
                break
        else:
            at += 1


def _teaches(heard: str, meant: str) -> bool:
    sides = heard.split(), [fold(word) for word in meant.split()]
    if not all(1 <= len(words) <= LONGEST and all(words) for words in sides) or max(map(len, (heard, meant))) > (
        _MOST_LETTERS
    ):
        return False
    if any(word in _NUMBERS or any(map(str.isdigit, word)) for words in sides for word in words):
        return False
    if _SMALL.issuperset(sides[0]):
        return False
    return SequenceMatcher(None, "".join(sides[0]), "".join(sides[1]), autojunk=False).ratio() >= _ALIKE


def _bare(text: str) -> str:
    start, end = 0, len(text)
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return text[start:end]
