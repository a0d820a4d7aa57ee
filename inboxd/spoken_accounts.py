"""Which of several accounts a caller speaks of: by its name or its number, said in the message.

A name alone never identifies anybody; it only chooses among the accounts that the caller ID already matches.
"""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Final

from inboxd.accounts import Account
from transcribe.numbers import find

# Names are heard as they sound: "Acme Widgets" may come as "acne widgets".
_ALIKE: Final = 0.8
# What stands in names and is not said.
_UNSAID: Final = frozenset(
    {"inc", "llc", "ltd", "limited", "corp", "corporation", "co", "company", "gmbh", "the", "and"}
)
_WORD: Final = re.compile(r"[^\W_]+")


def spoken_of(words: str, accounts: Iterable[Account]) -> tuple[Account, str] | None:
    """Return the one account that the words name, and a sentence that says how; None for none or several."""
    said = [word.lower() for word in _WORD.findall(words)]
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
    name = [word for word in _WORD.findall(account.name.lower()) if word not in _UNSAID]
    heard = _most_alike(name, said)
    return None if heard is None else f'"{heard}" was said'


def _most_alike(name: Sequence[str], said: Sequence[str]) -> str | None:
    """Return the words that sound most like a name, if they do; one word may have been heard as two, or two as one."""
    whole = "".join(name)
    if not whole:
        return None
    spans = (said[at : at + length] for length in range(1, len(name) + 2) for at in range(len(said) - length + 1))
    ranked = ((SequenceMatcher(None, whole, "".join(span)).ratio(), " ".join(span)) for span in spans)
    likeness, heard = max(ranked, default=(0.0, ""))
    return heard if likeness >= _ALIKE else None
