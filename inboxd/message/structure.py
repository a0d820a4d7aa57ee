"""The grammar that fields of the way share (RFC 5322 3.2): comments, quoted strings, name=value; linear and bounded."""

import ipaddress
import re
from typing import Final

_MAX_BYTES: Final = 4 * 1024
_MAX_DEPTH: Final = 20
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")

# What most comments are. Where nothing is left that has a meaning of its own, all were.
_COMMENT: Final = re.compile(r"\([^()\"\\]*+\)")
_MEANING: Final = re.compile(r"[()\"\\]")
_TOKEN: Final = re.compile(r'\\.|["()]|[^\\"()]+|\\')
_PROPERTY: Final = re.compile(
    r"(?:\A|\s)\s*([A-Za-z0-9_-]{1,40}(?:[./][A-Za-z0-9_-]{1,40})?)[ \t]*=[ \t]*"
    r"(?:\"((?:[^\"\\]|\\.){0,500})\"|([^\s\";]{1,500}))(?=\s|\Z)"
)
# `from HELO (reverse name [address])` as Postfix and others write it, sendmail with `(may be forged)` inside;
# `from name ([address] helo=HELO)` of Exim; `from HELO (address)` of Exchange.
_FROM: Final = re.compile(r"\A\s*from\s+([^\s()\"\\]{1,255})\s+\(((?:[^()]|\([^()]{0,100}\)){0,500}+)\)")
_BEHIND: Final = re.compile(r"\s*\(((?:[^()]|\([^()]{0,100}\)){0,500}+)\)")
_LITERAL: Final = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f.:]{2,45})\]", re.IGNORECASE)
_EXIM_HELO: Final = re.compile(r"\bhelo=(\S{1,255})")


def without_comments(value: bytes) -> str | None:
    """Return the text with each comment as one blank; None for what is too long, too deep, unbalanced or not ASCII."""
    if not _is_plain(value):
        return None
    text = value.decode("ascii")
    bare = _COMMENT.sub(" ", text)
    if _MEANING.search(bare) is None:
        return bare
    out: list[str] = []
    depth, quoted = 0, False
    for piece in _TOKEN.findall(text):
        if piece == '"' and not depth:
            quoted = not quoted
        if piece == "(" and not quoted:
            depth += 1
        elif piece == ")" and not quoted:
            depth -= 1
            out.append(" ")
        elif not depth:
            out.append(piece)
        if not 0 <= depth <= _MAX_DEPTH:
            return None
    return None if depth or quoted else "".join(out)


def split(text: str, separator: str) -> list[str]:
    """Split at a separator outside of quoted strings."""
    pieces, quoted, escaped, start = [], False, False, 0
    for index, letter in enumerate(text):
        if escaped:
            escaped = False
        elif letter == "\\" and quoted:
            escaped = True
        elif letter == '"':
            quoted = not quoted
        elif letter == separator and not quoted:
            pieces.append(text[start:index])
            start = index + 1
    return [*pieces, text[start:]]


def properties(text: str) -> list[tuple[str, str]]:
    """Return the name=value pairs of a text, in order, quotes undone."""
    return [(name, bare or re.sub(r"\\(.)", r"\1", quoted)) for name, quoted, bare in _PROPERTY.findall(text)]


def sender(received: bytes) -> dict[str, str | None]:
    """Return `client_ip` and `helo` of a Received field; None where the address does not stand there beyond doubt.

    The name a client gives itself is its own choice, and may look like an address: what counts is what the host that
    wrote the field saw, which stands in the parentheses behind it.
    """
    nothing: dict[str, str | None] = {"client_ip": None, "helo": None}
    if not _is_plain(received):
        return nothing
    text = received.decode("ascii")
    match = _FROM.match(text)
    if match is None:
        return nothing
    name, seen = match[1], match[2]
    exim = _EXIM_HELO.search(seen)
    if exim is not None:
        seen = seen[: exim.start()]
        if not seen.strip():
            seen = name  # `from [address] (helo=HELO)`
        name = exim[1]
    literals = _LITERAL.findall(seen) or ([seen.strip()] if exim is None else [])
    address = _address(literals[0]) if len(literals) == 1 else None
    position = match.end()
    while (comment := _BEHIND.match(text, position)) is not None:
        if any(_address(each) != address for each in _LITERAL.findall(comment[1])):
            return nothing  # one of the two stood in the name that the client gave itself
        position = comment.end()
    return {"client_ip": address, "helo": name} if address is not None else nothing


def _is_plain(value: bytes) -> bool:
    return len(value) <= _MAX_BYTES and value.isascii() and _CONTROL.search(value) is None


def _address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None
