"""Header blocks out of bytes: fields in order, names in lower case, values unfolded, and what is odd about them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from inboxd.message.defects import Defects
from inboxd.message.limits import MAX_FIELD_BYTES, MAX_FIELDS, MAX_HEADER_BYTES

# (A program that writes texts on Windows makes CR CR LF of CR LF.)
_LINE: Final = re.compile(rb"([^\r\n]*)(\r\n|\n|\r\r\n|\r|\Z)")
_BLANK: Final = re.compile(rb"[ \t]*(?:\r\r?\n|\n|\r)")
_FIELD: Final = re.compile(rb"([!-9;-~]{1,200})([ \t]*):")
_KNOWN: Final = re.compile(
    rb"(?:from|to|cc|bcc|subject|date|sender|reply-to|message-id|in-reply-to|references|received|return-path|delivered-to|"
    rb"mime-version|content-[a-z-]+|x-[a-z0-9-]+|dkim-signature|arc-[a-z-]+|authentication-results|list-[a-z-]+|precedence|"
    rb"auto-submitted|user-agent|importance|priority|return-receipt-to|organization|thread-[a-z]+)[ \t]*:",
    re.IGNORECASE,
)
# The line that an mbox file puts above each mail; not a From field with a blank before its colon, which is an attack.
_MBOX: Final = re.compile(rb">?From (?![ \t]*:)")
_FOLD: Final = re.compile(rb"(?:\r\r?\n|\n|\r)(?=[ \t])")
# A parameter at the begin of a line, behind a semicolon at the end of the one before, or an address behind a comma:
# the blank of the fold was lost.
_PARAMETER: Final = re.compile(rb"[A-Za-z][A-Za-z0-9*-]{2,20}=")
_MEMBER: Final = re.compile(rb"[^:@]{1,200}@[^:@\s]{3,}")
_LOST: Final = {ord(";"): _PARAMETER, ord(","): _MEMBER}
_NAMED: Final = 2_000  # bytes of a Content-Type in which its boundary is named
_Span = tuple[str, int, int, int]
"""A field's name in lower case, and where the field, its value and what is behind it begin."""


class Field(NamedTuple):  # (made for each line of a header, in a third of the time that a frozen dataclass takes)
    """One header field: `name` in lower case, `value` unfolded and stripped, `raw` as it came, with its name."""

    name: str
    value: bytes
    raw: bytes


@dataclass(slots=True)
class Headers:
    """The fields of one block, in order. `start` is where it begins, `end` where its body does.

    `ambiguous` is the first thing about the block that two mail programs could read in two ways, as a sentence;
    `doubt` says whether damage could have done that, or nothing but intent.
    """

    fields: list[Field] = field(default_factory=list)
    end: int = 0
    ambiguous: str | None = None
    doubt: Literal["unusual", "deceptive"] | None = None
    by_name: dict[str, list[bytes]] = field(default_factory=dict)
    start: int = 0

    def add(self, item: Field) -> None:
        """Append a field."""
        self.fields.append(item)
        self.by_name.setdefault(item.name, []).append(item.value)

    def all(self, name: str) -> list[bytes]:
        """Every value of a field, in order."""
        return self.by_name.get(name, [])

    def first(self, name: str) -> bytes | None:
        """The topmost value of a field, None when it is not there."""
        values = self.by_name.get(name)
        return values[0] if values else None

    def suspect(self, sentence: str, doubt: Literal["unusual", "deceptive"] = "unusual") -> None:
        """Remember the first ambiguity."""
        if self.ambiguous is None:
            self.ambiguous, self.doubt = sentence, doubt


def skip_envelope(raw: bytes, defects: Defects) -> int:
    """Where the header block begins: behind a byte order mark, blank lines and an mbox `From ` line."""
    position = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    start = position
    while (match := _BLANK.match(raw, position)) and position < MAX_HEADER_BYTES:
        position = match.end()
    if position > start:
        if _KNOWN.match(raw, position) is None and _MBOX.match(raw, position) is None:
            return start
        defects.add("blank lines stand above the header")
    if (behind := skip_blank(raw, position, defects)) > position:
        return behind
    if _MBOX.match(raw, position):
        line = _LINE.match(raw, position)
        position = line.end() if line else position
    return position


def skip_blank(raw: bytes, position: int, defects: Defects) -> int:
    """Where a header block begins: behind the one blank that somebody put before its first field."""
    if raw[position : position + 1] in (b" ", b"\t") and _KNOWN.match(raw, position + 1) is not None:
        defects.add("a blank stands before the header")
        return position + 1
    return position


def read(raw: bytes, start: int, defects: Defects) -> Headers:
    """Read a header block. Never raises; over a limit the rest of the block is skipped and `defects` says so."""
    headers = Headers(start=start)
    stop = start + MAX_HEADER_BYTES
    ends: set[bytes] = set()
    current: _Span | None = None  # the field under way
    for position, text, end in _lines(raw, start):
        if position > stop or len(headers.fields) >= MAX_FIELDS:
            _flush(headers, raw, current)
            defects.give_up(f"the header is larger than {MAX_FIELDS} fields or {MAX_HEADER_BYTES // 1024} KiB")
            headers.suspect("the header is over the limits")
            headers.end = _behind_blank(raw, position)
            return headers
        ends.add(end)
        if _continues(headers, defects, raw, current, position, text, end):
            current = _longer(headers, current, position + len(text))
            continue
        _flush(headers, raw, current)
        current = None
        if not text.strip(b" \t"):
            if text:
                headers.suspect("a line of blanks ends the header")  # for others it is a fold, and the header goes on
            headers.end = position + len(text) + len(end)
            _note_line_ends(headers, ends)
            return headers
        if (found := _FIELD.match(text)) is not None and not (text[:2] == b"--" and _is_boundary(headers, text)):
            if found[2]:
                headers.suspect("a header name is followed by blanks")
            current = (found[1].decode("ascii").lower(), position, position + found.end(), position + len(text))
            continue
        if text.startswith(b"--") or not _comes_back(raw, position + len(text) + len(end)):
            defects.add("no blank line stands between header and body")
            headers.suspect("no blank line stands between header and body")
            headers.end = position
            _note_line_ends(headers, ends)
            return headers
        _odd_line(headers, defects)
    _flush(headers, raw, current)
    headers.end = len(raw)
    _note_line_ends(headers, ends)
    return headers


def _continues(
    headers: Headers, defects: Defects, raw: bytes, span: _Span | None, position: int, text: bytes, end: bytes
) -> bool:
    """Whether a line belongs to the field above it: a fold (RFC 5322 2.2.3), or one that lost its blank."""
    if text[:1] in (b" ", b"\t"):
        if text.strip(b" \t"):
            return True
        if _goes_on(raw, position + len(text) + len(end)):
            headers.suspect("a line of blanks stands in the header")
            return True
        return False
    lost = _LOST.get(raw[span[3] - 1]) if span is not None else None
    if lost is not None and lost.match(text) is not None:
        _odd_line(headers, defects)
        return True
    return False


def _is_boundary(headers: Headers, text: bytes) -> bool:
    """Whether a line that could be a field is the boundary that the Content-Type names (`--1:2`)."""
    name = text[2:].rstrip(b" \t")
    return len(name) > 0 and name in (headers.first("content-type") or b"")[:_NAMED]


def _odd_line(headers: Headers, defects: Defects) -> None:
    defects.add("a line in the header is no header field")
    headers.suspect("a line in the header is no header field")


def _lines(raw: bytes, position: int) -> Iterator[tuple[int, bytes, bytes]]:
    size = len(raw)
    while position < size:
        match = _LINE.match(raw, position)
        if match is None:
            return
        yield position, match[1], match[2]
        position = match.end()


def _goes_on(raw: bytes, position: int) -> bool:
    # After a line of blanks: is what follows still header? A known field is, and a fold before one; text is the body.
    if raw[position : position + 1] in (b" ", b"\t"):
        return _comes_back(raw, position)
    return _KNOWN.match(raw, position) is not None


def _comes_back(raw: bytes, position: int) -> bool:
    # After a line that is no field: does the header go on within a few lines (a damaged fold), or did the body begin?
    for number, (place, text, _) in enumerate(_lines(raw, position)):
        if number > 4 or not text.strip(b" \t"):
            return False
        if _KNOWN.match(raw, place) is not None:
            return True
    return False


def _behind_blank(raw: bytes, position: int) -> int:
    match = re.compile(rb"\r?\n\r{0,2}\n|\r\r(?!\n)").search(raw, position)
    return match.end() if match else len(raw)


def _longer(headers: Headers, span: _Span | None, end: int) -> _Span | None:
    if span is None:
        headers.suspect("the header begins with a folded line")
        return None
    return (*span[:3], end)


def _flush(headers: Headers, raw: bytes, span: _Span | None) -> None:
    if span is None:
        return
    name, start, colon, end = span
    if end - start > MAX_FIELD_BYTES:
        headers.suspect("a header field is over the limits")
        end = start + MAX_FIELD_BYTES
    value = raw[colon:end]
    if b"\n" in value or b"\r" in value:
        value = _FOLD.sub(b"", value)
    headers.add(Field(name, value.strip(b" \t\r\n"), raw[start:end]))


def _note_line_ends(headers: Headers, ends: set[bytes]) -> None:
    # Two programs that break lines at different marks see different fields (mail that is all CRLF, or all LF from a
    # file, is safe; a bare CR among them is how a second From is smuggled in).
    ends.discard(b"")
    if (b"\r" in ends and len(ends) > 1) or b"\r\r\n" in ends:
        headers.suspect("the header mixes line ends: a carriage return alone is a new line for some", "deceptive")
    elif len(ends) > 1 or b"\r" in ends:
        headers.suspect("the header mixes line ends")
    elif any(b"\x00" in item.raw for item in headers.fields):
        headers.suspect("a NUL stands in the header", "deceptive")
