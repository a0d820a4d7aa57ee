"""An address to answer to that names its ticket: `support+t482137.k3j5ghq2w7xv4m2p@example.com` (RFC 5233).

The letters are a message authentication code: who does not have the store's key can neither make one nor turn one into
another's. It tells which ticket is meant, whatever a mail program does to subject and headers; it opens nothing by
itself, for addresses are passed on. Who may write to a ticket is asked as for any other reference (`join_ticket`).
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import Final

from store import references

_TOKEN: Final = re.compile(r"([^+@\s]{1,200})\+t(\d{6,19})\.([a-z2-7]{16})@([^@\s]{1,255})", re.IGNORECASE)
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*/=?^_`{|}~.-]+")
# RFC 5321 4.5.3.1.1.
_LONGEST_LOCAL: Final = 64
_BYTES: Final = 10


def address(desk: str, ref: str, key: bytes) -> str | None:
    """Give the address of the desk that names a ticket; None where the desk's own leaves no room for that."""
    local, _, domain = desk.rpartition("@")
    digits = ref.replace("-", "")
    named = f"{local}+t{digits}.{_code(digits, key)}"
    if _LOCAL.fullmatch(local) is None or len(named) > _LONGEST_LOCAL:
        return None
    return f"{named}@{domain}"


def refs(addresses: Iterable[str], key: bytes) -> list[str]:
    """Give the references that addresses name and whose code holds, each once."""
    found: dict[str, None] = {}
    for each in addresses:
        match = _TOKEN.fullmatch(each)
        if match is None or not hmac.compare_digest(match[3].lower(), _code(match[2], key)):
            continue
        if (ref := references.normalise(match[2])) is not None:
            found[ref] = None
    return list(found)


def is_one(address: str) -> bool:
    """Whether an address has the form of one that names a ticket. It is no proof."""
    return _TOKEN.fullmatch(address) is not None


def desk_of(address: str) -> str:
    """Give the desk's address that one with a token stands for; any other as it is."""
    match = _TOKEN.fullmatch(address)
    return address if match is None else f"{match[1]}@{match[4]}"


def canary(address_key: str, at: int, key: bytes) -> str:
    """Sign the mail that the desk sends to an address of its own at `at` (ms): the time, a dot, 16 letters."""
    return f"{at}.{_signed(f'canary {address_key} {at}', key)}"


def _code(digits: str, key: bytes) -> str:
    return _signed(f"reply {digits}", key)


def _signed(what: str, key: bytes) -> str:
    mac = hmac.new(key, what.encode(), hashlib.sha256).digest()[:_BYTES]
    return base64.b32encode(mac).decode().lower()
