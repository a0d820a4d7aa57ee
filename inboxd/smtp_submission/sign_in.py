"""Signing in to a smarthost (RFC 4954): by password, or by an access token, renewed once when it is not taken."""

import base64
import binascii
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from inboxd.errors import ConfigurationWrong
from inboxd.oauth import TokenSource, permissions, sasl
from inboxd.remote.trouble import Troubled
from inboxd.settings import Outgoing
from inboxd.smtp_submission import troubles

_SIGNED_IN: Final = 235
_GO_ON: Final = 334
# RFC 4954 4: what does not fit into a command line of 512 octets waits for the server's word.
_COMMAND_LINE: Final = 510
_MOST_STEPS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The end of an AUTH: the server's code and words, and its last challenge (the refusal of a token)."""

    code: int
    words: str
    challenge: bytes = b""


def sign_in(line: smtplib.SMTP, outgoing: Outgoing, tokens: TokenSource | None) -> None:
    """Sign in. Raises Troubled; smtplib's and OSError when the line broke."""
    offered = frozenset(line.esmtp_features.get("auth", "").upper().replace("=", " ").split())
    if not offered:
        raise Troubled(troubles.no_auth(outgoing))
    if outgoing.oauth2 is not None:
        assert tokens is not None
        _with_token(line, outgoing, tokens, offered)
    else:
        _with_password(line, outgoing, offered)


def _with_token(line: smtplib.SMTP, outgoing: Outgoing, tokens: TokenSource, offered: frozenset[str]) -> None:
    assert outgoing.oauth2 is not None
    assert outgoing.user is not None
    mechanism = sasl.choose(offered, outgoing.provider)
    if mechanism is None:
        raise Troubled(troubles.no_mechanism(outgoing, "access tokens", "XOAUTH2 nor OAUTHBEARER", offered))
    for renewed in (False, True):
        # A refused one may have been revoked, or have ended early; a fresh one has neither behind it.
        token = _token(tokens, outgoing, renewed=renewed)
        words = sasl.response(mechanism, user=outgoing.user, token=token, host=outgoing.host, port=outgoing.port)
        reply = _auth(line, mechanism, iter((words, sasl.acknowledgement(mechanism))))
        if reply.code == _SIGNED_IN:
            return
        if known := troubles.by_words(outgoing, reply.code, reply.words):
            raise Troubled(known)
    attempt = permissions.Attempt(
        protocol="smtp",
        user=outgoing.user,
        server=f"{outgoing.host}:{outgoing.port}",
        words=f"{reply.code} {reply.words}".replace(token, "…"),
        refusal=sasl.refusal(reply.challenge),
    )
    raise Troubled(permissions.explained(outgoing.oauth2, token, attempt))


def _token(tokens: TokenSource, outgoing: Outgoing, *, renewed: bool) -> str:
    try:
        return tokens.access_token(renewed=renewed)
    except ConfigurationWrong as wrong:
        raise Troubled(troubles.unreadable(outgoing, wrong)) from wrong


def _with_password(line: smtplib.SMTP, outgoing: Outgoing, offered: frozenset[str]) -> None:
    assert outgoing.password is not None
    try:
        password = outgoing.password.read()
    except ConfigurationWrong as wrong:
        raise Troubled(troubles.unreadable(outgoing, wrong)) from wrong
    user = outgoing.user or ""
    if "PLAIN" in offered:  # RFC 4616
        reply = _auth(line, "PLAIN", iter((f"\0{user}\0{password}".encode(),)))
    elif "LOGIN" in offered:
        reply = _auth(line, "LOGIN", iter((user.encode(), password.encode())))
    else:
        raise Troubled(troubles.no_mechanism(outgoing, "passwords", "PLAIN nor LOGIN", offered))
    if reply.code != _SIGNED_IN:
        words = reply.words.replace(password, "…")
        raise Troubled(
            troubles.by_words(outgoing, reply.code, words) or troubles.password_refused(outgoing, reply.code, words)
        )


def _auth(line: smtplib.SMTP, mechanism: str, answers: Iterator[bytes]) -> Reply:
    """Go through one AUTH; each answer goes out at a challenge, the first at once where the command line has room."""
    command = f"AUTH {mechanism}"
    first = next(answers)
    encoded = base64.b64encode(first).decode("ascii")
    # LOGIN has no initial response by its old drafts, and servers differ.
    if mechanism != "LOGIN" and len(command) + 1 + len(encoded) <= _COMMAND_LINE:
        code, said = line.docmd(command, encoded)
    else:
        code, said = line.docmd(command)
        if code == _GO_ON:
            code, said = line.docmd(encoded)
    challenge = b""
    for _ in range(_MOST_STEPS):
        if code != _GO_ON:
            return Reply(code=code, words=troubles.printable(said), challenge=challenge)
        challenge = _decoded(said)
        code, said = line.docmd(base64.b64encode(next(answers, b"")).decode("ascii"))
    raise smtplib.SMTPServerDisconnected(f"the server asks without an end in AUTH {mechanism}")


def _decoded(said: bytes) -> bytes:
    try:
        return base64.b64decode(said)
    except (ValueError, binascii.Error):
        return b""
