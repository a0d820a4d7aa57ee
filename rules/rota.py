"""Who is on call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Rota:
    """`oncall` of a rules file: the people who can be reached, by name."""

    people: Mapping[str, Any] = field(default_factory=dict)

    def who(self, at: datetime) -> str | None:
        """Who has the duty at `at` (aware); None where nobody has."""
        del at
        return None
