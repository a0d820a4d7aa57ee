"""`inboxd rules`: read the rules file, run its tests."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inboxd.cli import rules_page
from inboxd.cli.group import Group
from inboxd.cli.session import Session
from inboxd.errors import ConfigurationWrong, InboxdError

if TYPE_CHECKING:
    from rules.ruleset import RuleSet

_file = click.argument("file", required=False, type=click.Path(path_type=Path))


@click.group("rules", cls=Group)
def command() -> None:
    """Check the rules file, test it, try it out."""


@command.command("check")
@_file
@click.pass_obj
def check(session: Session, file: Path | None) -> None:
    """Read FILE, default the configured one, and say every mistake in it; then run its tests."""
    rules = _load(session, file)
    results = _run(rules)
    failed = sum(not result["holds"] for result in results)
    session.out.show(
        {
            "file": rules.file,
            "rules": sum(len(section.rules) for section in rules.sections),
            "sections": len(rules.sections),
            "tests": len(results),
            "error": None if not failed else f"{failed} of {len(results)} tests come out otherwise",
        },
        _line,
    )
    _demand(results)


@command.command("test")
@_file
@click.pass_obj
def test(session: Session, file: Path | None) -> None:
    """Run the tests that stand in FILE, default the configured one: without network, without the store.

    One line for each test; of one that comes out otherwise what was wanted, what came, and the rule behind it.
    """
    rules = _load(session, file)
    results = _run(rules)
    for result in results:
        session.out.show(result, rules_page.test_result)
    if not results and not session.out.json:
        session.out.hint(f"{rules.file} has no tests yet: docs/rules.md shows how they are written")
    _demand(results)


def _run(rules: "RuleSet") -> list[dict[str, Any]]:
    from inboxd.message.urgency import in_words
    from rules.file_tests import run

    return [result.to_json() for result in run(rules, in_words)]


def _demand(results: list[dict[str, Any]]) -> None:
    failed = sum(not result["holds"] for result in results)
    if failed:
        raise InboxdError(f"{rules_page.counted(failed, 'test')} of {len(results)} came out otherwise")


def _load(session: Session, file: Path | None) -> "RuleSet":
    from rules.load import load
    from rules.mistakes import MistakesFound

    zone = None
    if file is None:
        settings = session.settings()
        if settings.rules is None:
            raise ConfigurationWrong(f"{settings.path}: names no rules file; name the one to read")
        file, zone = settings.rules, settings.desk.zone.key
    try:
        return load(file, zone=zone)
    except MistakesFound as found:
        raise ConfigurationWrong(str(found), found.mistakes) from found


def _line(result: dict[str, Any]) -> str:
    rules, sections, tests = (
        rules_page.counted(result[key], one)
        for key, one in (("rules", "rule"), ("sections", "section"), ("tests", "test"))
    )
    return f"{result['file']}: {rules} in {sections}, no mistakes; {tests}"
