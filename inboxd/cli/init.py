"""`inboxd init`: a working set of files to begin with."""

from pathlib import Path

import click

from inboxd.cli.group import Command
from inboxd.cli.session import Session


@click.command("init", cls=Command)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--policy", metavar="NAME", help="Start from one of the policy books that come with inboxd.")
@click.pass_obj
def command(session: Session, folder: Path, policy: str | None) -> None:
    """Write a working set of files into a new folder.

    inboxd.yaml, rules.yaml and accounts.yaml, with comments: an SQLite store, the bundled speech model, listeners on
    loopback. Overwrites nothing. Ends with the few lines to edit next.
    """
    from inboxd.init_files import FILES, write_desk

    next_steps = write_desk(folder, policy)
    result = {"folder": str(folder), "files": [str(folder / name) for name in FILES], "error": None}
    session.out.show(result, lambda _: "\n".join(next_steps))
