"""Bytes of a file that people write, as text: UTF-8 without characters that nobody sees."""

import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from rules.mistakes import Mistake

# What YAML 1.1 and most editors disagree about (NEL, line and paragraph separator, a lone CR) would shift the
# line numbers; other control characters have no business in a file that people read.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]|\r(?!\n)")
_PIECE = 1 << 16  # characters
_MAX_CONTROL_CHARACTERS = 20  # a binary file: more of the same helps nobody


def content_of(path: Path, max_bytes: int) -> bytes:
    """A file's bytes, or one more than is allowed: a device given by mistake cannot fill the memory.

    Raises OSError where it cannot be read; a pipe, into which perhaps nobody ever writes, is not waited for.
    """
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        if stat.S_ISFIFO(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.ESPIPE, "it is a pipe; name a file")
        return file.read(max_bytes + 1)


def decode(text: str | bytes, name: str, *, max_bytes: int) -> tuple[str, list[Mistake]]:
    """The text without a byte order mark, and what keeps it from being read; with a mistake the text means nothing."""
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(raw) > max_bytes:
        most = f"{max_bytes:,} ({max_bytes >> 20} MiB)"
        return _refused(name, 1, 1, f"the file has {len(raw):,} bytes; {most} is the most that is read")
    if (found := _other_encoding(raw)) is not None:
        return _refused(name, 1, 1, f"the file is in {found}; save it as UTF-8")
    try:
        decoded = raw.decode("utf-8", "surrogatepass" if isinstance(text, str) else "strict")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        wrong = f"the byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8"
        return _refused(name, line, column, wrong)
    decoded = decoded.removeprefix("\ufeff")
    return decoded, _control_characters(decoded, name)


def _other_encoding(raw: bytes) -> str | None:
    """UTF-16 or UTF-32, by the mark that such a file begins with, or by the NULs around its first letters."""
    first = raw[:8]
    if first[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff") or first.count(0) >= 6:
        return "UTF-32"
    if first.startswith((b"\xff\xfe", b"\xfe\xff")) or (len(first) == 8 and first.count(0) >= 4):
        return "UTF-16"
    return None


def _refused(name: str, line: int, column: int, message: str) -> tuple[str, list[Mistake]]:
    return "", [Mistake(file=name, line=line, column=column, message=message)]


def _control_characters(text: str, name: str) -> list[Mistake]:
    mistakes: list[Mistake] = []
    line, line_start = 1, 0
    old_line_ends = False
    for at in _forbidden(text):
        message = f"control character U+{ord(text[at]):04X}; delete it"
        if text[at] == "\r":
            if old_line_ends:
                continue  # all the lines of such a file end so
            old_line_ends = True
            message = "a line ends with CR alone; save the file with the line ends of Unix (LF) or Windows (CRLF)"
        line += text.count("\n", line_start, at)
        line_start = text.rfind("\n", 0, at) + 1
        mistakes.append(Mistake(file=name, line=line, column=at - line_start + 1, message=message))
        if len(mistakes) >= _MAX_CONTROL_CHARACTERS:
            break
    return mistakes


def _forbidden(text: str) -> Iterator[int]:
    """Give the places of such characters. Piece by piece: one search of a large file would hold up every thread."""
    start = 0
    while start < len(text):
        end = start + _PIECE
        if text[end - 1 : end + 1] == "\r\n":
            end += 1
        for found in _FORBIDDEN.finditer(text, start, end):
            yield found.start()
        start = end
