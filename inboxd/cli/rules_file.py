"""Reading a rules file for a command, and running the tests that stand in it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inboxd.cli.session import Session
from inboxd.errors import ConfigurationWrong

if TYPE_CHECKING:
    from rules.ruleset import RuleSet

argument = click.argument("file", required=False, type=click.Path(path_type=Path))


def read(session: Session, file: Path | None) -> "RuleSet":
    """Read a rules file, by default the configured one. Raises ConfigurationWrong with every mistake."""
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


def demand_templates(session: Session, file: Path | None, rules: "RuleSet") -> None:
    """Hold the rules to the templates of the desk, where one is configured. Raises ConfigurationWrong.

    A reload would refuse them; what stands in a file for itself names templates that nobody knows here.
    """
    if file is not None and session.chosen_config() is None:
        return
    from inboxd import templates

    wanted = session.settings().templates
    missing = tuple(templates.missing(rules, templates.load(wanted.folder, wanted.language)))
    if missing:
        raise ConfigurationWrong("\n".join(map(str, missing)), missing)


def run_tests(rules: "RuleSet") -> list[dict[str, Any]]:
    """Run the tests that stand in the file; one JSON object for each."""
    from inboxd.message.urgency import in_words
    from rules.file_tests import run

    return [result.to_json() for result in run(rules, in_words)]
