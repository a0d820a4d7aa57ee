"""Which of several accounts a caller speaks of: by its name or its number, said in the message.

A name alone never identifies anybody; it only chooses among the accounts that the caller ID already matches.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

from inboxd.accounts import Account
from transcribe.numbers import find

# Names are heard as they sound: "Acme Widgets" may come as "acne widgets".
_ALIKE: Final = 0.8
# A short name is like many a word ("Delta" and "dealt"): it has to be said as it is. One of three letters ("Now") may
# be a word of any sentence, and chooses nobody.
LONG: Final = 8
TOO_SHORT: Final = 3
# What stands in names and is not said.
_UNSAID: Final = frozenset(
    {"inc", "llc", "ltd", "limited", "corp", "corporation", "co", "company", "gmbh", "the", "and"}
)
_WORD: Final = re.compile(r"[^\W_]+")


def spoken_words(text: str) -> list[str]:
    """Return the words of a text without the signs around them."""
    return _WORD.findall(text)


def said_words(name: str) -> list[str]:
    """Return the words of a name that people say, in small letters: not "Inc." and its like."""
    return [word for word in spoken_words(name.lower()) if word not in _UNSAID]


def spoken_of(words: str, accounts: Iterable[Account]) -> tuple[Account, str] | None:
    """Return the one account that the words name, and a sentence that says how; None for none or several."""
    said = [word.lower() for word in spoken_words(words)]
    numbers = {one.value.lower() for one in find(words.split()).accounts}
    found = [(account, how) for account in accounts if (how := _how(account, said, numbers))]
    if len(found) != 1:
        return None
    account, how = found[0]
    return account, f"The words name {account.name} ({account.id}): {how}."


def _how(account: Account, said: Sequence[str], numbers: set[str]) -> str | None:
    number = "".join(_WORD.findall(account.id.lower()))
    if number in numbers:
        return f"the account number {account.id} was said"
    heard = _most_alike(said_words(account.name), said)
    return None if heard is None else f'"{heard}" was said'


def _most_alike(name: Sequence[str], said: Sequence[str]) -> str | None:
    """Return the words that sound most like a name, if they do; one word may have been heard as two, or two as one."""
    whole = "".join(name)
    if len(whole) <= TOO_SHORT:
        return None
    least = _ALIKE if len(whole) >= LONG else 1.0
    likeness, heard = 0.0, None
    matcher = SequenceMatcher(None, "", whole)
    for span in _spans(said, len(name) + 1):
        matcher.set_seq1("".join(span))
        # The quick ones are bounds from above: of a long message nearly all is passed over by them.
        if matcher.real_quick_ratio() >= least and matcher.quick_ratio() >= least and matcher.ratio() >= least:
            likeness, heard = max((likeness, heard or ""), (matcher.ratio(), " ".join(span)))
    return heard


def _spans(said: Sequence[str], longest: int) -> Iterator[Sequence[str]]:
    """Give all runs of at most `longest` words, each run once."""
    told: set[tuple[str, ...]] = set()
    for length in range(1, longest + 1):
        for at in range(len(said) - length + 1):
            span = tuple(said[at : at + length])
            if span not in told:
                told.add(span)
                yield span
