"""Reading a rules file for a command, and running the tests that stand in it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inboxd.cli.session import Session
from inboxd.errors import ConfigurationWrong

if TYPE_CHECKING:
    from rules.mistakes import Mistake
    from rules.ruleset import RuleSet

argument = click.argument("file", required=False, type=click.Path(path_type=Path))


def read(session: Session, file: Path | None, *, of_desk: bool = False) -> "RuleSet":
    """Read a rules file, by default the configured one. Raises ConfigurationWrong with every mistake.

    A file that names no zone is in that of the desk, where one is configured; `of_desk`: there is one, by default's
    configuration as well.
    """
    from rules.load import load
    from rules.mistakes import MistakesFound

    zone = None
    if file is None or of_desk or session.chosen_config() is not None:
        settings = session.settings()
        zone = settings.desk.zone.key
        file = file or settings.rules
        if file is None:
            raise ConfigurationWrong(f"{settings.path}: names no rules file; name the one to read")
    try:
        return load(file, zone=zone)
    except MistakesFound as found:
        raise ConfigurationWrong(str(found), found.mistakes) from found


def odd_names(session: Session, file: Path | None, rules: "RuleSet") -> "tuple[Mistake, ...]":
    """Hold the rules to what there is at the desk, where one is configured; return a warning for each name of nobody.

    Raises ConfigurationWrong for templates and greetings that are not there and for plans of accounts that the rules
    do not know: a reload would refuse them. A file for itself names what nobody knows here.
    """
    if file is not None and session.chosen_config() is None:
        return ()
    from inboxd import accounts, templates
    from inboxd.policy import greetings
    from inboxd.policy.names import of_nobody
    from inboxd.preflight import Finding, on_file

    settings = session.settings()
    wanted = settings.templates
    missing = list(templates.missing(rules, templates.load(wanted.folder, wanted.language)))
    if settings.twilio is not None:
        missing += greetings.missing(rules, greetings.load(wanted.greetings))
    if missing:
        raise ConfigurationWrong("\n".join(map(str, missing)), missing)
    directory = accounts.load(settings.accounts, None if rules.plans is None else frozenset(rules.plans))
    kept = on_file(settings)
    return tuple(of_nobody(rules, settings, None if isinstance(kept, Finding) else directory.with_kept(kept)))


def run_tests(rules: "RuleSet") -> list[dict[str, Any]]:
    """Run the tests that stand in the file; one JSON object for each."""
    from inboxd.message.urgency import in_words
    from rules.file_tests import run

    return [result.to_json() for result in run(rules, in_words)]
