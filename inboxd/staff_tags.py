"""The tags that people gave and took, apart from those that rules give: each stands until a person says otherwise.

They are kept in a ticket's `staff_set`, among the names of the fields that a person has set, as `+TAG` and `-TAG`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffTags:
    """`given` are facts for the rules; `taken` stay away, whatever a rule says."""

    given: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()

    @classmethod
    def of(cls, staff_set: Iterable[str]) -> Self:
        """Read them from a ticket's `staff_set`."""
        marks = tuple(staff_set)
        return cls(
            given=tuple(each[1:] for each in marks if each.startswith("+")),
            taken=tuple(each[1:] for each in marks if each.startswith("-")),
        )

    def changed(self, tag: Iterable[str], untag: Iterable[str]) -> "StaffTags":
        """Return them after a person has given and taken some; what is given and taken at once is given."""
        gives = dict.fromkeys(tag)
        takes = [each for each in untag if each not in gives]
        return StaffTags(
            given=(*(each for each in self.given if each not in takes and each not in gives), *gives),
            taken=(*(each for each in self.taken if each not in gives and each not in takes), *takes),
        )

    def mark(self, tag: str) -> str | None:
        """Return `+` for a tag that people gave, `-` for one that they took, None for one that they left alone."""
        return "+" if tag in self.given else "-" if tag in self.taken else None

    def with_mark(self, tag: str, mark: str | None) -> "StaffTags":
        """Return them with another mark at one tag: see `mark`."""
        given, taken = (tuple(each for each in tags if each != tag) for tags in (self.given, self.taken))
        return StaffTags(
            given=(*given, tag) if mark == "+" else given,
            taken=(*taken, tag) if mark == "-" else taken,
        )

    def over(self, decided: Iterable[str]) -> tuple[str, ...]:
        """Return the tags of a ticket: what the rules give and nobody took, then what people gave."""
        return tuple(dict.fromkeys((*(each for each in decided if each not in self.taken), *self.given)))

    def kept(self, staff_set: Iterable[str]) -> tuple[str, ...]:
        """Return a `staff_set` with these tags in place of those that it has."""
        fields = {each for each in staff_set if not each.startswith(("+", "-"))}
        return (*sorted(fields), *(f"+{each}" for each in self.given), *(f"-{each}" for each in self.taken))
