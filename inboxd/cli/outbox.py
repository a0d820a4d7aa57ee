"""`inboxd outbox`: what inboxd sends, and what it suppressed and why."""

from typing import Any

import click

from inboxd.cli import terminal
from inboxd.cli.group import Group
from inboxd.cli.session import Session


@click.group("outbox", cls=Group)
def command() -> None:
    """Look at what inboxd sends."""


@command.command("list")
@click.pass_obj
def list_(session: Session) -> None:
    """List what waits to be sent, what was sent, and what was suppressed and why."""
    items = session.call("outbox.list")
    if session.out.json:
        for item in items:
            session.out.record(item)
    else:
        session.out.text(_table(items))


def _table(items: list[dict[str, Any]]) -> str:
    if not items:
        return "The outbox is empty."
    rows = [
        (item["id"], item["kind"], item["to"], item["ticket"], item["state"], item["reason"], item["subject"])
        for item in items
    ]
    headers = ("ID", "KIND", "TO", "TICKET", "STATE", "REASON", "SUBJECT")
    return terminal.table(headers, rows, limit=terminal.width(), gives=6)
