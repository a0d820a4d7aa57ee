"""The desk's own names for the four priorities: `priorities: {1: urgent, 2: medium, 3: low}`.

Rules decide in the four, whatever they are called: the law about mail, clocks and the order of work know no others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rules.decision import PRIORITIES, Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Own names and the priority each stands for, one name for each; empty: the four are called what they are."""

    own: Mapping[str, Priority] = field(default_factory=dict)

    def name(self, priority: Priority) -> str:
        """What the desk calls a priority; one that it has no name for keeps its own."""
        return next((name for name, meant in self.own.items() if meant == priority), priority)

    def read(self, text: str) -> Priority | None:
        """The priority of an own name or of one of the four words; None for anything else."""
        if text in self.own:
            return self.own[text]
        return next((priority for priority in PRIORITIES if priority == text), None)

    @property
    def names(self) -> tuple[str, ...]:
        """What may be written for a priority, as mistakes tell it."""
        return tuple(self.own) or PRIORITIES
