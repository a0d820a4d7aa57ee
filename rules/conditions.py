"""Conditions: what a rule wants of a message, as a tree of `all`, `any`, `not` and single tests.

Each condition knows three things beside its answer: what to show of itself in a trace, what it can be of a mail whose
other facts are unknown (`on_mail`, for the law about priority), and by which facts it could be found without being
asked (`gate`, for long sections).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, assert_never

from rules.decision import ConditionTrace, Shown
from rules.view import View

OnMail = Literal["always", "never", "depends"]
Key = tuple[str, str]
# A test's value for a message, and whether it is what was wanted. What was wanted is given as the test's reader left
# it: all tests of one kind share one function, for a file can hold many thousand tests.
Look = Callable[[View, Any], tuple[Shown, bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One test: a key with what it wants. `given` is what `look` goes by.

    filed: the words of which one must be true of the message for the test to hold; None where no list of words says so.
    """

    __test__ = False  # no test of pytest's

    name: str
    line: int
    wanted: Shown
    look: Look
    given: Any
    mail: OnMail = "depends"
    filed: tuple[str, ...] | None = None

    def ask(self, view: View) -> tuple[Shown, bool]:
        """The test's value for a message, and whether it is what was wanted."""
        return self.look(view, self.given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`all`, `any` or `not` of other conditions; `not` has one part."""

    kind: Literal["all", "any", "not"]
    line: int
    parts: "tuple[Condition, ...]"


Condition = Test | Group


def holds(condition: Condition, view: View) -> bool:
    """Whether the condition is true of the message."""
    if isinstance(condition, Test):
        return condition.ask(view)[1]
    match condition.kind:
        case "all":
            return all(holds(part, view) for part in condition.parts)
        case "any":
            return any(holds(part, view) for part in condition.parts)
        case "not":
            return not holds(condition.parts[0], view)
        case _:
            assert_never(condition.kind)


def trace(condition: Condition, view: View) -> ConditionTrace:
    """The condition with every value it looked at; nothing is cut short, so that the whole can be read."""
    if isinstance(condition, Test):
        value, held = condition.look(view, condition.given)
        return ConditionTrace(
            test=condition.name, line=condition.line, wanted=condition.wanted, value=value, holds=held
        )
    parts = tuple([trace(part, view) for part in condition.parts])
    held_parts = [part.holds for part in parts]
    match condition.kind:
        case "all":
            held = all(held_parts)
        case "any":
            held = any(held_parts)
        case "not":
            held = not held_parts[0]
        case _:
            assert_never(condition.kind)
    return ConditionTrace(test=condition.kind, line=condition.line, wanted=None, value=None, holds=held, parts=parts)


def on_mail(condition: Condition | None) -> OnMail:
    """What the condition is of a mail of which nothing else is known.

    "always" and "never" are certain; "depends" is everything else, so a rule is never taken for safer than it is.
    """
    if condition is None:
        return "always"
    if isinstance(condition, Test):
        return condition.mail
    parts = {on_mail(part) for part in condition.parts}
    match condition.kind:
        case "all":
            return _combined(parts, decides="never", otherwise="always")
        case "any":
            return _combined(parts, decides="always", otherwise="never")
        case "not":
            opposite: dict[OnMail, OnMail] = {"always": "never", "never": "always", "depends": "depends"}
            return opposite[parts.pop()]
        case _:
            assert_never(condition.kind)


def _combined(parts: set[OnMail], *, decides: OnMail, otherwise: OnMail) -> OnMail:
    if decides in parts:
        return decides
    return "depends" if "depends" in parts else otherwise


def gate(condition: Condition | None) -> frozenset[Key] | None:
    """Keys of which one must be true of the message for the condition to hold; None when there is no such set."""
    if condition is None:
        return None
    if isinstance(condition, Test):
        return None if condition.filed is None else frozenset((condition.name, word) for word in condition.filed)
    gates = [gate(part) for part in condition.parts]
    match condition.kind:
        case "all":
            known = [one for one in gates if one is not None]
            return min(known, key=len) if known else None
        case "any":
            if any(one is None for one in gates):
                return None
            return frozenset().union(*(one for one in gates if one is not None))
        case "not":
            return None
        case _:
            assert_never(condition.kind)
