"""Content-Transfer-Encodings (RFC 2045 6), undone as far as the bytes allow; linear, never raises."""

import binascii
import codecs
import functools
import re
from typing import Final

_UU_LINE: Final = re.compile(rb"[^\n]+")
_NOT_BASE64: Final = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/ \t\r\n"
_BASE64_OR_PADDING: Final = _BASE64 + b"="
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_PADDED: Final = re.compile(rb"=[=\s]*")
_SOFT_BREAK: Final = re.compile(rb"=[ \t]+(?=\r?\n)")
_BARE_BREAK: Final = re.compile(rb"=[ \t]*+\r(?!\r*+\n)")
_LONG_BASE64: Final = re.compile(rb"[A-Za-z0-9+/]{40,998}={0,2}")
_UU_BEGIN: Final = re.compile(rb"(?:\A|\n)begin(?:-base64)? [0-7]{3,4} [^\n]*\n")
_YENC: Final = bytes((byte - 42) % 256 for byte in range(256))
_BLOCK: Final = 1 << 20
_HEAD: Final = 2_000  # bytes that tell text from base64
_MANY: Final = 1_000  # runs of base64, damaged lines of uuencode: beyond, nobody made them by accident
_IDENTITY: Final = frozenset(("", "7bit", "8bit", "binary"))
_ALIASES: Final = {
    "quotedprintable": "quoted-printable", "qp": "quoted-printable", "base-64": "base64", "b64": "base64",
    "x-uuencode": "uuencode", "x-uue": "uuencode", "uue": "uuencode", "7-bit": "7bit", "8-bit": "8bit",
    "7bits": "7bit", "8bits": "8bit", "7bitmime": "7bit", "8bitmime": "8bit", "binary8bit": "binary", "plain": "7bit",
    "none": "7bit",
}  # fmt: skip


@functools.lru_cache(maxsize=64)
def encoding_of(value: str) -> tuple[str, bool]:
    """The encoding that a Content-Transfer-Encoding field means, and whether it is one that we know."""
    name = re.sub(r"\([^)]*\)|[\s\"']+", "", value[:200].partition(";")[0].partition(",")[0]).lower().strip(".:")
    name = _ALIASES.get(name, name)
    if name.startswith("quoted"):
        name = "quoted-printable"
    known = name in _IDENTITY or name in ("base64", "quoted-printable", "uuencode")
    return (name if known else ""), known


def decode(data: memoryview, encoding: str) -> tuple[bytes | memoryview, str | None]:
    """Undo `encoding` (as `encoding_of` names it). Returns the bytes and a defect in words, or None."""
    if encoding == "base64":
        return _base64(data)
    if encoding == "quoted-printable":
        return quoted_printable(bytes(data)), None
    if encoding == "uuencode":
        return _uuencode(bytes(data))
    return data, None


def base64(text: bytes) -> bytes:
    """Base64 in any state: strange characters skipped, padding wrong or missing, several runs in a row."""
    out = []
    for run in _PADDED.split(text, maxsplit=_MANY):
        letters = run.translate(None, _NOT_BASE64)
        if len(letters) % 4 == 1:
            letters = letters[:-1]
        out.append(binascii.a2b_base64(letters + b"=" * (-len(letters) % 4)))
    return b"".join(out)


def _note_above(head: bytes) -> int:
    """How many bytes a gateway wrote above base64: a paragraph that is none, and behind it a long line that is.

    Line by line: one expression for the whole would try each way to divide the lines of a mail made for that.
    """
    at = 0
    note = ended = False
    for line in head.splitlines(keepends=True):
        words = line.strip()
        if ended and words:
            return at if _LONG_BASE64.fullmatch(words) else 0
        if words and not note and not words.translate(None, _BASE64_OR_PADDING):
            return 0
        note = note or bool(words)
        ended = note and not words
        at += len(line)
    return 0


def _base64(data: memoryview) -> tuple[bytes, str | None]:
    head = bytes(data[:_HEAD])
    if note := _note_above(head):
        return head[:note] + _base64(data[note:])[0], "plain text stands before base64"
    if (b" " in head and _is_written(head)) or _is_plain(head):
        return bytes(data), "named as base64, and plain text"
    try:
        whole = binascii.a2b_base64(data)
    except binascii.Error:
        return base64(bytes(data)), "base64 is cut off or damaged"
    # a2b_base64 stops at the first padding without a word; what a gateway appended behind it must not be lost.
    tail = bytes(data[-1024:]) if len(data) > 1024 else bytes(data)
    if b"=" not in tail.rstrip(b"= \t\r\n") and len(whole) * 4 >= (len(data) * 9) // 10 * 3:
        return whole, None
    raw = bytes(data)
    padding = raw.find(b"=")
    if padding < 0 or not raw[padding:].strip(b"= \t\r\n"):
        return whole, None
    rest = raw[padding:].lstrip(b"= \t\r\n")
    if _is_base64(rest):
        return base64(raw), "several runs of base64 in one part"
    return whole + b"\n" + rest, "plain text stands behind base64"


def _is_written(head: bytes) -> bool:
    """Whether most lines hold blanks between other letters, which none of base64 does."""
    lines = [line.strip() for line in head.splitlines() if line.strip()]
    return sum(b" " in line for line in lines) * 2 > len(lines)


def _is_plain(head: bytes) -> bool:
    """Whether a twentieth of it are letters that base64 does not have, and it makes no text when it is decoded."""
    run = head.partition(b"=")[0]
    strange = run.translate(None, _BASE64)
    if not strange or len(strange) * 20 < len(b"".join(run.split())):
        return False
    try:
        # (Not at its end: the cut may go through a character.)
        text = codecs.getincrementaldecoder("utf-8")().decode(base64(run), final=False)
    except UnicodeDecodeError:
        return True
    return _CONTROL.search(text) is not None


def _is_base64(text: bytes) -> bool:
    first = text.split(b"\n", 1)[0].strip()
    return len(first) % 4 == 0 and re.fullmatch(rb"[A-Za-z0-9+/]+={0,2}", first) is not None


def quoted_printable(data: bytes) -> bytes:
    """Quoted-printable, with blanks behind soft line breaks (gateways add them) taken away.

    Lines may end in a carriage return alone: behind such a soft break a2b_qp drops all up to the next line feed.
    """
    if _BARE_BREAK.search(data) is not None:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return binascii.a2b_qp(_without_blanks(data) if _SOFT_BREAK.search(data) is not None else data)


def _without_blanks(data: bytes) -> bytes:
    # Block by block: a substitution keeps a hundred bytes in mind for each that it makes.
    out = bytearray()
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + _BLOCK) + 1 or len(data)
        out += _SOFT_BREAK.sub(b"=", data[start:end])
        start = end
    return bytes(out)


def _uuencode(data: bytes) -> tuple[bytes, str | None]:
    data = data.replace(b"\r\n", b"\n")
    begin = _UU_BEGIN.search(data)
    if begin is None:
        return data, "named as uuencode, but no begin line was found"
    out = bytearray()
    damaged = 0
    for match in _UU_LINE.finditer(data, begin.end()):
        line = match[0]
        if line.strip() in (b"end", b"`", b"") or damaged > _MANY:
            break
        try:
            # a2b_uu fills up what a short line announces and does not hold.
            out += binascii.a2b_uu(line)[: (len(line) * 3) // 4]
        except binascii.Error:
            damaged += 1
            out += _uu_damaged(line)
    return bytes(out), "uuencode is damaged" if damaged else None


def _uu_damaged(line: bytes) -> bytes:
    # Some encoders pad with blanks or miscount: take what the length letter announces.
    wanted = (((line[0] - 32) & 63) * 4 + 5) // 3
    try:
        return binascii.a2b_uu(line[:wanted])
    except binascii.Error:
        return b""


def yenc(data: bytes) -> bytes:
    """The bytes between `=ybegin` and `=yend` (yEnc 1.3): each letter is 42 more than its byte, 106 more behind `=`."""
    head, *escaped = data.replace(b"\r", b"").replace(b"\n", b"").split(b"=")
    pieces = [piece.translate(_YENC) for piece in escaped]
    return head.translate(_YENC) + b"".join(bytes(((piece[0] - 64) % 256,)) + piece[1:] for piece in pieces if piece)
