"""A look at the smarthost, and mails to try it, by who may renew its token: the process that writes the store."""

from dataclasses import asdict
from typing import Any

from inboxd.desk.context import Context
from inboxd.errors import InboxdError
from inboxd.oauth import TokenSource, token_source
from inboxd.oauth.stored import StoredRefreshTokens
from inboxd.send import trial
from inboxd.settings import Outgoing
from inboxd.smtp_submission import connect


def look(context: Context) -> dict[str, Any]:
    """Sign in to the smarthost and say what it can do. Raises Troubled; InboxdError where there is none."""
    outgoing, tokens = _outgoing(context)
    with connect(outgoing, tokens, hostname=context.settings.hostname) as session:
        return asdict(session.abilities)


def send_test(context: Context, to: str) -> list[dict[str, Any]]:
    """Send a mail from each address of the desk and say what became of each (see `trial.Trial`). Raises InboxdError."""
    _, tokens = _outgoing(context)
    return [asdict(each) for each in trial.send(context.settings, tokens, to)]


def _outgoing(context: Context) -> tuple[Outgoing, TokenSource | None]:
    outgoing = context.settings.outgoing
    if outgoing is None:
        raise InboxdError("there is no section outgoing in the daemon's configuration: restart it after a change")
    tokens = token_source(outgoing.oauth2, StoredRefreshTokens(context.store)) if outgoing.oauth2 else None
    return outgoing, tokens
