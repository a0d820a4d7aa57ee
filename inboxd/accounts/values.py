"""Single values of the directory as people write them, in YAML, in a CSV cell or on the command line.

Each function returns the value in the form in which it is kept, and raises ValueError with a sentence that says what is
wrong and what would be right.
"""

import re
import unicodedata
from datetime import date
from typing import Final

from inboxd import addresses

# A name on a page, and an id that an index of PostgreSQL takes (2,704 bytes) in any alphabet.
MAX_LETTERS: Final = 200

_NUMBER = re.compile(r"\+[1-9][0-9]{2,14}")  # ITU-T E.164 6.2.1: at most fifteen digits
_NUMBER_DRESSING = re.compile(r"[\s().\-/]+")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


def text(value: str) -> str:
    """Return one line of printable text, without the spaces around it, its accents in the composed form (NFC)."""
    # Some systems write é as two characters: an id that looks the same must be the same.
    bare = unicodedata.normalize("NFC", value.strip())
    if not bare:
        raise ValueError("must not be empty")
    if not bare.isprintable():
        raise ValueError("must be one line of printable text")
    if len(bare) > MAX_LETTERS:
        raise ValueError(f"has {len(bare)} letters: {MAX_LETTERS} are the most")
    return bare


def address(value: str) -> str:
    """Return a mail address, lower-cased in the domain only."""
    if problem := addresses.problem(value):
        raise ValueError(problem)
    return addresses.shown(value)


def number(value: str) -> str:
    """Return a phone number, which has to be in E.164 form already."""
    if _NUMBER.fullmatch(value):
        return value
    bare = _NUMBER_DRESSING.sub("", value)
    right = (
        f"write {bare}" if _NUMBER.fullmatch(bare) else 'write it with country code and digits only, like "+15550100"'
    )
    raise ValueError(f'"{value}" is not a number in E.164 form: {right}')


def day(value: object) -> date:
    """Return a day that is written as in ISO 8601."""
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f'there is no day "{value}" ({error})') from error
    raise ValueError(f'"{value}" is not a day: write it like 2026-12-31')


def truth(value: str) -> bool:
    """Return what a word says; spreadsheets write TRUE."""
    known = _TRUTHS.get(value.lower())
    if known is None:
        raise ValueError(f'"{value}" is neither true nor false: write true or false')
    return known
