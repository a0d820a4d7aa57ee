"""How far it is proven who wrote: the verdict on a mail, in CONTRACT's words.

Nothing is verified against DNS or keys yet, so nothing is ever `authenticated`: an address on file is `unverified`,
any other `unknown`. The place in a message's path is here, with the shape that the results will fill.
"""

from dataclasses import dataclass, fields
from typing import Any, Literal

from inboxd.identify import Identity

Verdict = Literal["authenticated", "unverified", "failed", "unknown", "none"]
Method = Literal["dkim", "spf", "arc", "authentication-results"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """What is proven, by what. The four results carry words of RFC 8601 2.7, None where a check was not made."""

    verdict: Verdict
    method: Method | None = None
    address: str | None = None
    reason: str
    spf: str | None = None
    dkim: str | None = None
    dmarc: str | None = None
    arc: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return CONTRACT's `authentication` object."""
        return {name: getattr(self, name) for name in _NAMES}


_NAMES = tuple(field.name for field in fields(Authentication))


def of_mail(identity: Identity) -> Authentication:
    """Judge a mail: never more than is proven, and no proof is looked for yet."""
    if identity.address is None:
        on_file = identity.claims_an_address_on_file
        return Authentication(
            verdict="unverified" if on_file else "unknown",
            reason=f"It cannot be said who wrote: {identity.evidence[0]}" if identity.evidence else "No author.",
        )
    if identity.matches:
        return Authentication(
            verdict="unverified",
            address=identity.address,
            reason=f"{identity.address} is on file, and nothing proves that the message comes from it.",
        )
    return Authentication(verdict="unknown", address=identity.address, reason=f"{identity.address} is not on file.")


def of_voicemail() -> Authentication:
    """Judge a call: caller ID identifies, it never authenticates."""
    return Authentication(verdict="none", reason="A caller ID is claimed by the caller's network and proves nothing.")
