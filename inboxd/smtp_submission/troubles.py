"""What can go wrong on the way to a smarthost, in words for the person who has to mend it."""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from inboxd.errors import ConfigurationWrong
from inboxd.remote import certificate_words, password_words
from inboxd.remote.trouble import Trouble, Troubled
from inboxd.settings import Outgoing
from inboxd.settings.secret import MEND_THE_FILE

_LONGEST: Final = 300  # characters of a server's own words
_TEMPORARY: Final = range(400, 500)
_SMTP_AUTH_OFF: Final = re.compile(r"SmtpClientAuthentication is disabled for the (Tenant|Mailbox)", re.IGNORECASE)


def where(outgoing: Outgoing) -> str:
    """Name the server."""
    return f"{outgoing.host}:{outgoing.port}"


@contextmanager
def told(outgoing: Outgoing) -> Iterator[None]:
    """Turn what ends a connection into Troubled; what is no matter of the line goes on as it is."""
    try:
        yield
    except OSError as error:  # smtplib's own errors are such, too
        raise Troubled(_of_line(error, outgoing)) from error


def _of_line(error: OSError, outgoing: Outgoing) -> Trouble:
    server = where(outgoing)
    match error:
        case ssl.SSLCertVerificationError():
            return _temporary(*certificate_words.in_words(error, server))
        case ssl.SSLError():
            return _temporary(
                f"TLS with {server} fails: {error.reason or error}.",
                "Port 465 usually wants tls: implicit, ports 587 and 25 tls: starttls.",
            )
        case socket.gaierror():
            return _temporary(f"The name {outgoing.host} is not found: {error.strerror}.", "Correct host of outgoing.")
        case smtplib.SMTPResponseException():
            return answered(outgoing, error.smtp_code, printable(error.smtp_error))
        # smtplib says a time-out while it reads as a line that was closed.
        case smtplib.SMTPServerDisconnected() if "timed out" not in str(error):
            return _temporary(
                f"{server} closed the connection ({printable(str(error))}).",
                "See that port and tls of outgoing belong together, and look into the server's log.",
            )
        case TimeoutError() | smtplib.SMTPServerDisconnected():
            return _temporary(f"{server} does not answer in time.", "See that host, port and tls are right.")
        case smtplib.SMTPException():
            return _temporary(f"{server} speaks no SMTP that can be read ({printable(str(error))}).", "Correct port.")
        case _:
            return _temporary(
                f"{server} cannot be reached: {error.strerror or error}.", "See that host and port are right."
            )


def answered(outgoing: Outgoing, code: int, words: str) -> Trouble:
    """Say a reply that ends a session before it began."""
    return Trouble(
        kind="temporary" if code in _TEMPORARY or code < 0 else "refused",
        what=f"{where(outgoing)} does not take us: {code} {words}.",
        advice="If it lasts, ask who runs the server; it may want to know this machine's address.",
    )


def no_starttls(outgoing: Outgoing) -> Trouble:
    """Say that TLS is not to be had: nothing secret and no mail goes over such a line."""
    return _temporary(
        f"{where(outgoing)} offers no STARTTLS, so nothing was sent to it.",
        "Write tls: implicit (port 465) if the server has it; if it did offer STARTTLS before, somebody between may "
        "have taken it out.",
    )


def in_the_clear(outgoing: Outgoing, peer: str) -> Trouble:
    """Say that `tls: none` leads off this machine."""
    return _temporary(
        f"With tls: none everybody on the way to {peer} could read what inboxd signs in with, so it was not sent.",
        f"Write tls: starttls or implicit; none is for a server on this machine ({outgoing.host} is not).",
    )


def no_auth(outgoing: Outgoing) -> Trouble:
    """Say that the server takes no sign-in at all."""
    return Trouble(
        kind="credentials",
        what=f"{where(outgoing)} offers no sign-in (AUTH).",
        advice="Mail is handed in at port 587 or 465, usually. Where the server takes mail without a sign-in, leave "
        "user out of outgoing.",
    )


def no_mechanism(outgoing: Outgoing, what: str, neither: str, offered: Iterable[str]) -> Trouble:
    """Say that the server takes other sign-ins than ours."""
    has = ", ".join(sorted(offered))
    other = "oauth2" if what == "passwords" else "password_file"
    return Trouble(
        kind="credentials",
        what=f"{where(outgoing)} takes no {what}: it offers neither {neither}, but {printable(has)}.",
        advice=f"Sign in with {other}, or let the server offer one of the two.",
    )


def unreadable(outgoing: Outgoing, wrong: ConfigurationWrong) -> Trouble:
    """Say that a secret's file cannot be read."""
    return Trouble(
        kind="credentials",
        what=f"What inboxd signs in with at {where(outgoing)} cannot be read: {str(wrong).rstrip('.')}.",
        advice=MEND_THE_FILE,
    )


def by_words(outgoing: Outgoing, code: int, words: str) -> Trouble | None:
    """Say a refusal that the server itself gives a reason for; None: it is about the password or the token."""
    off = _SMTP_AUTH_OFF.search(words)
    if off is not None:
        whole = off[1].lower() == "tenant"
        return Trouble(
            kind="credentials",
            what=f"Microsoft 365 has SMTP AUTH switched off for the {'whole organization' if whole else 'mailbox'} "
            f"({code} {words}).",
            advice="In Exchange Online PowerShell: "
            f"Set-CASMailbox -Identity {outgoing.user} -SmtpClientAuthenticationDisabled $false. That holds for the "
            "one mailbox, whatever the organization's setting is.",
        )
    if "5.7.30" in words or "Basic authentication" in words:
        return Trouble(
            kind="credentials",
            what=f"{where(outgoing)} takes no passwords any more ({code} {words}).",
            advice="Sign in with oauth2 in place of password_file.",
        )
    if code in _TEMPORARY or code < 0:
        return _temporary(
            f"{where(outgoing)} does not let {outgoing.user} in for now ({code} {words}).",
            "If it lasts, ask them.",
        )
    return None


def password_refused(outgoing: Outgoing, code: int, words: str) -> Trouble:
    """Say a wrong password."""
    assert outgoing.password is not None
    return Trouble(
        kind="credentials",
        what=f"{where(outgoing)} refuses the password of {outgoing.user} ({code} {words}).",
        advice=password_words.advice(outgoing.password.where_to_put_it, outgoing.provider, words),
    )


def printable(said: bytes | str) -> str:
    """Return a server's own words on one line, not too long."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line[:_LONGEST].rstrip(". ") or "no reason given"


def _temporary(what: str, advice: str) -> Trouble:
    return Trouble(kind="temporary", what=what, advice=advice)
