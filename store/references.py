"""References: digits with a check digit, short enough to say on the phone, not guessable from the one before.

The check digit is Damm's: any wrong digit and any two swapped neighbours are caught.
"""

from __future__ import annotations

import re
import secrets
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

# H. Michael Damm's quasigroup of order 10 (totally anti-symmetric; its diagonal is 0, so the check digit ends in 0).
_TABLE: Final = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)

_SHORTEST: Final = 5
# Who tries references at random finds one ticket in a hundred tries at most; calls have one half of the numbers.
_SPARSENESS: Final = 200

_BARE: Final = re.compile(r"([1-9][0-9]{4,17})-([0-9])")
# As people and mail programs write it: `[#48213-7]`, `T-48213-7`, `48213 - 7`, with any of Unicode's hyphens.
_WRITTEN: Final = re.compile(
    r"[\[(<]? ?[A-Za-z]{0,12} ?[-#:_.]? ?#? ?"
    r"([1-9][0-9]{4,17}) ?[-\u2010-\u2015\u2212\ufe63\uff0d]? ?([0-9]) ?[\])>]?[.,;:!?]?"
)
_LONGEST_WRITTEN: Final = 80


def check_digit(digits: str) -> str:
    """Give Damm's check digit for a string of digits."""
    interim = 0
    for digit in digits:
        interim = int(_TABLE[interim][int(digit)])
    return str(interim)


def check(ref: str) -> bool:
    """Tell whether this is a bare reference (`48213-7`) whose check digit holds."""
    found = _BARE.fullmatch(ref)
    return found is not None and check_digit(found[1]) == found[2]


def normalise(text: str) -> str | None:
    """Give the bare reference that a text is: `48213-7` for `482137`, `[#48213-7]`, `T-48213-7`. None: it is none."""
    if len(text) > _LONGEST_WRITTEN:
        return None
    found = _WRITTEN.fullmatch(" ".join(text.split()))
    if found is None:
        return None
    ref = f"{found[1]}-{found[2]}"
    return ref if check(ref) else None


def draw(txn: Connection) -> str:
    """Draw a reference by chance. In one case of a hundred a ticket has it: the column is unique, draw again."""
    return _draw(txn, "02468")


def draw_for_call(txn: Connection) -> str:
    """Draw a reference that a caller is told before there is a ticket: its number is odd, and no other ticket's is.

    So what was told to somebody needs no lock against tickets that open meanwhile. Calls and tickets (older than this
    rule) may have it: their columns are unique, draw again.
    """
    return _draw(txn, "13579")


def _draw(txn: Connection, last: str) -> str:
    taken = txn.execute(_greatest_number()).scalar() or 0
    length = _SHORTEST
    while 9 * 10 ** (length - 1) < _SPARSENESS * (taken + 1):
        length += 1
    lowest = 10 ** (length - 1)
    digits = str(lowest + secrets.randbelow(9 * lowest))[:-1] + secrets.choice(last)
    return f"{digits}-{check_digit(digits)}"


@cache
def _greatest_number() -> Select[int]:
    # Who only reads references needs no database: it is imported here.
    from sqlalchemy import func, select

    from store.schema import tickets

    # Numbers rise by one with each ticket, and the greatest is at hand where a count would read them all.
    return select(func.max(tickets.c.id))
