"""Refresh tokens from `inboxd oauth login`: kept by the process that writes the store, and handed out to nobody."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from inboxd.desk.context import Context
from inboxd.oauth.answer import AnswerWrong, token_in
from store import oauth_tokens


def _token(text: str) -> str:
    try:
        return token_in(text, "refresh_token")
    except AnswerWrong:
        # Not repeated: it may be a secret with a slip in it.
        raise ValueError("a refresh token is one word of printable ASCII") from None


Token = Annotated[str, AfterValidator(_token)]
Name = Annotated[str, Field(pattern=r"^(?:imap\.[A-Za-z0-9._-]{1,64}|outgoing)$")]
Origin = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def keep(context: Context, name: Name, token: Token, origin: Origin) -> dict[str, Any]:
    """Keep what somebody's sign-in gave, in place of what was there; `name` is `imap.NAME` or `outgoing`.

    `origin` (`inboxd.oauth.refresh_tokens.origin_of`) comes from who signed in: the configuration that they have
    read may be newer than the one that this process was started with.
    """
    context.store.write(lambda txn: oauth_tokens.keep(txn, name, token, origin=origin))
    context.signed_in(name)
    return {"name": name}
