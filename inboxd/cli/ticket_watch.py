"""`inboxd tickets watch`: what happens, as it happens."""

import time
from typing import Any, Final

import click

from inboxd.cli import terminal, ticket_table, times
from inboxd.cli.group import Command
from inboxd.cli.session import Session
from inboxd.errors import TryLater

_WAIT_SECONDS: Final = 20  # one question's patience; asked again until somebody ends it

_AWAY_SECONDS: Final = 2.0  # until a daemon that went away is asked again


@click.command("watch", cls=Command)
@click.pass_obj
def watch(session: Session) -> None:
    """Show what happens on tickets as it happens, one line an event, until ^C.

    A daemon that is restarted is waited for, and what happened meanwhile is shown then.
    With --json each line is an event with its ticket: at, actor, what, why, ticket.
    """
    with session.backend() as backend:
        page = backend.call("tickets.watch", {})
        session.out.hint("Watching. ^C ends it.")
        away = False
        while True:
            place = {"after": page["after"], "missing": page["missing"]}
            try:
                page = backend.call("tickets.watch", {**place, "wait_seconds": _WAIT_SECONDS})
            except TryLater as error:
                if not away:
                    session.out.hint(f"Waiting: {error}.")
                away = True
                time.sleep(_AWAY_SECONDS)
                continue
            away = False
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
