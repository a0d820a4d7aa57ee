"""Every reply the receiver gives, in one place: code (RFC 5321), enhanced code (RFC 3463), fixed text.

No reply holds what a client sent or what an exception said. `docs/smtp.md` lists them; a test compares.
"""

import errno
from typing import Final

from inboxd.errors import Deferred
from inboxd.smtp_receiver.clean import printable

CLOSING: Final = "221 2.0.0 Bye"
TLS_READY: Final = "220 2.0.0 Ready to start TLS"
HELP: Final = "214 2.0.0 EHLO HELO MAIL RCPT DATA RSET NOOP QUIT VRFY STARTTLS HELP"
OK: Final = "250 2.0.0 Ok"
SENDER_OK: Final = "250 2.1.0 Sender ok"
RECIPIENT_OK: Final = "250 2.1.5 Recipient ok"
CANNOT_VERIFY: Final = "252 2.1.5 Cannot verify, but will take mail for the desk"
SEND_BODY: Final = "354 End data with <CR><LF>.<CR><LF>"

SHUTTING_DOWN: Final = "421 4.3.2 Shutting down, come again"
TIMED_OUT: Final = "421 4.4.2 Too slow, closing"
TOO_MANY_CONNECTIONS: Final = "421 4.7.0 Too many connections, come again"
TOO_MANY_ERRORS: Final = "421 4.7.0 Too many errors, closing"
TOO_MUCH_JUNK: Final = "421 4.7.0 Too many commands without a message, closing"
NOT_SMTP: Final = "421 4.7.0 This is SMTP, closing"

LOCAL_FAULT: Final = "451 4.3.0 Local fault, come again"
NO_SPACE: Final = "452 4.3.1 No space left, come again"
TOO_MANY_RECIPIENTS: Final = "452 4.5.3 Too many recipients, send the rest in another message"

BAD_COMMAND: Final = "500 5.5.2 Command not recognized"
LINE_TOO_LONG: Final = "500 5.5.2 Line too long"
BAD_ARGUMENT: Final = "501 5.5.4 Wrong argument"
BAD_SENDER: Final = "501 5.1.7 Malformed sender address"
BAD_RECIPIENT: Final = "501 5.1.3 Malformed recipient address"
NOT_IMPLEMENTED: Final = "502 5.5.1 Not implemented"
BAD_SEQUENCE: Final = "503 5.5.1 Bad sequence of commands"
UNKNOWN_RECIPIENT: Final = "550 5.1.1 No such address here"
TOO_BIG: Final = "552 5.3.4 Message too big"
NO_RECIPIENTS: Final = "554 5.5.1 No valid recipients"
UNKNOWN_PARAMETER: Final = "555 5.5.4 Parameter not supported"

# What counts against max_errors: the client does not speak the protocol. Refusals of a message or an address
# do not.
ERROR_CODES: Final = frozenset({"500", "501", "502", "503", "555"})


def accepted(queue_id: str) -> str:
    """Give the reply that promises the message: it is on stable storage under this id."""
    return f"250 2.0.0 {queue_id}"


def fault(error: BaseException) -> str:
    """Give the 4yz reply for what went wrong on our side: a 5yz would make the client give the mail up.

    Only a `Deferred` speaks for itself, and only its public text leaves the house.
    """
    if isinstance(error, Deferred):
        # RFC 5321 4.2.3 has 452 for storage and for too many recipients, 451 for the rest.
        code = "452" if error.enhanced in {"4.3.1", "4.5.3"} else "451"
        # A permanent class in a temporary reply is a mistake of ours that the client must not pay for.
        enhanced = error.enhanced if error.enhanced.startswith("4.") else "4.3.0"
        return f"{code} {enhanced} {printable(error.public)}"
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return NO_SPACE
    return LOCAL_FAULT
