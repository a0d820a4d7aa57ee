"""Tag lists (RFC 6376 3.2), as signatures and keys are written: read strictly, for proof rests on them."""

import re
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_VALUE: Final = re.compile(r"[!-:<-~ \t]*")  # VALCHAR and blanks; folds are undone before
_MAX_TAGS: Final = 40

DOMAIN: Final = re.compile(r"(?=.{1,253}\Z)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}")
"""A domain name of letters, digits and hyphens: anything else is how two programs come to ask for two names."""
SELECTOR: Final = re.compile(
    r"(?=.{1,200}\Z)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_-]{1,63})*"
)


def parse(text: str) -> dict[str, str]:
    """Return the tags of an unfolded list, values stripped. ValueError, in a sentence, for what is no such list."""
    found: dict[str, str] = {}
    pieces = text.split(";")
    if not pieces[-1].strip():
        pieces.pop()
    if len(pieces) > _MAX_TAGS:
        raise ValueError("it has more parts than anybody needs")
    for piece in pieces:
        name, equals, value = piece.partition("=")
        name = name.strip()
        if not equals or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise ValueError("it is not a list of name=value")
        if name in found:
            raise ValueError(f"it says {name}= twice")
        found[name] = value.strip()
    return found
