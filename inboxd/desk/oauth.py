"""Refresh tokens from `inboxd oauth login`: kept by the process that writes the store, and handed out to nobody."""

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator

from inboxd.desk.context import Context
from inboxd.errors import UsageWrong
from inboxd.oauth.refresh_tokens import origin_of
from store import oauth_tokens

# RFC 6749 appendix A.17
_TOKEN: Final = re.compile(r"[!-~]{1,16384}")


def _token(text: str) -> str:
    if not _TOKEN.fullmatch(text):
        # Not repeated: it may be a secret with a slip in it.
        raise ValueError("a refresh token is one word of printable ASCII")
    return text


Token = Annotated[str, AfterValidator(_token)]


def keep(context: Context, name: str, token: Token) -> dict[str, Any]:
    """Keep what somebody's sign-in gave, in place of what was there; `name` is `imap.NAME` or `outgoing`."""
    settings = context.settings
    found = [*(mailbox.oauth2 for mailbox in settings.imap), settings.outgoing.oauth2 if settings.outgoing else None]
    known = {oauth2.name: oauth2 for oauth2 in found if oauth2 is not None}
    if name not in known:
        raise UsageWrong(f'no sign-in by oauth2 is named "{name}": there is {", ".join(known) or "none"}')
    origin = origin_of(known[name])
    context.store.write(lambda txn: oauth_tokens.keep(txn, name, token, origin=origin))
    return {"name": name}
