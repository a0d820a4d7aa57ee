"""Refresh tokens handed in by commands: kept by the process that writes the store. None is ever handed out."""

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator

from inboxd.desk.context import Context
from inboxd.errors import UsageWrong
from inboxd.oauth.refresh_tokens import RENEWAL_SECONDS, origin_of
from inboxd.settings import OAuth2, Settings
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
    """Keep what somebody's sign-in gave, in place of what was there."""
    origin = origin_of(sign_in_named(context.settings, name))
    context.store.write(lambda txn: oauth_tokens.keep(txn, name, token, origin=origin))
    return {"name": name}


def begin(context: Context, name: str, token: Token, origin: str) -> None:
    """Keep the first one of a line; a newer one of the same line stays."""
    sign_in_named(context.settings, name)
    context.store.write(lambda txn: oauth_tokens.begin(txn, name, token, origin=origin))


def rotate(context: Context, name: str, token: Token, instead_of: Token) -> bool:
    """Keep a newer one in place of the one that it was had for."""
    return context.store.write(lambda txn: oauth_tokens.rotate(txn, name, token, instead_of=instead_of))


def claim(context: Context, name: str, claimant: str) -> bool:
    """Take the right to renew."""
    return context.store.write(lambda txn: oauth_tokens.claim(txn, name, claimant, seconds=RENEWAL_SECONDS))


def release(context: Context, name: str, claimant: str) -> None:
    """Give it back."""
    context.store.write(lambda txn: oauth_tokens.release(txn, name, claimant))


def sign_ins(settings: Settings) -> dict[str, OAuth2]:
    """Return every sign-in by OAuth 2.0 by its name (`imap.support`, `outgoing`)."""
    found = [mailbox.oauth2 for mailbox in settings.imap]
    found += [settings.outgoing.oauth2] if settings.outgoing else []
    return {oauth2.name: oauth2 for oauth2 in found if oauth2 is not None}


def sign_in_named(settings: Settings, name: str) -> OAuth2:
    """Return the sign-in of this name. Raises UsageWrong."""
    known = sign_ins(settings)
    if name not in known:
        raise UsageWrong(f'no sign-in by oauth2 is named "{name}": there is {", ".join(known) or "none"}')
    return known[name]
