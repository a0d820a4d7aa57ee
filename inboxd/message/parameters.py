"""Content-Type and Content-Disposition: a value and its parameters (RFC 2045, 2183, 2231), read tolerantly, linear."""

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from inboxd.message import charsets, clean, encoded_words
from inboxd.message.limits import MAX_PARAMETERS, MAX_STRUCTURED_BYTES

_TOKEN_END: Final = re.compile(rb"[;\s]")
_SEPARATORS: Final = re.compile(rb"[\s;,]*")
_NAME: Final = re.compile(rb"([^\s=;\"]+)\s*+(=?)\s*+")
_QUOTED: Final = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_BARE: Final = re.compile(rb"[^;]*")
_SINGLE_QUOTED: Final = re.compile(rb"'([^']+)'")
_ESCAPED: Final = re.compile(rb"\\([\"\\])")
_EXTENDED: Final = re.compile(rb"([A-Za-z0-9-]{3,20})'[A-Za-z-]{0,8}'(?=[^%]*%[0-9A-Fa-f]{2})[^\s]*")
_PIECE: Final = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?\Z")
# What a comment may stand beside (RFC 2045 5.1). In a value without quotes it is none: `name=report (1).pdf`.
_COMMENTED: Final = re.compile(
    rb'("(?:[^"\\]|\\.)*+"?)|(=)(?:\s*+\([^()]*+\)\s*+(?=")|([^;"]*+))|\([^()]*+\)', re.DOTALL
)
_NEXT: Final = re.compile(rb"[\s]+([a-zA-Z][a-zA-Z0-9*-]{2,20})=")


def parse(value: bytes, hint: str | None = None) -> tuple[str, dict[str, str]]:
    """The main value in lower case, and its parameters decoded, by names in lower case; the first of two wins."""
    value = value[:MAX_STRUCTURED_BYTES]
    if b"(" in value:
        value = _COMMENTED.sub(lambda match: b"".join(group or b"" for group in match.groups()) or b" ", value)
    value = value.strip()
    end = _TOKEN_END.search(value)
    stop = end.start() if end else len(value)
    if b"=" in value[:stop]:
        stop = 0  # the main value was forgotten: `filename="a.txt"`
    main = value[:stop].decode("ascii", "replace").lower().strip("\"' ,")
    pieces = _scan(value, stop)
    return main, _assemble(pieces, hint)


def _scan(value: bytes, position: int) -> list[tuple[str, bytes, bool]]:
    pieces: list[tuple[str, bytes, bool]] = []
    while position < len(value) and len(pieces) < MAX_PARAMETERS:
        separators = _SEPARATORS.match(value, position)
        position = separators.end() if separators else position
        name = _NAME.match(value, position)
        if name is None:
            position += 1
            continue
        position = name.end()
        if not name[2]:
            continue
        quoted = _QUOTED.match(value, position)
        if quoted is not None:
            text, position = _ESCAPED.sub(rb"\1", quoted[1]), quoted.end()
        else:
            text, position = _unquoted(value, position)
        pieces.append((name[1].decode("ascii", "replace").lower(), text, quoted is not None))
    return pieces


def _unquoted(value: bytes, position: int) -> tuple[bytes, int]:
    match = _BARE.match(value, position)
    if match is None:
        return b"", len(value)
    # A forgotten semicolon: `charset=utf-8 name=a.txt`. A name with blanks and no quotes goes on to the semicolon.
    following = _NEXT.search(value, position, match.end())
    end = following.start() if following else match.end()
    return value[position:end].strip().strip(b'"'), end


def _assemble(pieces: list[tuple[str, bytes, bool]], hint: str | None) -> dict[str, str]:
    plain: dict[str, str] = {}
    parts: dict[str, dict[int, tuple[bytes, bool]]] = {}
    for name, text, quoted in pieces:
        match = _PIECE.match(name)
        if match is None or (match[2] is None and match[3] is None):
            # (In other parameters such quotes are letters: they stand in the boundary's lines, too.)
            bare = None if quoted or name not in ("name", "filename") else _SINGLE_QUOTED.fullmatch(text)
            plain.setdefault(name.rstrip("*"), _plain(bare[1] if bare else text, hint))
        else:
            parts.setdefault(match[1], {}).setdefault(int(match[2] or 0), (text, match[3] is not None))
    for name, numbered in parts.items():
        # RFC 2231 before the plain form: mailers that send both mean this one.
        plain[name] = _continued(numbered, hint)
    return plain


def _plain(text: bytes, hint: str | None) -> str:
    # `filename="utf-8''a%20b"`: the asterisk that would say so was forgotten.
    if b"'" in text and (match := _EXTENDED.fullmatch(text)) and charsets.codec_of(match[1].decode("ascii")):
        return _continued({0: (text, True)}, hint)
    return _text(text, hint)


def _text(text: bytes, hint: str | None) -> str:
    # RFC 2047 forbids encoded words here, and half of all mailers write them.
    return encoded_words.decode(re.sub(rb"\r?\n[ \t]*", b" ", text), hint)


def _continued(numbered: dict[int, tuple[bytes, bool]], hint: str | None) -> str:
    charset: str | None = None
    data = []
    extended = False
    for order, (_, (written, encoded)) in enumerate(sorted(numbered.items())):
        text = written
        if encoded:
            extended = True
            if order == 0 and text.count(b"'") >= 2:
                label, _, text = text.split(b"'", 2)
                charset = label.decode("ascii", "replace")
            text = unquote_to_bytes(text)
        data.append(text)
    joined = b"".join(data)
    if not extended or b"=?" in joined:
        return _text(joined, hint)
    return clean.line(charsets.decode(joined, charset or hint)[0])
