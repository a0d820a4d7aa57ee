"""`inboxd tickets watch`: what happens, as it happens."""

from typing import Any

import click

from inboxd.cli import terminal, ticket_table, times
from inboxd.cli.group import Command
from inboxd.cli.session import Session

_WAIT_SECONDS = 20  # one question's patience; asked again until somebody ends it


@click.command("watch", cls=Command)
@click.pass_obj
def watch(session: Session) -> None:
    """Show what happens on tickets as it happens, one line an event, until ^C.

    With --json each line is an event with its ticket: at, actor, what, why, ticket.
    """
    with session.backend() as backend:
        page = backend.call("tickets.watch", {})
        session.out.hint("Watching. ^C ends it.")
        while True:
            place = {"after": page["after"], "missing": page["missing"]}
            page = backend.call("tickets.watch", {**place, "wait_seconds": _WAIT_SECONDS})
            for event in page["events"]:
                session.out.show(event, lambda each: _line(each, session))


def _line(event: dict[str, Any], session: Session) -> str:
    ticket = event["ticket"]
    why = f" ({event['why']})" if event["why"] else ""
    at = times.shown(event["at"], session.zone())
    who = ticket_table.who(ticket)
    return terminal.one_line(
        f"{at}  {ticket['ref']}  {ticket['priority']}  {who}  {event['actor']}: {event['what']}{why}"
    )
