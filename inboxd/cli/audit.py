"""`inboxd audit`: what the mailboxes and the phone provider hold, compared with the store."""

from typing import Any

import click

from inboxd.cli import audit_page
from inboxd.cli.group import Command
from inboxd.cli.session import Session

# A mailbox of a hundred thousand mails on a slow server takes minutes.
_PATIENCE_SECONDS = 3600.0


@click.command("audit", cls=Command)
@click.option("--mailbox", metavar="NAME", help="This mailbox alone.")
@click.pass_obj
def command(session: Session, mailbox: str | None) -> int:
    """Compare what mailboxes and phone hold with the store, and name every gap.

    Each mail or recording on a server that is not in the store; each that the ledger calls stored and whose row or
    bytes are gone; each folder that cannot be looked into; and stored mail that should have been marked, moved
    or deleted long ago. The counts add up: on the server = stored + old + partial + gap. Changes nothing. While a
    daemon is at work, mail on its way is waited for. Exit 1 when there is a gap, or something is not known.
    """
    lines: list[dict[str, Any]] = session.call("audit", {"mailbox": mailbox, "wait_seconds": _PATIENCE_SECONDS})
    if session.out.json:
        for line in lines:
            session.out.record(line)
    else:
        session.out.text(audit_page.render(lines))
    return 1 if any(line["error"] is not None for line in lines) else 0
