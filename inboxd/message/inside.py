"""What stands inside of a part: files that Outlook packs into winmail.dat, or that old mailers write into the text."""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from inboxd.message import attachments, tnef, transfer
from inboxd.message.headers import Headers
from inboxd.message.message import Inside
from inboxd.message.parts import Part

_BEGIN: Final = re.compile(rb"^begin(-base64)? [0-7]{3,4} ([^\r\n]{1,255})\r?\n", re.MULTILINE)
_END: Final = re.compile(rb"^end[ \t]*\r?$", re.MULTILINE)
_END_OF_BASE64: Final = re.compile(rb"^====[ \t]*\r?$", re.MULTILINE)  # POSIX, uuencode -m
_MANY: Final = 100


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written into a text (uuencode): a part of its own, and its bytes as they stand there."""

    part: Part
    data: bytes


def out_of_text(data: bytes) -> tuple[bytes, list[Written]]:
    """A text without the files that are written into it between `begin` and its end, and those files. Linear."""
    kept: list[bytes] = []
    files: list[Written] = []
    position = 0
    while len(files) < _MANY and (begin := _BEGIN.search(data, position)) is not None:
        end = (_END_OF_BASE64 if begin[1] else _END).search(data, begin.end())
        if end is None:
            break
        kept.append(data[position : begin.start()])
        position = end.end()
        whole = data[begin.start() : end.end()]
        if begin[1]:
            content, defect = transfer.decode(memoryview(data)[begin.end() : end.start()], "base64")
        else:
            content, defect = transfer.decode(memoryview(whole), "uuencode")
        if defect is None and len(content):
            files.append(Written(_part(begin[2].decode("utf-8", "replace").strip()), bytes(content)))
        else:
            kept.append(whole)
    return b"".join([*kept, data[position:]]), files


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
