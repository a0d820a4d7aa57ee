"""Whether a mail says that it is signed or encrypted: OpenPGP (RFC 3156, and as text), S/MIME (RFC 8551).

What it says, no more: no signature is checked here, and nothing is decrypted.
"""

import re
from collections.abc import Iterator
from typing import Final

from inboxd.message import cms
from inboxd.message.parts import Part

_LOOKED_AT: Final = 200_000
_ARMOUR: Final = "-----BEGIN PGP"
_SIGNED: Final = re.compile(r"^-----BEGIN PGP SIGNED MESSAGE-----\s*$", re.MULTILINE)
_ENCRYPTED: Final = re.compile(r"^-----BEGIN PGP MESSAGE-----\s*$", re.MULTILINE)


def is_signed(root: Part, envelopes: list[cms.Kind | None], text: str) -> bool:
    """Whether a part of it, or its text, comes with a signature; `envelopes` are the kinds of its S/MIME parts."""
    return (
        "signed" in envelopes
        or any(part.content_type == "multipart/signed" or _smime(part) == "signed" for part in _nodes(root))
        or (_ARMOUR in text and _SIGNED.search(text[:_LOOKED_AT]) is not None)
    )


def is_encrypted(root: Part, envelopes: list[cms.Kind | None], text: str) -> bool:
    """Whether a part of it, or its text, cannot be read without a key."""
    return (
        "encrypted" in envelopes
        or any(part.content_type == "multipart/encrypted" or _smime(part) == "encrypted" for part in _nodes(root))
        or (_ARMOUR in text and _ENCRYPTED.search(text[:_LOOKED_AT]) is not None)
    )


def _smime(part: Part) -> cms.Kind | None:
    if not cms.is_one(part.content_type):
        return None
    kind = part.params.get("smime-type", "").lower()
    if kind == "signed-data":
        return "signed"
    return "encrypted" if kind in ("enveloped-data", "authenveloped-data", "enveloped-and-signed-data") else None


def _nodes(root: Part) -> Iterator[Part]:
    stack = [root]
    while stack:
        part = stack.pop()
        yield part
        stack.extend(part.children)
