"""Companies and people of the directory whom a caller names: evidence for who reads the ticket, and never more.

A name is heard as it sounds, so the directory is looked up by sound, by an index that is made once for each directory:
a message costs the same for ten accounts and for fifty thousand. A name identifies nobody (docs/trust.md).
"""

import functools
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from inboxd.accounts import Account, Contact, Directory
from inboxd.identity.spoken_accounts import LONG, TOO_SHORT, said_words, spoken_words
from transcribe.numbers import find

# People say who they are at the beginning, and sometimes again at the end.
_FIRST_WORDS: Final = 200
_LAST_WORDS: Final = 60
_MOST_WORDS_OF_A_NAME: Final = 6
# More than that many of one sound: it is no name but a word, and says nothing.
_MOST_OF_A_SOUND: Final = 8
_MOST_TOLD: Final = 4
# Less than where a name chooses (`spoken_accounts`): the consonants agree here already.
_ALIKE: Final = 0.72
# What stands before the name of who speaks. A contact's name elsewhere in a message may be anybody's, and a short name
# ("Shop Company") a word of any sentence.
_ANNOUNCES: Final = "this is|my name is|my names|name is|i am|im|its|it is|here is|speaking is"
_SOMEBODY_IS: Final = re.compile(rf"\b(?:{_ANNOUNCES})(?: the)?$")
_SOMEWHERE_IS: Final = re.compile(rf"\b(?:{_ANNOUNCES}|from|with|at|for|we are)(?: the)?$")
_SAYS_ENOUGH: Final = 6
# Consonants that are taken for each other on the telephone are one; vowels, h, w and y are none. Letters of other
# alphabets stand for themselves.
_SOUNDS: Final = str.maketrans("bfpvcgjkqsxzdtlmnr", "111122222222334556", "aeiouyhw")
_REPEATED: Final = re.compile(r"(.)\1+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    whole: str
    account: Account
    contact: Contact | None


def told(words: str, directory: Directory, account: Account | None, matched: Collection[str]) -> tuple[str, ...]:
    """Return a sentence for each company and each person of the directory whom the words name.

    `account` is the one that the caller's number settles on; `matched` are the ids of all that have the number on file.
    """
    if not words.strip():
        return ()
    return tuple(dict.fromkeys(_told(words, directory, account, matched)))[:_MOST_TOLD]


def _told(words: str, directory: Directory, account: Account | None, matched: Collection[str]) -> Iterator[str]:
    said = [word.lower() for word in spoken_words(words)]
    for name, heard in _names(directory).named(said):
        settles = "" if name.account.id in matched else "; the number called from is not on file for it"
        if name.contact is not None:
            who = f"{name.contact.name} of {name.account.name} ({name.account.id})"
        elif account is None or name.account.id != account.id:
            who = f"{name.account.name} ({name.account.id})"
        else:
            continue  # the caller says once more who the number says it is
        yield f'The words name {who}: "{heard}" was said{settles}. A name that is said proves nothing.'
    for number in find(words.split()).accounts:
        one = next(filter(None, map(directory.get, (number.value, number.value.lower(), number.value.upper()))), None)
        if one is not None and (account is None or one.id != account.id):
            settles = "" if one.id in matched else "; the number called from is not on file for it"
            yield f"The account number {one.id} of {one.name} was said{settles}. A number that is said proves nothing."


@functools.lru_cache(maxsize=2)
def _names(directory: Directory) -> "_Names":
    return _Names(directory)


class _Names:
    """Every name of a directory, by its sound."""

    def __init__(self, directory: Directory) -> None:
        self._by_sound: dict[str, list[_Name]] = {}
        for account in directory:
            self._enter(account.name, account, None)
            for contact in account.contacts:
                # One word ("Operations", "Pat") is no name to go by.
                if len(spoken_words(contact.name)) > 1:
                    self._enter(contact.name, account, contact)

    def _enter(self, name: str, account: Account, contact: Contact | None) -> None:
        whole = _folded("".join(said_words(name)))
        if len(whole) > TOO_SHORT:
            for sound in _sounds(whole):
                self._by_sound.setdefault(sound, []).append(_Name(whole=whole, account=account, contact=contact))

    def named(self, said: Sequence[str]) -> Iterator[tuple[_Name, str]]:
        """Give each name that is heard among the words, once, with the words that sound like it best."""
        best: dict[int, tuple[float, _Name, str]] = {}
        parts = [said] if len(said) <= _FIRST_WORDS + _LAST_WORDS else [said[:_FIRST_WORDS], said[-_LAST_WORDS:]]
        for part in parts:
            for at in range(len(part)):
                for length in range(1, min(_MOST_WORDS_OF_A_NAME, len(part) - at) + 1):
                    span = part[at : at + length]
                    heard = _folded("".join(span))
                    for name in self._alike(heard):
                        if not _may_be_meant(name, " ".join(part[max(0, at - 4) : at])):
                            continue
                        likeness = SequenceMatcher(None, heard, name.whole, autojunk=False).ratio()
                        if likeness > best.get(id(name), (0.0,))[0]:
                            best[id(name)] = likeness, name, " ".join(span)
        for likeness, name, heard in best.values():
            if likeness >= (_ALIKE if len(name.whole) >= LONG else 1.0):
                yield name, heard

    def _alike(self, whole: str) -> list[_Name]:
        found = {id(name): name for sound in _sounds(whole) for name in self._by_sound.get(sound, ())}
        return list(found.values()) if len(found) <= _MOST_OF_A_SOUND else []


def _may_be_meant(name: _Name, before: str) -> bool:
    """Whether words that sound like a name are one, by what stands before them."""
    if name.contact is not None:
        return _SOMEBODY_IS.search(before) is not None
    return len(name.whole) >= _SAYS_ENOUGH or _SOMEWHERE_IS.search(before) is not None


def _folded(text: str) -> str:
    """Return letters without their accents."""
    if text.isascii():
        return text.lower()
    return "".join(each for each in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(each))


def _sounds(whole: str) -> tuple[str, ...]:
    """Return the keys of a name: its consonants, and those without the last, which is easily not heard."""
    key = _REPEATED.sub(r"\1", whole.translate(_SOUNDS))
    if len(key) < 2:
        return (whole,)  # too little to go by: it has to be said as it is
    return (key,) if len(key) < 4 else (key, key[:-1])
