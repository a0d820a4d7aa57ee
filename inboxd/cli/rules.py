"""`inboxd rules`: validate the rules file."""

from pathlib import Path
from typing import Any

import click

from inboxd.cli.group import Group
from inboxd.cli.session import Session
from inboxd.errors import ConfigurationWrong


@click.group("rules", cls=Group)
def command() -> None:
    """Validate the rules file."""


@command.command("check")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.pass_obj
def check(session: Session, file: Path | None) -> None:
    """Read FILE, default the configured one, and say every mistake in it."""
    if file is not None:
        session.out.show(_load(file), _line)
        return
    settings = session.settings()
    if settings.rules is None:
        raise ConfigurationWrong(f"{settings.path}: names no rules file; name the one to check")
    session.out.show(_load(settings.rules, zone=settings.desk.zone.key), _line)


def _load(file: Path, zone: str | None = None) -> dict[str, Any]:
    from rules.load import load
    from rules.mistakes import MistakesFound

    try:
        rules = load(file, zone=zone)
    except MistakesFound as found:
        raise ConfigurationWrong(str(found), found.mistakes) from found
    count = sum(len(section.rules) for section in rules.sections)
    return {"file": str(file), "rules": count, "sections": len(rules.sections), "error": None}


def _line(result: dict[str, Any]) -> str:
    return f"{result['file']}: {result['rules']} rules in {result['sections']} sections, no mistakes"
