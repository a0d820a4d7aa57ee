"""`inboxd check`: everything that would keep inboxd from working, one line each; changes nothing."""

from collections.abc import Iterable
from dataclasses import asdict
from itertools import chain
from typing import TYPE_CHECKING

import click

from inboxd.cli import terminal
from inboxd.cli.group import Command
from inboxd.cli.session import Session
from inboxd.errors import ConfigurationWrong

if TYPE_CHECKING:
    from inboxd.preflight import Finding


@click.command("check", cls=Command)
@click.option("--send-test", metavar="ADDR", help="Send a mail there from each address of ours; report the results.")
@click.pass_obj
def command(session: Session, send_test: str | None) -> int:
    """Look for everything that would keep inboxd from working.

    Configuration, rules, accounts, secret files, certificate, folders, ports, speech model and the store's schema: one
    line for each finding. Changes nothing. --send-test tries every From, and the null sender, with a mail. Exit 78: a
    file is wrong; 1: something else needs a person; 0 otherwise, warnings included.
    """
    from inboxd import preflight

    session.log_as("console", "warning")
    try:
        settings = session.settings()
    except ConfigurationWrong as error:
        return _report(session, preflight.of_configuration(error, session.config_path()))
    read = preflight.Finding(level="ok", what="configuration without mistakes", place=str(settings.path))
    return _report(session, chain([read], preflight.everything(settings, send_test_to=send_test)))


def _report(session: Session, findings: Iterable["Finding"]) -> int:
    worst = 0
    for finding in findings:
        bad = finding.level in ("wrong", "failed")
        if finding.level == "wrong":
            worst = ConfigurationWrong.exit_code
        elif finding.level == "failed":
            worst = worst or 1
        if session.out.json:
            session.out.record({**asdict(finding), "error": str(finding) if bad else None})
        if bad:
            session.out.complain(terminal.one_line(finding))
        elif not session.out.json:
            session.out.text(f"{finding.level:<8} {terminal.one_line(finding)}")
    return worst
