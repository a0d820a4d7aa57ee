"""Reads the answers to UID FETCH (RFC 9051 7.5.2): each on its own, found by the UID in it and by nothing else.

imapclient's reader takes an answer without a UID for one about the mail whose UID is that sequence number, gives up the
whole of a batch for one bad answer, and is five times as slow.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final

_TOKEN: Final = re.compile(
    rb'BODY\[[^\]]*\](?:<\d+>)?|"(?:[^"\\]|\\.)*"|\{\d+\+?\}$|[()]|[^\s()"]+', re.IGNORECASE | re.DOTALL
)
_ESCAPED: Final = re.compile(rb"\\(.)", re.DOTALL)
_DATE: Final = re.compile(rb"\s?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_MONTHS: Final = {
    month: number
    for number, month in enumerate(b"jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)
}  # fmt: skip

# RFC 9051 2.3.1.1 gives UIDs 32 bits. Some servers take more, and so can the store; it holds no more than this.
LARGEST: Final = 2**63 - 1

# Between these every time zone can say the moment; no mail is older than the protocol's epoch, nor as young.
_FIRST_YEAR, _LAST_YEAR = 1970, 9998

# What imaplib gives: a piece of an answer with the literal that followed it, or the last piece of an answer.
Piece = bytes | tuple[bytes, bytes]
# A value in an answer; None is NIL, and what stands in parentheses.
Value = bytes | None


@dataclass(slots=True, kw_only=True)
class Fetched:
    """What a server said of one mail. `body` is the section that was asked for; None: it gave none."""

    uid: int
    size: int | None = None
    internal_date: datetime | None = None
    body: bytes | None = None


def read(pieces: Iterable[Piece | None]) -> dict[int, Fetched]:
    """Give what was said, by UID. Answers without a UID, or that cannot be read, are left out.

    A server may speak of a mail several times (RFC 9051 7.5.2); of two bodies the first one counts.
    """
    found: dict[int, Fetched] = {}
    for answer in _answers(pieces):
        one = _fetched(answer)
        if one is None:
            continue
        known = found.setdefault(one.uid, one)
        known.size = one.size if known.size is None else known.size
        known.body = one.body if known.body is None else known.body
        known.internal_date = known.internal_date or one.internal_date
    return found


def _answers(pieces: Iterable[Piece | None]) -> Iterator[list[Piece]]:
    answer: list[Piece] = []
    for piece in pieces:
        if piece is None:
            continue
        answer.append(piece)
        if isinstance(piece, bytes):
            yield answer
            answer = []


def _fetched(answer: list[Piece]) -> Fetched | None:
    items = _items(answer)
    uid = _number(items.get(b"UID"))
    if uid is None or uid < 1:
        return None
    date = items.get(b"INTERNALDATE")
    return Fetched(
        uid=uid,
        size=_number(items.get(b"RFC822.SIZE")),
        internal_date=None if date is None else _moment(date),
        body=next((value for name, value in items.items() if name.startswith(b"BODY[")), None),
    )


def _items(answer: list[Piece]) -> dict[bytes, Value]:
    """Read `number (name value name value ...)`; a list as a value, such as FLAGS, becomes None: none is asked for."""
    found: dict[bytes, Value] = {}
    depth = 0
    name: bytes | None = None
    for piece in answer:
        text, literal = piece if isinstance(piece, tuple) else (piece, None)
        tokens = _TOKEN.findall(text)
        if literal is not None and tokens and tokens[-1].startswith(b"{"):
            tokens.pop()
        for token in tokens:
            if token == b"(":
                depth += 1
            elif token == b")":
                depth -= 1
                if depth == 1 and name is not None:
                    found[name], name = None, None
            elif depth != 1:
                continue
            elif name is None:
                name = token.upper()
            else:
                found[name], name = _value(token), None
        if literal is not None and depth == 1 and name is not None:
            found[name], name = literal, None
    return found


def _value(token: bytes) -> Value:
    if token[:1] == b'"':
        return _ESCAPED.sub(rb"\1", token[1:-1])
    return None if token.upper() == b"NIL" else token


def _number(value: Value) -> int | None:
    number = int(value) if value is not None and value.isdigit() and len(value) <= 20 else None
    return number if number is None or number <= LARGEST else None


def _moment(value: bytes) -> datetime | None:
    """Read a date-time (RFC 9051 9), None for one that is none, and for one on which no mail can have come."""
    match = _DATE.fullmatch(value)
    if match is None or (month := _MONTHS.get(match[2].lower())) is None:
        return None
    day, year, hour, minute, second = (int(match[group]) for group in (1, 3, 4, 5, 6))
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    offset = timedelta(hours=int(match[8]), minutes=int(match[9]))
    try:
        return datetime(
            year, month, day, hour, minute, min(second, 59), tzinfo=timezone(-offset if match[7] == b"-" else offset)
        )
    except ValueError:
        return None
