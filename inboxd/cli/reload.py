"""`inboxd reload`: rules and accounts taken over by the running daemon."""

from collections.abc import Iterator
from typing import Any

import click

from inboxd.cli.group import Command
from inboxd.cli.session import Session
from inboxd.errors import InboxdError


@click.command("reload", cls=Command)
@click.pass_obj
def command(session: Session) -> None:
    """Let the running daemon read rules and accounts again.

    Waits until it has. With a mistake in any file nothing is taken over, every mistake is reported, and the exit code
    is 78. Sections of the configuration that changed and that only a restart takes over are named.
    """
    from inboxd.control.client import connect

    socket = session.settings().control.socket
    daemon = connect(socket)
    if daemon is None:
        raise InboxdError(f"no daemon answers at {socket}: there is nothing to reload, it reads its files at its start")
    session.out.show(daemon.call("reload", {}), lambda reloaded: "\n".join(_lines(reloaded)))


def _lines(reloaded: dict[str, Any]) -> Iterator[str]:
    yield f"Reloaded: {_count(reloaded['rules'], 'rule')}, {_count(reloaded['accounts'], 'account')}."
    sections = reloaded["restart_needed"]
    if sections:
        yield f"Changed in {reloaded['configuration']}, and taken over by a restart only: {', '.join(sections)}."


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
