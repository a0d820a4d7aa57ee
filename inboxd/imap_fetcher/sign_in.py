"""Signing in to a mailbox: by password, or by an access token that is renewed once when the server does not take it."""

import imaplib
import re
from collections.abc import Callable
from typing import Final

from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from inboxd.errors import ConfigurationWrong
from inboxd.imap_fetcher import troubles
from inboxd.oauth import TokenSource, permissions, sasl
from inboxd.remote import password_words
from inboxd.remote.trouble import Trouble, Troubled
from inboxd.settings import Mailbox
from inboxd.settings.secret import MEND_THE_FILE

# What says nothing of the credentials: the codes of RFC 5530 3, and what servers say without one.
_NOT_NOW: Final = re.compile(
    r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\b|too many (?:simultaneous )?connections|throttled|try again later",
    re.IGNORECASE,
)
_LONGEST: Final = 300  # characters of a server's own words
_NOT_CONNECTED: Final = "authenticated but not connected"


def sign_in(client: IMAPClient, mailbox: Mailbox, tokens: TokenSource | None) -> None:
    """Sign in. The password's file and the token are looked at anew each time.

    Raises Troubled; OSError and imaplib's abort when the line broke.
    """
    if mailbox.oauth2 is not None:
        assert tokens is not None
        _with_token(client, mailbox, tokens)
    else:
        _with_password(client, mailbox)


def _with_token(client: IMAPClient, mailbox: Mailbox, tokens: TokenSource) -> None:
    mechanism = sasl.choose(_mechanisms(client), mailbox.provider)
    if mechanism is None:
        raise Troubled(
            Trouble(
                kind="credentials",
                what=f"{_server(mailbox)} takes no access tokens: it offers neither XOAUTH2 nor OAUTHBEARER.",
                advice="Sign in with password_file in place of oauth2, or let the server offer one of the two.",
            )
        )
    token = _token(tokens, mailbox, renewed=False)
    refused = _try_token(client, mailbox, mechanism, token)
    if refused is not None:
        # It may have been revoked, or have ended early; a fresh one has neither behind it.
        token = _token(tokens, mailbox, renewed=True)
        refused = _try_token(client, mailbox, mechanism, token)
    if refused is not None:
        assert mailbox.oauth2 is not None
        raise Troubled(permissions.explained(mailbox.oauth2, token, refused))
    if mailbox.provider == "microsoft":
        _demand_a_mailbox(client, mailbox)


def _token(tokens: TokenSource, mailbox: Mailbox, *, renewed: bool) -> str:
    try:
        return tokens.access_token(renewed=renewed)
    except ConfigurationWrong as wrong:
        raise Troubled(_unreadable(f"What oauth2 of {mailbox.name} needs cannot be read: {wrong}")) from wrong


def _try_token(
    client: IMAPClient, mailbox: Mailbox, mechanism: sasl.Mechanism, token: str
) -> permissions.Attempt | None:
    """Offer a token; None: we are in. Else what the server said."""
    heard: list[bytes] = []

    def speak(challenge: bytes) -> bytes:
        if not heard:
            heard.append(b"")
            return sasl.response(mechanism, user=mailbox.user, token=token, host=mailbox.host, port=mailbox.port)
        heard.append(challenge)
        return sasl.acknowledgement(mechanism)

    words = _refused(lambda: client.sasl_login(mechanism, speak), mailbox)
    if words is None:
        return None
    return permissions.Attempt(
        protocol="imap",
        user=mailbox.user,
        server=_server(mailbox),
        words=words.replace(token, "…"),
        refusal=sasl.refusal(heard[-1] if heard else b""),
    )


def _demand_a_mailbox(client: IMAPClient, mailbox: Mailbox) -> None:
    """Microsoft lets a good token in although it may not open this mailbox, and says so at the first command."""
    try:
        client.noop()
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        if _NOT_CONNECTED not in str(error).lower():
            raise
        assert mailbox.oauth2 is not None
        who = "The application" if mailbox.oauth2.grant == "client-credentials" else "Whoever signed in"
        raise Troubled(
            Trouble(
                kind="credentials",
                what=f"{who} may not open the mailbox {mailbox.user} at {_server(mailbox)} ({_words(error)}).",
                advice="See that user is the mailbox's own address, that it allows IMAP, and that Full Access to it is "
                "granted (Add-MailboxPermission in Exchange Online PowerShell). It may take an hour to hold.",
            )
        ) from None


def _with_password(client: IMAPClient, mailbox: Mailbox) -> None:
    assert mailbox.password is not None
    try:
        password = mailbox.password.read()
    except ConfigurationWrong as wrong:
        raise Troubled(_unreadable(f"The password cannot be read: {wrong}")) from wrong
    words = _refused(_way(client, mailbox, password), mailbox)
    if words is not None:
        raise Troubled(_password_refused(mailbox, words.replace(password, "…")))


def _way(client: IMAPClient, mailbox: Mailbox, password: str) -> Callable[[], object]:
    offered = _mechanisms(client)
    if "PLAIN" in offered:  # RFC 4616: UTF-8, a NUL before each
        return lambda: client.sasl_login("PLAIN", lambda _: f"\0{mailbox.user}\0{password}".encode())
    if "LOGIN" in offered:
        answers = iter((mailbox.user.encode(), password.encode()))
        return lambda: client.sasl_login("LOGIN", lambda _: next(answers, b""))
    if client.has_capability("LOGINDISABLED"):  # RFC 3501 6.2.3
        raise Troubled(
            Trouble(
                kind="credentials",
                what=f"{_server(mailbox)} takes no passwords here.",
                advice="Use tls: implicit or starttls if it is without TLS; else the server wants oauth2.",
            )
        )
    if (mailbox.user + password).isascii():
        return lambda: client.login(mailbox.user, password)
    raise Troubled(
        Trouble(
            kind="credentials",
            what=f"{_server(mailbox)} takes passwords by LOGIN alone, which carries ASCII only.",
            advice="Choose a user name and a password of ASCII characters, or let the server offer AUTH=PLAIN.",
        )
    )


def _password_refused(mailbox: Mailbox, words: str) -> Trouble:
    assert mailbox.password is not None
    return Trouble(
        kind="credentials",
        what=f"{_server(mailbox)} refuses the password of {mailbox.user} ({words}).",
        advice=password_words.advice(mailbox.password.where_to_put_it, mailbox.provider, words),
    )


def _refused(attempt: Callable[[], object], mailbox: Mailbox) -> str | None:
    """Try to sign in; the server's words when it refuses the credentials. Raises Troubled for any other refusal."""
    try:
        attempt()
    except LoginError as error:
        # imapclient says a line that broke meanwhile in the same way.
        if isinstance(error.__context__, imaplib.IMAP4.abort):
            raise error.__context__ from None
        words = _words(error)
        if _NOT_NOW.search(words):
            raise Troubled(
                Trouble(
                    kind="temporary",
                    what=f"{_server(mailbox)} does not let {mailbox.user} in for now ({words}).",
                    advice="If it lasts, ask who runs the server.",
                )
            ) from None
        return words
    return None


def _mechanisms(client: IMAPClient) -> frozenset[str]:
    offered = (capability.decode("ascii", "replace").upper() for capability in client.capabilities())
    return frozenset(each.removeprefix("AUTH=") for each in offered if each.startswith("AUTH="))


def _server(mailbox: Mailbox) -> str:
    return f"{mailbox.host}:{mailbox.port}"


def _words(error: Exception) -> str:
    text = troubles.words(error) if any(error.args) else ""
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    return line[:_LONGEST].rstrip(". ") or "no reason given"


def _unreadable(what: str) -> Trouble:
    return Trouble(kind="credentials", what=f"{what.rstrip('.')}.", advice=MEND_THE_FILE)
