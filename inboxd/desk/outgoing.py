"""A look at the smarthost by who may renew its token: the process that writes the store."""

import socket
from dataclasses import asdict
from typing import Any

from inboxd.desk.context import Context
from inboxd.errors import InboxdError
from inboxd.oauth import token_source
from inboxd.oauth.stored import StoredRefreshTokens
from inboxd.smtp_submission import connect


def look(context: Context) -> dict[str, Any]:
    """Sign in to the smarthost and say what it can do. Raises Troubled; InboxdError where there is none."""
    outgoing = context.settings.outgoing
    if outgoing is None:
        raise InboxdError("there is no section outgoing in the daemon's configuration: restart it after a change")
    tokens = token_source(outgoing.oauth2, StoredRefreshTokens(context.store)) if outgoing.oauth2 else None
    smtp = context.settings.smtp
    with connect(outgoing, tokens, hostname=smtp.hostname if smtp else socket.gethostname()) as session:
        return asdict(session.abilities)
