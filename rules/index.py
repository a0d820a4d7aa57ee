"""Long sections: which rules can hold at all, without asking each.

Most rules of a long list hang on a word, an account or an address. Those are filed under it, and a message is shown
only the rules filed under what is true of it, and the few that hang on nothing of the kind.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rules.conditions import Condition, Key, gate
from rules.view import View

# Shorter sections are asked rule by rule, so that the trace shows each one.
LONG = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionIndex:
    """Positions of rules by the key that must be true for them, and of the rules without one."""

    by_key: dict[Key, tuple[int, ...]]
    always: tuple[int, ...]
    kinds: frozenset[str]

    def candidates(self, view: View) -> list[int]:
        """The positions of the rules that could hold, in order."""
        found = set(self.always)
        for key in _keys(view, self.kinds):
            found.update(self.by_key.get(key, ()))
        return sorted(found)


def build(conditions: Sequence[Condition | None]) -> SectionIndex | None:
    """The index of a section's conditions in order; None for a short section."""
    if len(conditions) <= LONG:
        return None
    by_key: dict[Key, list[int]] = {}
    always: list[int] = []
    for position, condition in enumerate(conditions):
        keys = gate(condition)
        if keys is None:
            always.append(position)
        else:
            for key in keys:
                by_key.setdefault(key, []).append(position)
    return SectionIndex(
        by_key={key: tuple(positions) for key, positions in by_key.items()},
        always=tuple(always),
        kinds=frozenset(kind for kind, _ in by_key),
    )


def _keys(view: View, kinds: frozenset[str]) -> list[Key]:
    """What is true of the message, of the kinds that this section is filed by."""
    facts = view.facts
    keys: list[Key] = []
    if "says" in kinds:
        keys += [("says", name) for name in view.said]
    if "subject" in kinds:
        keys += [("subject", name) for name in view.said_in_subject]
    for kind, value in (
        ("account.id", facts.account_id),
        ("account.plan", facts.account_plan),
        ("contact.role", facts.contact_role),
        ("line", view.line),
    ):
        if kind in kinds and value is not None:
            keys.append((kind, value))
    return keys
