"""Unstructured header text: RFC 2047 encoded words among raw 8-bit characters, in whatever state they come."""

import binascii
import re
from collections.abc import Iterator
from typing import Final

from inboxd.message import charsets, clean, transfer

_START: Final = re.compile(rb"=\?([^?\s=]{1,60})\?(?:([bBqQ])\?)?")
_HEX: Final = re.compile(rb"=([0-9A-Fa-f]{2})")
_BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_LETTERS: Final = re.compile(rb"[A-Za-z0-9+/=\s]*\Z")


class _Word:
    """One encoded word: its charset label, its encoding letter and its text as on the wire."""

    __slots__ = ("charset", "encoding", "text")

    def __init__(self, charset: str, encoding: str, text: bytes) -> None:
        self.charset, self.encoding, self.text = charset, encoding, text

    def data(self) -> bytes:
        if self.encoding == "B":
            return transfer.base64(self.text)
        text = self.text.replace(b"_", b" ").removesuffix(b"=")  # a soft line break, which nothing follows here
        return _HEX.sub(lambda match: binascii.unhexlify(match[1]), text)


def decode(value: bytes, hint: str | None = None) -> str:
    """An unfolded header value as a person reads it, on one line. `hint`: charset of raw 8-bit characters, if known."""
    if b"=?" not in value:
        return clean.line(raw(value, hint))
    out: list[str] = []
    run: list[_Word] = []
    for piece in _pieces(value):
        if isinstance(piece, _Word):
            run.append(piece)
        elif piece.strip(b" \t\r\n") or not run:
            out.append(_join(run))
            run = []
            out.append(raw(piece, hint))
        # else: white space between two encoded words separates nothing (RFC 2047 6.2)
    out.append(_join(run))
    return clean.line("".join(out))


def raw(value: bytes, hint: str | None = None) -> str:
    """Header bytes that are no encoded word: UTF-8 (RFC 6532), ISO-2022-JP, the hint's charset, or Windows' Latin."""
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii")
    if hint is not None and charsets.codec_of(hint) not in (None, "utf-8", "cp1252"):
        try:
            return value.decode("utf-8") if b"\x1b" not in value else charsets.iso_2022_jp(value)
        except UnicodeDecodeError:
            return charsets.decode(value, hint)[0]
    return charsets.decode(value, None)[0]


def _pieces(value: bytes) -> list[bytes | _Word]:
    pieces: list[bytes | _Word] = []
    position = 0
    no_end = False
    for start in _START.finditer(value):
        if start.start() < position or no_end:
            continue
        encoding = (start[2] or b"B").decode().upper()
        end = value.find(b"?=", start.end())
        # A letter Q word that holds "?=3D": the mark is an escape, not the end.
        while end >= 0 and encoding == "Q" and _HEX.match(value, end + 1) and _ends_later(value, end):
            end = value.find(b"?=", end + 2)
        if end < 0:
            # Without an end once, there is none for any later word: one search, not one for each.
            no_end = True
            continue
        text = value[start.end() : end]
        if start[2] is None and (len(text) % 4 or not _LETTERS.match(text)):
            continue
        if start.start() > position:
            pieces.append(value[position : start.start()])
        pieces.append(_Word(start[1].decode("ascii", "replace"), encoding, text))
        position = end + 2
    if position < len(value):
        pieces.append(value[position:])
    return pieces


def _ends_later(value: bytes, end: int) -> bool:
    # Within the longest word that occurs, and before another word begins.
    window = value[end + 2 : end + 200]
    later = window.find(b"?=")
    return later >= 0 and b"=?" not in window[:later] and b" " not in window[:later]


def _join(run: list[_Word]) -> str:
    if len(run) == 1:
        return _decode(run[0].data(), run[0].charset)
    # Encoders split inside a character: the bytes of neighbours are joined before they are decoded.
    out: list[str] = []
    data: list[bytes] = []
    charset = ""
    for word in _mended(run):
        if data and word.charset.lower() != charset.lower():
            out.append(_decode(b"".join(data), charset))
            data = []
        charset = word.charset
        data.append(word.data())
    if data:
        out.append(_decode(b"".join(data), charset))
    return "".join(out)


def _mended(run: list[_Word]) -> Iterator[_Word]:
    """The words, those in one whose encoder split inside of a byte: a `=C5` of Q, a quantum of base64."""
    texts: list[bytes] = []
    letters = 0
    for index, word in enumerate(run):
        texts.append(word.text)
        letters += len(word.text)
        following = run[index + 1] if index + 1 < len(run) else None
        if following is None or not _is_torn(word, letters, following):
            yield _Word(word.charset, word.encoding, b"".join(texts))
            texts, letters = [], 0


def _is_torn(word: _Word, letters: int, following: _Word) -> bool:
    if (word.charset.lower(), word.encoding) != (following.charset.lower(), following.encoding):
        return False
    if word.encoding == "Q":
        tail = word.text[-1:] if word.text.endswith(b"=") else word.text[-2:]
        return tail[:1] == b"=" and _HEX.match(tail + following.text[:2]) is not None
    # The bits of a last letter that belong to no byte are zero, unless the rest of that byte follows.
    last = _BASE64.find(word.text[-1:] or b"=")
    return last >= 0 and (letters % 4 == 1 or last & {2: 15, 3: 3}.get(letters % 4, 0) > 0)


def _decode(data: bytes, charset: str) -> str:
    codec = charsets.codec_of(charset)
    # RFC 2047 words of UTF-16 and UTF-32 come without a mark of their byte order: network order (RFC 2781 4.3).
    if codec in ("utf-16", "utf-32") and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        charset = f"{codec}-be"
    return charsets.decode(data, charset)[0]
