"""What the receiver is told: names, limits and times."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpOptions:
    """One listener's settings. Sizes are bytes, times seconds, rates bytes per second.

    The limits on connections leave room for 300 idle and 50 dripping clients behind one address, below the
    usual 1,024 open files; when they are reached, a session that has been silent for `idle_grace` makes room
    (`Sessions`).
    """

    hostname: str
    recipients: tuple[str, ...]
    max_size: int
    certificate_file: Path | None = None
    key_file: Path | None = None

    max_connections: int = 500
    max_connections_per_client: int = 400
    idle_grace: float = 5.0

    max_recipients: int = 100
    # Syntax and order errors of one session, as in Postfix's smtpd_hard_error_limit.
    max_errors: int = 20
    # Commands that bring no message nearer, and refused recipients, since the last accepted message.
    # Twice the 100 recipients that RFC 5321 4.5.3.1.8 lets a client name.
    max_junk: int = 200

    # RFC 5321 4.5.3.2.7: a server waits at least 5 minutes for the next command; here also for the next
    # bytes.
    command_timeout: float = 300.0
    handshake_timeout: float = 30.0
    # A session, or the time since its last accepted message, may last session_seconds + bytes / minimum_rate.
    session_seconds: float = 600.0
    minimum_rate: float = 2000.0
    # How long a closed connection may take to fetch its last reply before it is cut.
    linger: float = 10.0
