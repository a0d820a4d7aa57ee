"""A mail that somebody sends on: who wrote it first, as the program that forwarded it says. None of it is proven."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import re2

from inboxd.message import addresses, encoded_words
from inboxd.message import reply_marks as marks
from inboxd.message.reply_heads import head_of
from inboxd.message.reply_lines import Lines

# What mail programs put before the subject of what they send on. (VS is an answer in Finland.)
MARKS: Final = (
    r"fwd?|fw|wg|tr|rv|enc|i|vb|vl|vs|doorst|fs|pd|[iİ]lt|redir\.|videresendt?|vid\.|továbbítás|προωθ|πρθ|пересл|转发|"
    r"轉寄|轉發|転送|전달"
)
_SUBJECT: Final = re.compile(rf"\s*(?:{MARKS})\s?[:：]", re.IGNORECASE)

# One of these stands in every title of a forwarded mail: most mails hold none, and re2 looks for all of them at once.
_HINTS: Final = (
    "--", "__", "==", "—", "–", "orwarded message", "nfang der", "ébut du", "nizio ", "nicio del", "omienzo",
    "egin doorgestuurd", "nício da", "ačátek p", "tart på", "älitetty v", "apočni p", "ovábbított l", "ideresendt m",
    "oczątek p", "ncepe m", "ачало п", "ačiatok p", "idarebefordrat m", "leti başl", "очаток л",
)  # fmt: skip
_HINT: Final = re2.compile("|".join(map(re2.escape, _HINTS)))
_LOOKED_AT: Final = 100_000
_HEADER_LINES: Final = 12
_INTRO_LINES: Final = 60
_FROM: Final = re.compile(rb"^from:[ \t]*((?:[^\r\n]|\r?\n[ \t]){1,1000})", re.IGNORECASE | re.MULTILINE)
# A name in quotes of any kind and its address, or the address alone.
_NAMED: Final = re.compile(r"(?:[\"„«]\s?[^\"„”«»<>]{1,80}[\"”»]\s*)?<[^\s<>@]{1,64}@[^\s<>@]{1,255}>")
_QUOTES: Final = str.maketrans("„”«»", '""""')


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """Who wrote the mail that was sent on: address with its domain in lower case, and name."""

    __pydantic_config__: ClassVar = {"extra": "forbid", "strict": True}

    address: str
    name: str | None


def read(subject: str, text: str, originals: Sequence[bytes], *, new: str) -> Forwarded | None:
    """The first author of a mail that is sent on; None where it is none, or its program names no address.

    `originals` are attached mails. An answer quotes a mail, too: it takes a forward's mark in the subject, or in what
    is `new` in the text. (What was sent on before and is only quoted below an answer is not sent on once more.)
    """
    named = _SUBJECT.match(subject) is not None
    if not named and not _may_be_one(new):
        return None
    lines = Lines((text if named else new)[:_LOOKED_AT])
    place = _mark(lines.heads)
    if place is not None:
        return _sender(lines, place + 1)
    if not named:
        return None
    block = _block(lines)
    if block is not None:
        return _sender(lines, block)
    attributed = _attributed(lines)
    if attributed is not None:
        return attributed
    found = _FROM.search(originals[0].partition(b"\n\n")[0].partition(b"\r\n\r\n")[0]) if originals else None
    return None if found is None else _author(re.sub(rb"\r?\n[ \t]+", b" ", found[1]))


def own_words(text: str) -> str:
    """What somebody writes above a mail that is sent on; all of the text where it is none."""
    if not _may_be_one(text):
        return text
    lines = text.split("\n")
    place = _mark(map(head_of, lines))
    return text if place is None else "\n".join(lines[:place])


def sent_on(text: str) -> str:
    """What the first author wrote: the text below the header that the program which forwards repeats.

    "" where no such header is found: then nobody can tell whose words are whose.
    """
    lines = Lines(text[:_LOOKED_AT])
    place = _mark(lines.heads)
    # (Below a mark the header may stand in any order, and with names that an answer's does not have.)
    first = lines.next_filled(place + 1) if place is not None else _block(lines)
    if first is None or marks.HEADER.match(lines.heads[first]) is None:
        return ""
    end = next((index for index in range(first, len(lines.heads)) if not lines.heads[index]), len(lines.heads))
    return "\n".join(lines.lines[end:]).strip()


def _may_be_one(text: str) -> bool:
    return _HINT.search(text) is not None


def _mark(heads: Iterable[str]) -> int | None:
    of_quote = False  # whether the line before, empty ones apart, bears a quote mark
    for index, head in enumerate(heads):
        title = head.strip()
        if not title:
            continue
        quoted = title[0] == ">"
        if (title[0] in marks.RULES or title[-1] == ":") and marks.FORWARD.match(head):
            return None if quoted and of_quote else index
        of_quote = quoted
    return None


def _block(lines: Lines) -> int | None:
    return next((index for index in range(min(len(lines.lines), _INTRO_LINES)) if lines.is_header_block(index)), None)


def _sender(lines: Lines, start: int) -> Forwarded | None:
    for index in range(start, min(start + _HEADER_LINES, len(lines.heads))):
        head = lines.heads[index]
        found = marks.HEADER.match(head)
        if found is not None and found.lastgroup == "sender":
            return _author(re.sub(r"\[mailto:|\*|\]", " ", head[found.end() :]).encode())
    return None


def _attributed(lines: Lines) -> Forwarded | None:
    """The author whom the first attribution names, which Outlook for the Mac writes above what it sends on, too."""
    for index in range(min(len(lines.lines), _INTRO_LINES)):
        end = lines.attribution(index)
        if end is not None:
            found = _NAMED.search(" ".join(lines.heads[index:end]))
            return None if found is None else _author(found[0].translate(_QUOTES).encode())
    return None


def _author(written: bytes) -> Forwarded | None:
    boxes = [box for box in addresses.parse(written) if "@" in box.address]
    if len(boxes) != 1:
        return None
    name = encoded_words.decode(boxes[0].name.encode()) if boxes[0].name else ""
    return Forwarded(address=boxes[0].address, name=name or None)
