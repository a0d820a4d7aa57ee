"""What the DNS said, as plain data."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["TXT", "A", "AAAA", "MX", "PTR"]
Outcome = Literal["found", "none", "temperror", "permerror"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to one question.

    `found` has records. `none`: the name does not exist, or has no record of the kind. `temperror`: ask again later.
    `permerror`: what stands there cannot be used (a loop of CNAMEs, more data than a record may have). `reason` is one
    sentence for the last two. Records are text: TXT with its strings joined and each octet as the character of the same
    number, addresses, host names in lower case without the last dot; those of MX the most preferred first.
    """

    outcome: Outcome
    records: tuple[str, ...] = ()
    reason: str | None = None
