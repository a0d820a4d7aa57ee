"""Tests that stand in a rules file: a mail or a call in a few keys, and what is to be decided about it."""

from dataclasses import dataclass

from rules.facts import Facts

# As `rules.expectations` writes what is wanted and what came out.
Value = str | bool | int | tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One key of `expect`: what is wanted, as `rules.expectations` writes it."""

    key: str
    line: int
    wanted: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTest:
    """One test. `facts` without what the mail claims of itself, unless the test says so (`claims_given`)."""

    name: str
    file: str
    line: int
    facts: Facts
    claims_given: bool = False
    expected: tuple[Expectation, ...]
