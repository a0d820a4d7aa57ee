"""The verdict on a mail, in the words of docs/trust.md: never more than is proven, and why, in a sentence."""

from typing import Final

from inboxd.authentication.records import Authentication, Findings, Method, Verdict
from inboxd.identity.identify import Identity

_METHODS: Final[dict[str, Method]] = {
    "dkim": "dkim",
    "spf": "spf",
    "arc": "arc",
    "authentication-results": "authentication-results",
}


def of_mail(identity: Identity, findings: Findings) -> Authentication:
    """Judge a mail by who it seems to be from and what was found about it."""
    address = identity.address
    if identity.deception is not None:
        return _judged("failed", address, identity.deception, findings)
    if address is None:
        reason = f"It cannot be said who wrote: {identity.evidence[0]}." if identity.evidence else "No author."
        return Authentication(verdict="unverified" if identity.claims_an_address_on_file else "unknown", reason=reason)
    proof = findings.proof
    if proof is None and findings.disowned is not None:
        return _judged("failed", address, findings.disowned, findings)
    if not identity.matches:
        reason = f"{address} is not on file. {identity.imitates or ''}".strip()
        return _judged("unknown", address, reason, findings)
    if proof is None:
        return _judged("unverified", address, _unproven(address, findings), findings)
    reason = f"{address} is on file, and proven: {proof.sentence}"
    return _judged("authenticated", address, reason, findings, method=_METHODS[proof.name])


def _judged(
    verdict: Verdict, address: str | None, reason: str, findings: Findings, *, method: Method | None = None
) -> Authentication:
    return Authentication(
        verdict=verdict,
        method=method,
        address=address,
        reason=reason,
        spf=findings.word("spf"),
        dkim=findings.word("dkim"),
        dmarc=findings.word("dmarc"),
        arc=findings.word("arc"),
    )


def of_forward(identity: Identity, staff: str) -> Authentication:
    """Judge a mail that staff sent on: they are proven, and who wrote it first is only said."""
    on_file = bool(identity.matches)
    return Authentication(
        verdict="unverified" if on_file else "unknown",
        address=identity.address,
        reason=f"{staff} is proven and sent it on; nothing proves that {identity.address} wrote it.",
    )


def of_voicemail() -> Authentication:
    """Judge a call: caller ID identifies, it never authenticates."""
    return Authentication(verdict="none", reason="A caller ID is claimed by the caller's network and proves nothing.")


def _unproven(address: str, findings: Findings) -> str:
    start = f"{address} is on file, and nothing proves that the message comes from it"
    if not findings.checks:
        return f"{start}."
    told = " ".join(check.sentence for check in findings.checks if check.name != "dmarc" and check.result != "none")
    later = " It will be looked at again." if findings.wait else ""
    return f"{start}. {told}{later}" if told else f"{start}.{later}"
