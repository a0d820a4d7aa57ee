"""What stands inside of a part: files that Outlook packs into winmail.dat, or that old mailers write into the text."""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from inboxd.message import attachments, encoded_words, tnef, transfer
from inboxd.message.headers import Headers
from inboxd.message.message import Inside
from inboxd.message.parts import Part

_BEGIN: Final = re.compile(
    rb"^(?:begin(?P<base64>-base64)? [0-7]{3,4} (?P<name>[^\r\n]{1,255})"
    rb"|=ybegin (?:part|line)=\d[^\r\n]{0,200}? name=(?P<yenc>[^\r\n]{1,255})(?:\r?\n=ypart [^\r\n]{0,200})?)\r?\n",
    re.MULTILINE,
)
_END: Final = re.compile(rb"^end[ \t]*\r?$", re.MULTILINE)
_END_OF_BASE64: Final = re.compile(rb"^====[ \t]*\r?$", re.MULTILINE)  # POSIX, uuencode -m
_END_OF_YENC: Final = re.compile(rb"^=yend size=(\d{1,12})\b[^\r\n]*\r?$", re.MULTILINE)
_MANY: Final = 100


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written into a text: a part of its own, and its bytes, decoded."""

    part: Part
    data: bytes


def out_of_text(data: bytes) -> tuple[bytes, list[Written]]:
    """A text without the files that are written into it (uuencode, yEnc), and those files. Linear."""
    kept: list[bytes] = []
    files: list[Written] = []
    position = 0
    while len(files) < _MANY and (begin := _BEGIN.search(data, position)) is not None:
        end = _end_of(begin).search(data, begin.end())
        if end is None:
            break
        kept.append(data[position : begin.start()])
        position = end.end()
        content = _decoded(data, begin, end)
        if content:
            name = begin["name"] or begin["yenc"]
            files.append(Written(_part(encoded_words.raw(name).strip()), content))
        else:
            kept.append(data[begin.start() : end.end()])
    return b"".join([*kept, data[position:]]), files


def _end_of(begin: re.Match[bytes]) -> re.Pattern[bytes]:
    if begin["yenc"]:
        return _END_OF_YENC
    return _END_OF_BASE64 if begin["base64"] else _END


def _decoded(data: bytes, begin: re.Match[bytes], end: re.Match[bytes]) -> bytes | None:
    """The file between two lines; None for one that is damaged."""
    if begin["yenc"]:
        content = transfer.yenc(data[begin.end() : end.start()])
        return content if len(content) == int(end[1]) else None
    if begin["base64"]:
        decoded, defect = transfer.decode(memoryview(data)[begin.end() : end.start()], "base64")
    else:
        decoded, defect = transfer.decode(memoryview(data)[begin.start() : end.end()], "uuencode")
    return bytes(decoded) if defect is None else None


def _part(name: str) -> Part:
    return Part(
        headers=Headers(),
        content_type="application/octet-stream",
        params={"name": name},
        disposition="attachment",
        disposition_params={},
        encoding="",
        start=0,
        end=0,
    )


def files_of(opened: tnef.Tnef) -> tuple[Inside, ...]:
    """The facts about each file in a winmail.dat that was opened."""
    found = []
    for number, file in enumerate(opened.files, start=1):
        filename = attachments.safe_name(file.name) or f"part-{number}.bin"
        content_type = file.content_type or "application/octet-stream"
        found.append(
            Inside(
                filename=filename,
                content_type=content_type,
                size=len(file.data),
                sha256=hashlib.sha256(file.data).hexdigest(),
                dangerous=attachments.is_dangerous(file.name, filename, content_type, file.data),
            )
        )
    return tuple(found)
