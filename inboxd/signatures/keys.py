"""Public keys as they stand in the DNS (RFC 6376 3.6.1, RFC 8463): read strictly, of a size that is safe and cheap."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Any, Final, Literal

from inboxd.message import tags

SMALLEST_RSA_BITS: Final = 1024
"""RFC 8301 3.2: verifiers must not take shorter ones."""
LARGEST_RSA_BITS: Final = 8192
LARGEST_EXPONENT_BITS: Final = 64
"""Everybody's is 65537; a huge one makes each check expensive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key that may be used. `testing`: t=y; `exact`: t=s, the i= domain must be the d= domain."""

    kind: Literal["rsa", "ed25519"]
    material: Any
    testing: bool
    exact: bool


def read(records: tuple[str, ...]) -> Key:
    """Read the key out of the TXT records under its name. ValueError, in a sentence, where there is none to use."""
    # Names under _domainkey hold other texts, too (wildcards): only what looks like a key is one.
    keys = [record for record in records if "p=" in record.replace(" ", "")]
    if not keys:
        raise ValueError("there is no key under its name in the DNS")
    if len(keys) > 1:
        raise ValueError("several keys stand under its name in the DNS, so none counts")
    try:
        found = tags.parse(keys[0])
    except ValueError as error:
        raise ValueError(f"its key in the DNS cannot be read: {error}") from None
    _check(found, keys[0])
    if not (encoded := "".join(found["p"].split())):
        raise ValueError("its key was withdrawn")
    try:
        material = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise ValueError("its key in the DNS cannot be read: p= is not base64") from None
    flags = {flag.strip() for flag in found.get("t", "").split(":")}
    kind = found.get("k", "rsa")
    if kind == "rsa":
        return Key(kind="rsa", material=_rsa(material), testing="y" in flags, exact="s" in flags)
    if kind == "ed25519":
        return Key(kind="ed25519", material=_ed25519(material), testing="y" in flags, exact="s" in flags)
    raise ValueError("its key is of an unknown kind")


def holds(key: Key, digest: "hashlib._Hash", signature: bytes) -> bool:
    """Whether a signature over a SHA-256 digest was made with the key's other half."""
    if key.kind == "rsa":
        from dkim.crypto import DigestTooLargeError, RSASSA_PKCS1_v1_5_verify

        # RFC 8017 8.2.2, 1: as long as the modulus, leading zeros and all.
        if len(signature) != (key.material["modulus"].bit_length() + 7) // 8:
            return False
        try:
            return bool(RSASSA_PKCS1_v1_5_verify(digest, signature, key.material))
        except DigestTooLargeError:
            return False
    from nacl.exceptions import BadSignatureError

    try:
        key.material.verify(digest.digest(), signature)
    except (BadSignatureError, ValueError):
        return False
    return True


def _check(found: dict[str, str], record: str) -> None:
    if "v" in found and (found["v"] != "DKIM1" or not record.lstrip().startswith("v")):
        raise ValueError("its key in the DNS is of an unknown version")
    if "p" not in found:
        raise ValueError("its key in the DNS holds no key")
    hashes = {each.strip() for each in found.get("h", "sha256").split(":")}
    if "sha256" not in hashes:
        raise ValueError("its key is not for SHA-256")
    services = {each.strip() for each in found.get("s", "*").split(":")}
    if not services & {"*", "email"}:
        raise ValueError("its key is not for mail")


def _rsa(material: bytes) -> dict[str, int]:
    from dkim.crypto import UnparsableKeyError, parse_public_key

    try:
        key: dict[str, int] = parse_public_key(material)
    except (UnparsableKeyError, AssertionError, IndexError):
        raise ValueError("its key in the DNS cannot be read") from None
    bits = key["modulus"].bit_length()
    if bits < SMALLEST_RSA_BITS:
        raise ValueError(f"its key has {bits} bits, and whoever wants to can find the other half of one below 1024")
    if bits > LARGEST_RSA_BITS or key["publicExponent"].bit_length() > LARGEST_EXPONENT_BITS:
        raise ValueError("its key is larger than any honest one")
    if key["publicExponent"] < 3 or not key["publicExponent"] % 2 or not key["modulus"] % 2:
        raise ValueError("its key is no RSA key")
    return key


def _ed25519(material: bytes) -> Any:
    from nacl.signing import VerifyKey

    if len(material) != 32:
        raise ValueError("its key in the DNS is no Ed25519 key")
    return VerifyKey(material)
