"""Message-IDs out of Message-ID, In-Reply-To and References, with angle brackets (RFC 5322 3.6.4)."""

import re
from typing import Final

from inboxd.message import clean, encoded_words
from inboxd.message.limits import MAX_REFERENCES, MAX_STRUCTURED_BYTES

_ID: Final = re.compile(r"<([^<>]{1,998})>")
# A comment that names somebody: `<id> (from Front Desk <front@example.com>)`. What is in brackets alone stays.
_COMMENT: Final = re.compile(r"\([^()<>]*+<[^()<>]*+>[^()<>]*+\)")
_SPACE: Final = re.compile(r"\s+")
_WORD: Final = re.compile(r"[^\s<>,;\"()]+")


def one(value: bytes) -> str | None:
    """The Message-ID; what a mailer left without brackets gets them, so that replies can be matched."""
    text = _text(value)
    ids = _in_brackets(text)
    if ids:
        inside = _without_blanks(ids[0])
        return f"<{inside}>" if inside else None
    bare = _SPACE.sub("", text).strip("<>")
    return f"<{bare}>" if bare else None


def several(values: list[bytes]) -> tuple[str, ...]:
    """The ids of In-Reply-To or References, in order, each once."""
    found: dict[str, None] = {}
    for value in values:
        text = _text(value)
        names = list(map(_without_blanks, _in_brackets(text))) or _bare(text)
        for name in names:
            if name and len(found) < MAX_REFERENCES:
                found[f"<{name}>"] = None
    return tuple(found)


def _in_brackets(text: str) -> list[str]:
    return (_ID.findall(_COMMENT.sub(" ", text)) if "(" in text else []) or _ID.findall(text)


def _without_blanks(inside: str) -> str:
    # A fold inside an id leaves blanks in it (between ids there is a closing bracket); in quotes they are meant.
    return inside.strip() if '"' in inside else _SPACE.sub("", inside)


def _bare(text: str) -> list[str]:
    # By whole words: an expression that looks for the `@` behind each letter costs the square of a field without one.
    return [word for word in _WORD.findall(text) if "@" in word[1:-1]]


def _text(value: bytes) -> str:
    value = value[: 4 * MAX_STRUCTURED_BYTES]
    return encoded_words.decode(value) if b"=?" in value else clean.line(encoded_words.raw(value))
