"""The text of Outlook's compressed RTF (MS-OXRTFCP), and of RTF itself; bounded and linear, never raises."""

import re
import struct
from typing import Final

from inboxd.message import charsets

_DICTIONARY: Final = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_SIZE: Final = 4_096
_MAX_RTF: Final = 4_000_000
_TOKEN: Final = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z'])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\", re.DOTALL
)
# Groups that hold no text of the message.
_SKIPPED: Final = frozenset(
    (
        b"fonttbl",
        b"colortbl",
        b"stylesheet",
        b"info",
        b"pict",
        b"header",
        b"footer",
        b"object",
        b"listtable",
        b"themedata",
    )
)
_BREAKS: Final = {b"par": "\n", b"line": "\n", b"tab": "\t", b"row": "\n", b"cell": "\t", b"sect": "\n"}
_SIGNS: Final = {
    b"bullet": "•", b"endash": "–", b"emdash": "—", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“",
    b"rdblquote": "”",
}  # fmt: skip
_ESCAPED: Final = {b"~": "\u00a0", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n", b"\r": "\n"}


def text_of_compressed(data: bytes) -> str:
    """The text of a compressed RTF stream; "" where it is none."""
    if len(data) < 16:
        return ""
    size, kind = struct.unpack_from("<4xI4s", data)
    if kind == b"MELA":
        return text_of(data[16 : 16 + min(size, _MAX_RTF)])
    return text_of(_decompressed(data[16:], min(size, _MAX_RTF))) if kind == b"LZFu" else ""


def _decompressed(data: bytes, size: int) -> bytes:
    out = bytearray(_DICTIONARY)
    end = len(_DICTIONARY) + size
    position = 0
    while position < len(data) and len(out) < end:
        flags = data[position]
        position += 1
        for bit in range(8):
            if not flags >> bit & 1:
                out += data[position : position + 1]
                position += 1
                continue
            pair = data[position : position + 2]
            position += 2
            if len(pair) < 2:
                return bytes(out[len(_DICTIONARY) : end])
            word = pair[0] << 8 | pair[1]
            # An offset into the ring of the last 4,096 bytes; that of the place where it is written ends the stream.
            back = (len(out) - (word >> 4)) % _SIZE
            if back == 0:
                return bytes(out[len(_DICTIONARY) : end])
            for _ in range((word & 0xF) + 2):
                out.append(out[-back] if back <= len(out) else 0x20)
    return bytes(out[len(_DICTIONARY) : end])


def text_of(data: bytes) -> str:
    """The text of RTF, of HTML wrapped in RTF as well: paragraphs as lines."""
    return _Text(data[:_MAX_RTF]).run()


class _Text:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.out: list[str] = []
        self.codec = "cp1252"
        self.pending = bytearray()  # bytes of the code page, which may need several for a letter
        self.groups: list[tuple[bool, int]] = []
        self.skip = False
        self.ignored = 0  # letters that stand for a Unicode letter before them
        self.fallback = 1

    def run(self) -> str:
        for match in _TOKEN.finditer(self.data):
            word, number, code, symbol, brace, plain = match.groups()
            if brace is not None:
                self._flush()
                self._brace(brace)
            elif code is not None:
                self._bytes(bytes.fromhex(code.decode()))
            elif plain is not None:
                self._bytes(plain)
            elif word is not None:
                self._flush()
                self._word(word, int(number) if number else None)
            elif symbol is not None:
                self._flush()
                if symbol == b"*":
                    self.skip = True
                elif not self.skip:
                    self.out.append(_ESCAPED.get(symbol, ""))
        self._flush()
        # Letters beyond the first 65,536 come as two halves.
        return "".join(self.out).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").strip()

    def _brace(self, brace: bytes) -> None:
        if brace == b"{":
            self.groups.append((self.skip, self.fallback))
        elif self.groups:
            self.skip, self.fallback = self.groups.pop()
        self.ignored = 0

    def _bytes(self, data: bytes) -> None:
        if self.ignored:
            dropped = min(self.ignored, len(data))
            self.ignored -= dropped
            data = data[dropped:]
        if not self.skip:
            self.pending += data

    def _word(self, word: bytes, number: int | None) -> None:
        if word in _SKIPPED:
            self.skip = True
        elif word == b"htmlrtf":
            self.skip = number != 0  # what stands for those who read no HTML
        elif word == b"ansicpg" and number is not None:
            self.codec = charsets.codec_of(f"cp{number}") or "cp1252"
        elif word == b"uc" and number is not None:
            self.fallback = min(max(number, 0), 10)
        elif word == b"u" and number is not None and not self.skip:
            self.out.append(chr(number & 0xFFFF))
            self.ignored = self.fallback
        elif not self.skip:
            self.out.append(_BREAKS.get(word) or _SIGNS.get(word, ""))

    def _flush(self) -> None:
        if self.pending:
            self.out.append(bytes(self.pending).decode(self.codec, "replace"))
            self.pending.clear()
