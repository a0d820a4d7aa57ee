"""What is looked at of each line of a mail, and how it ends: as an attribution may, or otherwise."""

import re
from typing import Final, Literal

from inboxd.message import reply_marks as marks

WRAPPED: Final = 6  # lines an attribution may wrap over
LONGEST: Final = 1_000  # characters of a line that are looked at
TAIL: Final = 60  # characters at a line's end that can hold an attribution's verb
# The last two letters of each verb, and how a line ends that may be an ending: most lines end otherwise.
_LAST: Final = frozenset(verb[-2:] for verb in marks.VERBS)
_ENDS: Final = frozenset(verb[-1] for verb in marks.VERBS) | set("-_*:：\u00a0>")
_BLANKS: Final = re.compile(" {2,}")
_INVISIBLE: Final = tuple(map(chr, marks.INVISIBLE))
_UNEVEN: Final = (*_INVISIBLE, "\xa0", "  ")

Ending = Literal["", "verb", "colon", "bracket"]


def heads_of(text: str, lines: list[str]) -> list[str]:
    """What is looked at of each of the lines of a text."""
    if any(map(text.__contains__, _UNEVEN)):
        return [head_of(line) for line in lines]
    return [line[:LONGEST].rstrip() for line in lines]


def head_of(line: str) -> str:
    """What is looked at of a line: its beginning, without what has no width."""
    head = line[:LONGEST]
    if not head.isascii() and any(map(head.__contains__, _INVISIBLE)):
        head = head.translate(marks.INVISIBLE)
    if "\xa0" in head:
        head = head.replace("\xa0", " ")
    if "  " in head:
        bare = head.lstrip(" ")
        head = head[: len(head) - len(bare)] + _BLANKS.sub(" ", bare)
    return head.rstrip()


def endings_of(heads: list[str]) -> list[Ending]:
    """How each line ends: with a verb, a colon or a bracket of an address, or otherwise ("")."""
    endings = [_ending(head) for head in heads]
    for place, ending in enumerate(endings):
        if ending == "bracket" and _ends_a_link(heads[max(0, place - WRAPPED + 1) : place + 1]):
            endings[place] = ""
    return endings


def indent_of(head: str) -> int:
    """How many blanks a line begins with."""
    return len(head) - len(head.lstrip(" \t"))


def headed_in_line(head: str) -> bool:
    """Whether a line that begins with the sender holds the other headers as well."""
    if marks.HEADERS_IN_LINE.match(head):
        return True
    sent = marks.WHEN_IN_LINE.search(head, 5, 300)
    return sent is not None and marks.SUBJECT_IN_LINE.search(head, sent.end(), 800) is not None


def _ends_a_link(block: list[str]) -> bool:
    """Whether the bracket at the end of some lines is a link's; an attribution has an address somewhere in it."""
    last = block[-1]
    return "://" in last[last.rfind("<") :] and not any("@" in head for head in block)


def _ending(head: str) -> Ending:
    if head[-1:].lower() not in _ENDS:
        return ""
    tail = head[-TAIL:].rstrip(" \t-_*")
    colon = tail[-1:] in (":", "：") and bool(tail)
    words = tail.rstrip(" :：\u00a0").lower()
    if words[-2:] in _LAST and (words.endswith(marks.VERBS) or words.lstrip(" >") in marks.WRAPPED_VERBS):
        return "verb"
    if colon:
        return "colon"
    return "bracket" if head[-1:] == ">" else ""
