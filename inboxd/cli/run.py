"""`inboxd run`: the daemon."""

import click

from inboxd.cli.group import Command
from inboxd.cli.session import Session


@click.command("run", cls=Command)
@click.pass_obj
def command(session: Session) -> None:
    """Run the daemon.

    In the foreground, until SIGTERM or SIGINT.

    It is ready when it says so through sd_notify, with a log line `event=listening` for each listener. Before it starts
    it looks for what `inboxd check` looks for, and says the same.
    """
    settings = session.settings()
    session.log_as(settings.log.format, settings.log.level)
    # The daemon's imports take a second: what is wrong is said before.
    from inboxd.preflight import before_run

    before_run(settings)
    from inboxd import daemon

    daemon.run(settings)
