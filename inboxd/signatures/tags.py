"""The tags of a DKIM-Signature or an ARC-Message-Signature (RFC 6376 3.5), as values."""

from dataclasses import dataclass
from typing import Final, Literal

from inboxd.message import tags
from inboxd.message.claims import Signer
from inboxd.signatures.body_hash import Canonical
from inboxd.signatures.fields import base64_of, signed_names
from inboxd.signatures.records import Checked

_LONGEST_NUMBER: Final = 12
_LARGEST_SIGNATURE: Final = 1024


class Unusable(Exception):
    """A signature that cannot count; `result` is its word."""

    def __init__(self, result: Checked, reason: str) -> None:
        super().__init__(reason)
        self.result: Checked = result


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureTags:
    """What a signature says. `names` are the signed fields; times in seconds since 1970; `length` is l=, in octets."""

    signer: Signer
    algorithm: Literal["rsa", "ed25519"]
    header: Canonical
    body: Canonical
    names: list[str]
    body_hash: bytes
    signature: bytes
    identity_local: str
    identity_domain: str
    length: int | None
    signed_at: int | None
    expires: int | None


def read_signature(found: dict[str, str], signer: Signer, *, sealed: bool = False) -> SignatureTags:
    """Read the tags; `sealed` of an ARC set, which has no v= and whose i= is a number. ValueError or Unusable."""
    if not sealed and found.get("v") != "1":
        raise ValueError("it is of an unknown version")
    for name in ("a", "b", "bh", "h"):
        if name not in found:
            raise ValueError(f"it has no {name}=")
    if found.get("q", "dns/txt") != "dns/txt":
        raise ValueError("its key does not stand in the DNS")
    header, body = _ways(found.get("c", "relaxed/relaxed" if sealed else "simple/simple"))
    names = signed_names(found["h"])
    if "from" not in names:
        raise ValueError("it does not cover the From field")
    signature = base64_of(found["b"])
    if len(signature) > _LARGEST_SIGNATURE:
        raise ValueError("it is larger than any honest one")
    local, domain = ("", signer.domain) if sealed else _identity(found.get("i", f"@{signer.domain}"), signer)
    signed_at, expires = _number(found, "t"), _number(found, "x")
    if signed_at is not None and expires is not None and expires < signed_at:
        raise ValueError("it expires before it was made")
    return SignatureTags(
        signer=signer,
        algorithm=algorithm_of(found["a"]),
        header=header,
        body=body,
        names=names,
        body_hash=base64_of(found["bh"]),
        signature=signature,
        identity_local=local,
        identity_domain=domain,
        length=_number(found, "l"),
        signed_at=signed_at,
        expires=expires,
    )


def algorithm_of(tag: str) -> Literal["rsa", "ed25519"]:
    """Read an a= tag. ValueError for what is unknown or, as SHA-1, no proof any more (RFC 8301 3.1)."""
    match tag.lower():
        case "rsa-sha256":
            return "rsa"
        case "ed25519-sha256":
            return "ed25519"
        case "rsa-sha1":
            raise ValueError("it uses SHA-1, which can be forged")
        case _:
            raise ValueError("its algorithm is unknown")


def _ways(tag: str) -> tuple[Canonical, Canonical]:
    header, _, body = tag.lower().partition("/")
    body = body or "simple"
    if header not in ("simple", "relaxed") or body not in ("simple", "relaxed"):
        raise ValueError("its c= is unknown")
    return ("relaxed" if header == "relaxed" else "simple"), ("relaxed" if body == "relaxed" else "simple")


def _identity(tag: str, signer: Signer) -> tuple[str, str]:
    local, at, domain = tag.rpartition("@")
    domain = domain.lower()
    if not at or not tags.DOMAIN.fullmatch(domain):
        raise ValueError("its i= is no identity")
    if domain != signer.domain and not domain.endswith(f".{signer.domain}"):
        raise ValueError("its i= lies outside of its domain")
    return local, domain


def _number(found: dict[str, str], name: str) -> int | None:
    text = found.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > _LONGEST_NUMBER:
        raise ValueError(f"its {name}= is no number")
    return int(text)
