"""`inboxd status`: what needs a person, what listens, what is fetched, what waits and how old it is."""

import click

from inboxd.cli import status_page
from inboxd.cli.group import Command
from inboxd.cli.session import Session


@click.command("status", cls=Command)
@click.pass_obj
def command(session: Session) -> None:
    """Show what needs a person, what listens, what waits and how old it is."""
    session.out.show(session.call("status"), status_page.render)
