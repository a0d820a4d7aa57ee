"""Access tokens on the wire of a mail server: XOAUTH2, as both providers have it, and OAUTHBEARER (RFC 7628)."""

import base64
import binascii
import json
from collections.abc import Container
from dataclasses import dataclass
from typing import Any, Final, Literal

from inboxd.settings import Provider

Mechanism = Literal["XOAUTH2", "OAUTHBEARER"]

_LONGEST: Final = 200  # characters of a server's own words


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What a server says of a token it does not take: a status, and the scope it wants; empty: it does not say."""

    status: str = ""
    scope: str = ""


def choose(offered: Container[str], provider: Provider | None) -> Mechanism | None:
    """Return the mechanism to use; None: the server has neither.

    The standard one, but at the providers their own: Microsoft has no other, and Google's says more when it refuses.
    """
    order: tuple[Mechanism, ...] = ("XOAUTH2", "OAUTHBEARER") if provider else ("OAUTHBEARER", "XOAUTH2")
    return next((mechanism for mechanism in order if mechanism in offered), None)


def response(mechanism: Mechanism, *, user: str, token: str, host: str, port: int) -> bytes:
    """Return the client's words, before base64."""
    if mechanism == "XOAUTH2":
        return f"user={user}\1auth=Bearer {token}\1\1".encode()
    # RFC 7628 3.1; in the name = and , are spelt out (RFC 5801 4).
    name = user.replace("=", "=3D").replace(",", "=2C")
    return f"n,a={name},\1host={host}\1port={port}\1auth=Bearer {token}\1\1".encode()


def acknowledgement(mechanism: Mechanism) -> bytes:
    """Return what is said to a refusal, so that the server ends the exchange: nothing, or RFC 7628 3.2.3's `^A`."""
    return b"" if mechanism == "XOAUTH2" else b"\1"


def refusal(challenge: bytes) -> Refusal:
    """Read a server's refusal: JSON (RFC 7628 3.2.2), in base64 where nobody has undone that yet. Total."""
    content = challenge.strip()
    if not content.startswith(b"{"):
        try:
            content = base64.b64decode(content, validate=True)
        except (ValueError, binascii.Error):
            return Refusal()
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return Refusal()
    if not isinstance(said, dict):
        return Refusal()
    return Refusal(status=_word(said.get("status")), scope=_word(said.get("scope")))


def _word(value: Any) -> str:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text[:_LONGEST] if text.isprintable() else ""
