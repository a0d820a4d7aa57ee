"""Connect to the smarthost, secure the line, sign in; what comes back is ready for mail."""

import contextlib
import ipaddress
import smtplib
import socket
import ssl
from dataclasses import dataclass
from typing import Final, Self

from inboxd.oauth import TokenSource
from inboxd.remote.trouble import Trouble, Troubled
from inboxd.settings import Outgoing
from inboxd.smtp_submission import troubles
from inboxd.smtp_submission.line import Line
from inboxd.smtp_submission.sign_in import sign_in

_DONE: Final = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What the server can do beyond plain SMTP. `max_size` in bytes; None: it names no limit (RFC 1870)."""

    max_size: int | None
    dsn: bool
    eight_bit: bool
    utf8: bool


class Submission:
    """A session with the smarthost, secured and signed in. A context manager that ends it."""

    def __init__(self, line: Line, abilities: Abilities) -> None:
        self.line = line
        self.abilities = abilities

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def cut(self) -> None:
        """Cut the line under whoever uses it in another thread: its wait ends at once, with an error."""
        if self.line.sock is not None:
            with contextlib.suppress(OSError):
                self.line.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End the session with a word; a server that is gone hears none."""
        with contextlib.suppress(OSError, smtplib.SMTPException):
            self.line.quit()
        self.line.close()


def connect(outgoing: Outgoing, tokens: TokenSource | None, *, hostname: str) -> Submission:
    """Connect and sign in; `hostname` is the name we greet with. Raises Troubled."""
    with troubles.told(outgoing), contextlib.ExitStack() as unless_ready:
        context = None if outgoing.tls == "none" else _context(outgoing)
        line = Line(
            outgoing.host, outgoing.port, context=context if outgoing.tls == "implicit" else None, hostname=hostname
        )
        unless_ready.callback(line.close)
        _greet(line, outgoing)
        if outgoing.tls == "starttls":
            assert context is not None
            _secure(line, outgoing, context)
        if outgoing.user is not None:
            _demand_no_listeners(line, outgoing)
            sign_in(line, outgoing, tokens)
        session = Submission(line, _abilities(line))
        unless_ready.pop_all()
        return session


def _context(outgoing: Outgoing) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(outgoing.ca_file) if outgoing.ca_file else None)
    except (OSError, ssl.SSLError) as error:
        raise Troubled(
            Trouble(
                kind="temporary",
                what=f"ca_file of outgoing: {outgoing.ca_file} cannot be used: {error.strerror or error}.",
                advice="It must hold certificates in PEM form that inboxd may read.",
            )
        ) from error


def _greet(line: smtplib.SMTP, outgoing: Outgoing) -> None:
    code, words = line.ehlo()
    if code == _DONE:
        return
    code, words = line.helo()
    if code != _DONE:
        raise Troubled(troubles.answered(outgoing, code, troubles.printable(words)))


def _secure(line: smtplib.SMTP, outgoing: Outgoing, context: ssl.SSLContext) -> None:
    # RFC 8314 5.1, RFC 3207 6: whoever takes STARTTLS out of the offer gets neither a password nor mail.
    if not line.has_extn("starttls"):
        raise Troubled(troubles.no_starttls(outgoing))
    line.starttls(context=context)
    _greet(line, outgoing)


def _demand_no_listeners(line: smtplib.SMTP, outgoing: Outgoing) -> None:
    assert line.sock is not None
    peer = str(line.sock.getpeername()[0])
    if outgoing.tls == "none" and not ipaddress.ip_address(peer.partition("%")[0]).is_loopback:
        raise Troubled(troubles.in_the_clear(outgoing, peer))


def _abilities(line: smtplib.SMTP) -> Abilities:
    size = line.esmtp_features.get("size", "")
    return Abilities(
        # RFC 1870 4: 0 stands for no fixed limit.
        max_size=int(size) or None if size.isdecimal() and size.isascii() else None,
        dsn=line.has_extn("dsn"),
        eight_bit=line.has_extn("8bitmime"),
        utf8=line.has_extn("smtputf8"),
    )
