"""What the author's domain has published about its mail (RFC 7489): found, read, and how it is meant."""

from dataclasses import dataclass, replace
from typing import Final, Literal

from inboxd.authentication.alignment import Mode
from inboxd.authentication.records import record
from inboxd.public_suffix import organisational
from inboxd.resolver import Answer, Asker, Kind

Disposition = Literal["none", "quarantine", "reject"]
_EXISTENCE: Final[tuple[Kind, ...]] = ("MX", "A", "AAAA")
"""Without any of these a domain does not exist (RFC 9091 2.7)."""
_DISPOSITIONS: Final[dict[str, Disposition]] = {"none": "none", "quarantine": "quarantine", "reject": "reject"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainPolicy:
    """The policy that holds for an author's domain. Without one (`none`, `temperror`) relaxed alignment is meant.

    `wanted` is what the domain asks receivers to do with mail that is not its own, `nowhere` what of domains below it
    that do not exist, if it says so. pct= is left aside: a lottery is neither trust nor distrust.
    """

    outcome: Literal["found", "none", "temperror"]
    wanted: Disposition = "none"
    dkim: Mode = "relaxed"
    spf: Mode = "relaxed"
    nowhere: Disposition | None = None
    records: tuple[str, ...] = ()
    reason: str | None = None


def discover(asker: Asker, domain: str) -> DomainPolicy:
    """Find the policy of an author's domain, or of the domain it belongs to (RFC 7489 6.6.3, RFC 9091 2.7 for np=)."""
    own = asker.ask(f"_dmarc.{domain}", "TXT")
    found = _read(own, f"_dmarc.{domain}", inherited=False)
    owner = organisational(domain)
    if found.outcome != "none" or owner is None or owner == domain:
        return found
    above = _read(asker.ask(f"_dmarc.{owner}", "TXT"), f"_dmarc.{owner}", inherited=True)
    if above.nowhere is None or any(asker.ask(domain, kind).outcome != "none" for kind in _EXISTENCE):
        return above
    return replace(above, wanted=above.nowhere)


def _read(answer: Answer, name: str, *, inherited: bool) -> DomainPolicy:
    if answer.outcome == "temperror":
        return DomainPolicy(outcome="temperror", reason=answer.reason)
    policies = [text for text in answer.records if _is_policy(text)]
    if len(policies) != 1:  # of several, none holds (6.6.3, 5)
        return DomainPolicy(outcome="none", records=tuple(record(name, text) for text in policies))
    tags = _tags(policies[0])
    shown = (record(name, policies[0]),)
    asked = tags.get("sp", tags.get("p", "")) if inherited else tags.get("p", "")
    wanted = _DISPOSITIONS.get(asked)
    if wanted is None or tags.get("p", "") not in _DISPOSITIONS:
        if "rua" not in tags:
            return DomainPolicy(outcome="none", records=shown)
        wanted = "none"  # 6.6.3, 6: a policy that cannot be read, of somebody who wants reports
    return DomainPolicy(
        outcome="found",
        wanted=wanted,
        dkim="strict" if tags.get("adkim") == "s" else "relaxed",
        spf="strict" if tags.get("aspf") == "s" else "relaxed",
        nowhere=_DISPOSITIONS.get(tags.get("np", "")) if inherited else None,
        records=shown,
    )


def _is_policy(text: str) -> bool:
    name, _, value = text.partition(";")[0].partition("=")
    return (name.strip().lower(), value.strip()) == ("v", "DMARC1")


def _tags(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for piece in text.split(";"):
        name, equals, value = piece.partition("=")
        if equals:
            found.setdefault(name.strip().lower(), value.strip().lower())
    return found
