"""Turns what can go wrong on the way to a mailbox into sentences for the person who has to mend it."""

import imaplib
import re
import socket
import ssl
from dataclasses import replace

from imapclient.exceptions import CapabilityError

from inboxd.errors import ConfigurationWrong, Deferred
from inboxd.remote import certificate_words
from inboxd.remote.trouble import Trouble, Troubled
from inboxd.settings import Mailbox
from inboxd.settings.secret import MEND_THE_FILE
from store.errors import StoreError

_TOOK = re.compile(r" \([0-9.+ ]+ secs\)\.?$")

COMES_AGAIN = "inboxd tries again, at most five minutes apart."
_COMES_AGAIN_LATER = "inboxd tries again, at most fifteen minutes apart."


def words(error: BaseException) -> str:
    """Give what a server said, without the quotes and the `b` of imaplib."""
    said = error.args[0] if error.args else type(error).__name__
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    # imapclient and imaplib make text of bytes by repr, now and then.
    if len(text) > 2 and text[:2] in {"b'", 'b"'} and text[-1] == text[1]:
        text = text[2:-1]
    # Dovecot says how long it took, which would make a new sentence of each try.
    return _TOOK.sub("", text).rstrip(". ") or type(error).__name__


def trouble_of(error: Exception, mailbox: Mailbox) -> Trouble | None:
    """Say what ended a connection; None for an error that is no trouble of the way but a mistake of ours."""
    match error:
        case Troubled():
            doing = _COMES_AGAIN_LATER if error.trouble.kind == "credentials" else COMES_AGAIN
            return error.trouble if error.trouble.doing else replace(error.trouble, doing=doing)
        case ConfigurationWrong():
            return _temporary(str(error), MEND_THE_FILE)
        case StoreError() | Deferred():
            return _temporary(f"The store cannot take mail: {error}.", "Mail stays in the mailbox until it can.")
        case OSError():
            return _of_the_way(error, mailbox)
        case imaplib.IMAP4.error():
            return _of_the_server(error, mailbox)
        case _:
            return None


def _of_the_way(error: OSError, mailbox: Mailbox) -> Trouble:
    where = f"{mailbox.host}:{mailbox.port}"
    match error:
        case ssl.SSLCertVerificationError():
            return _temporary(*certificate_words.in_words(error, where))
        case ssl.SSLError():
            return _temporary(
                f"TLS with {where} fails: {error.reason or error}.",
                "Port 993 usually wants `tls: implicit`, port 143 `tls: starttls`.",
            )
        case socket.gaierror():
            return _temporary(f"The name {mailbox.host} cannot be resolved: {error.strerror}.", "Check `host`.")
        case TimeoutError():
            return _temporary(f"{where} does not answer in time.", "Check `host`, `port` and what lies between.")
        case _:
            return _temporary(
                f"{where} cannot be reached: {error.strerror or error}.", "Check `host`, `port` and the server."
            )


def _of_the_server(error: imaplib.IMAP4.error, mailbox: Mailbox) -> Trouble:
    where = f"{mailbox.host}:{mailbox.port}"
    match error:
        case CapabilityError():
            return _temporary(f"{where} cannot do what is needed: {words(error)}.", "Ask the server's operator.")
        case imaplib.IMAP4.abort():
            return _temporary(f"The line to {where} broke: {words(error)}.", "If it lasts, look into the server's log.")
        case _:
            return _temporary(f"{where} says no: {words(error)}.", "If it lasts, look into the server's log.")


def _temporary(what: str, advice: str) -> Trouble:
    return Trouble(kind="temporary", what=what, advice=advice, doing=COMES_AGAIN)
