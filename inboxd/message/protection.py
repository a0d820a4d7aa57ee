"""Whether a mail says that it is signed or encrypted: OpenPGP (RFC 3156, and as text), S/MIME (RFC 8551).

What it says, and what an S/MIME signature is worth. OpenPGP's bring no key along, and nothing is decrypted.
"""

import re
from collections.abc import Iterator
from typing import Final

from inboxd.message import cms, content, smime
from inboxd.message.defects import Defects
from inboxd.message.message import MailSignature
from inboxd.message.parts import Part

_NO_KEY: Final = "it is signed (OpenPGP), and not checked: there is no key to check it with"
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


def signature(raw: bytes, root: Part, *, signed: bool, defects: Defects) -> MailSignature | None:
    """What the first signature of a mail is worth; None where it is not `signed`."""
    if not signed:
        return None
    found = next(
        (each for part in _nodes(root) if (each := _checked(memoryview(raw), part, defects)) is not None), None
    )
    if found is None:
        return MailSignature(method="openpgp", result="neutral", reason=_NO_KEY)
    if found.result == "fail":
        defects.add(found.reason)
    return found


def _checked(view: memoryview, part: Part, defects: Defects) -> MailSignature | None:
    """What a part's S/MIME signature is worth; None where it has none."""
    if part.content_type == "multipart/signed" and len(part.children) == 2:
        # RFC 1847 2.1: the second part signs the first as it stands, header included.
        said, signer = part.children
        if signer.content_type in smime.DETACHED:
            content_as_it_came = view[said.headers.start : said.end]
            return smime.detached(content.decoded(view, signer, defects), content_as_it_came)
    if cms.is_one(part.content_type):
        data = content.decoded(view, part, defects)
        if "signed" in (cms.kind_of(data), _smime(part)):
            return smime.opaque(data)
    return None


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
