"""References that a mail writes or a caller says: those whose check digit holds, and those that were meant to be one.

A mail writes `[#48213-7]`, or the bare `48213-7`, or `Reference 482137`; a caller says the digits. What follows from a
reference (`join_ticket`, `join_call`) asks the store whether it exists, and who may use it.
"""

import re
from dataclasses import dataclass
from typing import Final

from inboxd import spoken
from store import references

# Hyphens as phones and mail programs write them, too.
# (Some desks write letters before it, as `T-48213-7`.)
_WRITTEN: Final = re.compile(
    r"(?<![\w.+/-])(?:[A-Za-z]{1,8}[-#])?\[?#?([1-9]\d{4,17}) ?[-\u2010-\u2015\u2212] ?(\d)\]?(?![\w-])"
)
# Without its hyphen it is a number like any other, unless it is called a reference.
_NAMED: Final = re.compile(
    r"(?:\[#|\b(?:reference|ref|ticket|case|issue|request)\b(?:\W{0,3}(?:number|no|nr|id|is)\b){0,2}\W{0,4})"
    r"([1-9]\d{4,17}?) ?[-\u2010-\u2015\u2212]? ?(\d)(?![\w-])",
    re.IGNORECASE,
)
# Who writes more than this before the reference does not mean it as one.
_LOOKED_AT: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """`right`: bare references whose check digit holds; `wrong`: what is called one and is none, in the same form."""

    right: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether the message names a reference at all."""
        return bool(self.right or self.wrong)


def written(text: str | None) -> Quoted:
    """Look for references in a text that was written."""
    head = (text or "")[:_LOOKED_AT]
    called = [f"{digits}-{check}" for digits, check in _NAMED.findall(head)]
    found = dict.fromkeys((*called, *(f"{digits}-{check}" for digits, check in _WRITTEN.findall(head))))
    right = tuple(ref for ref in found if references.check(ref))
    return Quoted(right=right, wrong=tuple(ref for ref in dict.fromkeys(called) if ref not in right))


def said(words: str) -> Quoted:
    """Look for references in words that were spoken."""
    right = spoken.references_in(words)
    wrong = tuple(each for each in spoken.called_references_in(words) if each not in right)
    return Quoted(right=right, wrong=wrong)
