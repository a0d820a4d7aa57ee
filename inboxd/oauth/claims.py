"""What an access token says of itself, where it is a JWT. Unverified: good for a message, never for a decision."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any, Final

_LARGEST: Final = 64 * 1024
_PARTS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a token is for. `permissions` None: it does not say; `by` is who signed in, empty for an application."""

    permissions: frozenset[str] | None
    by: str
    audience: str


def claims_of(token: str) -> Claims | None:
    """Read a token's claims; None where it is no JWT, as at Google."""
    parts = token.split(".")
    if len(parts) != _PARTS or len(token) > _LARGEST:
        return None
    try:
        payload = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    if not isinstance(payload, dict):
        return None
    return Claims(
        permissions=_permissions(payload),
        by=_text(payload, "upn", "unique_name", "email"),
        audience=_text(payload, "aud"),
    )


def _permissions(payload: dict[str, Any]) -> frozenset[str] | None:
    # A person's stand in `scp` (Microsoft) or `scope` (RFC 9068), an application's in `roles`.
    for key in ("scp", "scope"):
        if isinstance(payload.get(key), str):
            return frozenset(payload[key].split())
    roles = payload.get("roles")
    return frozenset(role for role in roles if isinstance(role, str)) if isinstance(roles, list) else None


def _text(payload: dict[str, Any], *keys: str) -> str:
    found = (payload.get(key) for key in keys)
    return next((value for value in found if isinstance(value, str) and value.isprintable()), "")
