"""`inboxd rules`: read the rules file, run its tests."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inboxd.cli import rules_file, rules_graph, rules_page, rules_simulate, rules_try
from inboxd.cli.group import Group
from inboxd.cli.session import Session
from inboxd.errors import InboxdError

if TYPE_CHECKING:
    from rules.findings import Finding
    from rules.mistakes import Mistake


@click.group("rules", cls=Group)
def command() -> None:
    """Check the rules file, test it, try it out."""


@command.command("check")
@rules_file.argument
@click.pass_obj
def check(session: Session, file: Path | None) -> None:
    """Read FILE (default: the configured one) and report every mistake in it; then run its tests.

    With a configuration (-c, $INBOXD_CONFIG, or no FILE) the templates that rules name must be there, too.

    What loads and is odd all the same is a warning: rules that can never hold, or that never come to decide, and rules
    that contradict each other; with a configuration also accounts, roles, plans, queues and people that nobody has.
    """
    from rules.findings import findings

    rules = rules_file.read(session, file)
    names = rules_file.odd_names(session, file, rules)
    odd = findings(rules)
    for each in (*odd, *names):
        session.out.hint(f"warning  {each}")
    results = rules_file.run_tests(rules)
    failed = sum(not result["holds"] for result in results)
    session.out.show(
        {
            "file": rules.file,
            "rules": sum(len(section.rules) for section in rules.sections),
            "sections": len(rules.sections),
            "tests": len(results),
            "warnings": [*(_warning(each) for each in odd), *(_warning(each, each.column) for each in names)],
            "error": None if not failed else _told(failed, results),
        },
        _line,
    )
    _demand(results, "; `inboxd rules test` shows what and why")


@command.command("test")
@rules_file.argument
@click.pass_obj
def test(session: Session, file: Path | None) -> None:
    """Run the tests in FILE (default: the configured one); needs neither network nor store.

    One line for each test; for one that fails, what was wanted, what came, and the rule behind it.
    """
    rules = rules_file.read(session, file)
    results = rules_file.run_tests(rules)
    for result in results:
        session.out.show(result, rules_page.test_result)
    if not results and not session.out.json:
        session.out.hint(f"{rules.file} has no tests yet: docs/rules.md shows how they are written")
    _demand(results)


def _warning(each: "Finding | Mistake", column: int | None = None) -> dict[str, Any]:
    return {"file": each.file, "line": each.line, "column": column, "message": each.message}


def _demand(results: list[dict[str, Any]], hint: str = "") -> None:
    failed = sum(not result["holds"] for result in results)
    if failed:
        raise InboxdError(f"{_told(failed, results)}{hint}")


def _told(failed: int, results: list[dict[str, Any]]) -> str:
    return f"{failed} of {rules_page.counted(len(results), 'test')} failed"


def _line(result: dict[str, Any]) -> str:
    rules, sections, tests = (
        rules_page.counted(result[key], one)
        for key, one in (("rules", "rule"), ("sections", "section"), ("tests", "test"))
    )
    return f"{result['file']}: {rules} in {sections}, no mistakes; {tests}"


command.add_command(rules_try.command)
command.add_command(rules_simulate.command)
command.add_command(rules_graph.command)
