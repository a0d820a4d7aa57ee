"""`inboxd why`: the whole decision, for a ticket that is there or a file that is not filed."""

from pathlib import Path
from typing import Any

import click

from inboxd.cli import files
from inboxd.cli.envelope_options import demand_mailbox, envelope, envelope_options, is_call, to_json
from inboxd.cli.group import Command
from inboxd.cli.session import Session
from inboxd.errors import UsageWrong


@click.command("why", cls=Command)
@click.argument("what", metavar="PATH-or-REF")
@envelope_options
@click.pass_obj
def command(session: Session, /, what: str, **options: Any) -> None:
    """Explain a decision, from the proof to the arithmetic.

    Identity, authentication, threading, every rule with each condition's value, the arithmetic of clocks.

    Of a ticket, by its reference, as it was decided; of a file, as it would be decided now. Files nothing. The options
    of the envelope count for a file. A recording is not listened to: the rules decide as they do before its words are
    known.
    """
    session.out.show(_explain(session, what, options), lambda answer: str(answer["text"]).rstrip("\n"))


def _explain(session: Session, what: str, options: dict[str, Any]) -> Any:
    path = Path(what)
    if not path.exists():
        if not any(letter.isdigit() for letter in what):
            raise UsageWrong(f"{what} is neither a file nor a reference")
        return session.call("why", {"ref": what})
    given = envelope(**options)
    demand_mailbox(session, given)
    kind = files.kind(path, call=is_call(given))
    if kind not in ("mail", "voicemail"):
        raise UsageWrong(f"{what} is not a single mail or recording")
    arguments = {"name": what, "kind": kind, "envelope": to_json(given)}
    return session.call("why.message", arguments, files.read(path))
