"""What is proven, by what: the results of all checks of one mail, and the verdict that follows from them."""

from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from inboxd.signatures.records import LOCATING

Verdict = Literal["authenticated", "unverified", "failed", "unknown", "none"]
Method = Literal["dkim", "spf", "arc", "authentication-results"]
CheckName = Literal["dkim", "spf", "dmarc", "arc", "authentication-results"]


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
        """Return it as the `authentication` that tickets show."""
        return {name: getattr(self, name) for name in _NAMES}


_NAMES = tuple(field.name for field in fields(Authentication))


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check: its RFC 8601 word, a sentence for people, and the records of the DNS that gave it.

    A record is written as `name TXT "text"`. `proves`: this check alone proves the author. `waits`: it could not be
    made now, and its result would matter. `leaves_open`: fields that name a ticket and that its proof does not cover:
    anybody may have written them.
    """

    name: CheckName
    result: str | None
    sentence: str
    records: tuple[str, ...] = ()
    proves: bool = False
    waits: bool = False
    leaves_open: frozenset[str] = frozenset()

    def to_json(self) -> dict[str, Any]:
        """Return it as it stands in a trace."""
        return {
            "check": self.name,
            "result": self.result,
            "sentence": self.sentence,
            "records": list(self.records),
            "proves": self.proves,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All checks of one mail. `disowned` is a sentence when the author's domain says that the mail is not its own."""

    checks: tuple[Check, ...] = ()
    disowned: str | None = None

    @property
    def proof(self) -> Check | None:
        """The check that proves the author, None when none does."""
        return next((check for check in self.checks if check.proves), None)

    @property
    def leaves_open(self) -> frozenset[str]:
        """Which fields no check that proves the author covers; nothing is proven: none of them is."""
        proofs = [check.leaves_open for check in self.checks if check.proves]
        return frozenset(LOCATING) if not proofs else frozenset.intersection(*proofs)

    @property
    def wait(self) -> bool:
        """Whether a later look may prove what this one could not."""
        return self.proof is None and any(check.waits for check in self.checks)

    def for_good(self) -> "Findings":
        """Return them as those of the last look."""
        return replace(self, checks=tuple(replace(each, waits=False) for each in self.checks))

    def word(self, name: CheckName) -> str | None:
        """Return the result of a check; None where it was not made."""
        return next((check.result for check in self.checks if check.name == name), None)

    def to_json(self) -> list[dict[str, Any]]:
        """Return the checks as they stand in a trace."""
        return [check.to_json() for check in self.checks]


def record(name: str, text: str) -> str:
    """Write a TXT record for people; a long one (a key) is cut."""
    return f'{name} TXT "{text if len(text) <= 300 else text[:299] + "…"}"'
