"""Running the tests that stand in a rules file: each is decided, and what differs from what was expected is told."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rules.decide import decide
from rules.expectations import EXPECTATIONS, Outcome, clock
from rules.facts import Urgency
from rules.file_test import Expectation, FileTest, Value

if TYPE_CHECKING:
    from rules.ruleset import RuleSet

# What a mail claims of its own urgency, read from subject and body: how that is read is not the rules' matter.
Claims = Callable[[str, str], Urgency | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that was decided otherwise; `because` is the rule, or the arithmetic, that gave it."""

    key: str
    line: int
    wanted: Value
    got: Value
    because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """How one test came out: it holds when there is no difference."""

    __test__ = False  # no test of pytest's

    test: str
    file: str
    line: int
    differences: tuple[Difference, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether everything was decided as expected."""
        return not self.differences

    def to_json(self) -> dict[str, Any]:
        """The result as JSON values."""
        return {
            "test": self.test,
            "file": self.file,
            "line": self.line,
            "holds": self.holds,
            "differences": [
                {
                    "key": each.key,
                    "line": each.line,
                    "wanted": _json(each.wanted),
                    "got": _json(each.got),
                    "because": each.because,
                }
                for each in self.differences
            ],
        }


def as_written(value: Any) -> str:
    """Return a value of a test, or of its JSON, as it would stand in the file."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(str, value))}]"
    return str(value)


def _json(value: Value) -> Any:
    return list(value) if isinstance(value, tuple) else value


def run(ruleset: "RuleSet", claims: Claims) -> Iterable[TestResult]:
    """Run the tests of the file, in its order."""
    for test in ruleset.tests:
        yield run_one(ruleset, test, claims)


def run_one(ruleset: "RuleSet", test: FileTest, claims: Claims) -> TestResult:
    """Decide what the test gives, and compare."""
    facts = test.facts
    if facts.channel == "email" and not test.claims_given:
        facts = replace(facts, claimed_urgency=claims(facts.subject, facts.text))
    decision = decide(ruleset, facts)
    outcome = Outcome(ruleset=ruleset, facts=facts, decision=decision)
    differences = tuple(found for one in test.expected if (found := _compare(one, outcome)) is not None)
    return TestResult(test=test.name, file=test.file, line=test.line, differences=differences)


def _compare(one: Expectation, outcome: Outcome) -> Difference | None:
    known = EXPECTATIONS.get(one.key) or clock(one.key)
    got = known.look(outcome)
    if known.same(one.wanted, got):
        return None
    return Difference(
        key=one.key, line=one.line, wanted=one.wanted, got=got, because=known.because(one.key, outcome) or None
    )
