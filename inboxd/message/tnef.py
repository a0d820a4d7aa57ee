"""winmail.dat opened: the files and the text that Outlook packs into one attachment (TNEF, MS-OXTNEF).

A stream of attributes, each with its length before it, so that a damaged one ends the reading and costs nothing more.
What is read is a name, a type and a slice of the bytes; nothing is run or unpacked further. Linear, never raises.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from inboxd.message import charsets, clean, rtf

_SIGNATURE: Final = b"\x78\x9f\x3e\x22"
_MAX_FILES: Final = 500
_MAX_PROPERTIES: Final = 10_000
_MAX_TEXT_BYTES: Final = 4_000_000

# Attributes (MS-OXTNEF 2.1.3.3).
_BODY: Final = 0x800C
_ATTACH_DATA: Final = 0x800F
_ATTACH_TITLE: Final = 0x8010
_ATTACH_START: Final = 0x9002
_MESSAGE_PROPERTIES: Final = 0x9003
_ATTACH_PROPERTIES: Final = 0x9005
_CODE_PAGE: Final = 0x9007

# Properties (MS-OXPROPS).
_PR_BODY: Final = 0x1000
_PR_RTF: Final = 0x1009
_PR_HTML: Final = 0x1013
_PR_DATA: Final = 0x3701
_PR_NAME: Final = 0x3704
_PR_LONG_NAME: Final = 0x3707
_PR_MIME: Final = 0x370E

_TEXT: Final = 0x001E
_UNICODE: Final = 0x001F
_OBJECT: Final = 0x000D
_VARIABLE: Final = frozenset((_TEXT, _UNICODE, _OBJECT, 0x0102))
_FIXED: Final = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_MANY: Final = 0x1000
_INTERFACE_BYTES: Final = 16  # an object begins with the id of its interface


@dataclass(slots=True)
class File:
    """One file inside: its name as given ("" when there is none), its type ("" when unknown) and its bytes."""

    name: str = ""
    content_type: str = ""
    data: bytes | memoryview = b""


@dataclass(slots=True)
class Tnef:
    """What stands in a winmail.dat. `html` or `text` is the message's own body, "" when there is none."""

    files: list[File] = field(default_factory=list)
    text: str = ""
    html: str = ""
    whole: bool = True


def is_one(content_type: str, filename: str) -> bool:
    """Whether an attachment of this type or name is one."""
    return content_type in ("application/ms-tnef", "application/vnd.ms-tnef") or filename.lower() == "winmail.dat"


def read(data: bytes | memoryview) -> Tnef | None:
    """Open a winmail.dat; None for bytes that are none. What is damaged is read up to there, and not `whole`."""
    view = memoryview(data)
    if len(view) < 6 or bytes(view[:4]) != _SIGNATURE:
        return None
    return _Reader(view).run()


class _Reader:
    def __init__(self, view: memoryview) -> None:
        self.view = view
        self.found = Tnef()
        self.charset = "windows-1252"
        self.rtf = b""

    def run(self) -> Tnef:
        for name, value in self._attributes():
            self._attribute(name, value)
        if self.rtf and not self.found.text and not self.found.html:
            self.found.text = clean.body(rtf.text_of_compressed(self.rtf))
        return self.found

    def _attributes(self) -> Iterator[tuple[int, memoryview]]:
        position = 6  # the signature and a key
        while position + 9 <= len(self.view):
            _, tag, length = struct.unpack_from("<BII", self.view, position)
            start = position + 9
            position = start + length + 2  # behind its checksum
            if start + length > len(self.view):
                self.found.whole = False
                return
            yield tag & 0xFFFF, self.view[start : start + length]

    def _attribute(self, name: int, value: memoryview) -> None:
        if name == _CODE_PAGE and len(value) >= 4:
            self.charset = f"cp{struct.unpack_from('<I', value)[0]}"
        elif name == _BODY:
            self.found.text = self._string(value)
        elif name == _MESSAGE_PROPERTIES:
            self._message(value)
        elif name == _ATTACH_START and len(self.found.files) < _MAX_FILES:
            self.found.files.append(File())
        elif self.found.files:
            self._file(self.found.files[-1], name, value)

    def _message(self, value: memoryview) -> None:
        for name, kind, content in self._properties(value):
            if name == _PR_BODY:
                self.found.text = self._string(content, kind)
            elif name == _PR_HTML:
                self.found.html = self._string(content, kind)
            elif name == _PR_RTF:
                self.rtf = bytes(content[:_MAX_TEXT_BYTES])

    def _file(self, file: File, name: int, value: memoryview) -> None:
        if name == _ATTACH_TITLE:
            file.name = file.name or self._string(value)
        elif name == _ATTACH_DATA:
            file.data = value
        elif name == _ATTACH_PROPERTIES:
            for prop, kind, content in self._properties(value):
                if prop == _PR_LONG_NAME or (prop == _PR_NAME and not file.name):
                    file.name = self._string(content, kind)
                elif prop == _PR_MIME:
                    file.content_type = self._string(content, kind).strip().lower()
                elif prop == _PR_DATA and not len(file.data):
                    file.data = content[_INTERFACE_BYTES:] if kind == _OBJECT else content

    def _properties(self, value: memoryview) -> Iterator[tuple[int, int, memoryview]]:
        """Id, type and (first) value of each property."""
        try:
            count, position = struct.unpack_from("<I", value)[0], 4
            for _ in range(min(count, _MAX_PROPERTIES)):
                kind, name = struct.unpack_from("<HH", value, position)
                position += 4
                if name >= 0x8000:
                    position = _behind_name(value, position)
                many, kind = bool(kind & _MANY), kind & ~_MANY
                values = 1
                if many or kind in _VARIABLE:
                    values = struct.unpack_from("<I", value, position)[0]
                    position += 4
                for number in range(values):
                    size = _FIXED.get(kind)
                    if kind in _VARIABLE:
                        size = struct.unpack_from("<I", value, position)[0]
                        position += 4
                    if size is None or position + size > len(value):
                        self.found.whole = False
                        return
                    if number == 0:
                        yield name, kind, value[position : position + size]
                    position += size + -size % 4
        except struct.error:
            self.found.whole = False

    def _string(self, value: memoryview, kind: int = _TEXT) -> str:
        data = bytes(value[:_MAX_TEXT_BYTES])
        if kind == _UNICODE:
            return clean.body(data.decode("utf-16-le", "replace").partition("\0")[0])
        return clean.body(charsets.decode(data.partition(b"\0")[0], self.charset)[0])


def _behind_name(value: memoryview, position: int) -> int:
    """Where a named property's value begins: behind its set, and a number or a name."""
    (kind,) = struct.unpack_from("<I", value, position + 16)
    position += 20
    if kind == 0:
        return position + 4
    (length,) = struct.unpack_from("<I", value, position)
    return int(position + 4 + length + -length % 4)
