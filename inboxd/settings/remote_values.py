"""Single values that say where mail lies and how to sign in there; ValueError says what would be right."""

import ipaddress
import re
from datetime import date
from urllib.parse import urlsplit

from inboxd import addresses
from inboxd.settings.sections import After, Start

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")
_REFERENCE = "imap."
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# RFC 6749 3.3: printable ASCII without the space (which parts them), the quote and the backslash.
_SCOPE = re.compile(r"[!#-\[\]-~]+(?: [!#-\[\]-~]+)*")
_DIRECTORY_ID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_NO_DIRECTORY = frozenset({"common", "organizations", "consumers"})


def is_loopback(host: str) -> bool:
    """Say whether what is sent to `host` never leaves this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        # RFC 6761 6.3: the name and all below it are this machine.
        return addresses.ascii_lower(host).rpartition(".")[2] == "localhost"


def mailbox_name(text: str) -> str:
    """Check the name that tickets, logs and commands give a mailbox."""
    if not _NAME.fullmatch(text):
        raise ValueError(f'"{text}" is no name for a mailbox: letters, digits, dots and hyphens, like support')
    return text


def mailbox_reference(text: str) -> str:
    """Check `imap.support`: the sign-in of that mailbox. Returns it whole."""
    if not text.startswith(_REFERENCE) or not _NAME.fullmatch(text.removeprefix(_REFERENCE)):
        raise ValueError(
            f'"{text}" names no mailbox: write imap.NAME for the sign-in of that mailbox, or the keys of oauth2 here'
        )
    return text


def host(text: str) -> str:
    """Check the name or network address of a server."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        pass  # a name, then
    if "://" in text:
        raise ValueError(f'"{text}" is a URL: write only the host, like mail.example.com')
    name, colon, port = text.rpartition(":")
    if colon and port.isdigit():
        raise ValueError(f'"{text}" holds a port: write host: {name} and port: {port}')
    if problem := addresses.domain_problem(text, dotless=True):
        raise ValueError(problem.replace("it like example.com", "the host like mail.example.com"))
    return addresses.ascii_lower(text)


def user(text: str) -> str:
    """Check a login name; what may stand in one is the server's matter."""
    # RFC 4616: a NUL would end the name; nobody can type the rest.
    if not text or text != text.strip() or not text.isprintable():
        raise ValueError("must be a login name: one line of printable text, no spaces around it")
    return text


def folder(text: str) -> str:
    """Check the name of a mailbox folder, as people see it (not in modified UTF-7)."""
    if not text or text != text.strip() or not text.isprintable():
        raise ValueError("must be the name of a folder: one line of printable text, like INBOX")
    if "*" in text or "%" in text:
        raise ValueError(f'"{text}" holds * or %, which stand for many folders: name each folder by itself')
    # RFC 3501 5.1: INBOX is the same in any case; nothing else is.
    return "INBOX" if addresses.ascii_lower(text) == "inbox" else text


def after(text: str) -> After:
    """Read `keep`, `seen`, `move:FOLDER`, `delete`."""
    match text:
        case "keep" | "seen" | "delete":
            return After(action=text)
        case _ if text.startswith("move:"):
            return After(action="move", folder=folder(text.removeprefix("move:").strip()))
        case "move":
            raise ValueError("move needs a folder: write move:FOLDER, like move:Filed")
        case _:
            raise ValueError(f'"{text}" is nothing to do with a stored mail: write keep, seen, move:FOLDER or delete')


def start(text: str) -> Start:
    """Read `now`, `history`, `all`, or a date."""
    match text:
        case "now" | "history" | "all":
            return Start(what=text)
        case _ if _DATE.fullmatch(text):
            try:
                return Start(what="date", since=date.fromisoformat(text))
            except ValueError:
                raise ValueError(f'"{text}" is no day of any calendar: write a date like 2026-01-31') from None
        case _:
            raise ValueError(f'"{text}" is no start: write now, history, all, or a date like 2026-01-31')


def envelope(text: str) -> str:
    """Read who the envelope's sender is, where it is not the null sender."""
    if text != "from":
        raise ValueError(f'"{text}" is no sender of an envelope: write null for the null sender, or from')
    return text


def authserv_id(text: str) -> str:
    """Check the authserv-id of RFC 8601 2.2: the name that a mail server signs its results with."""
    if problem := addresses.domain_problem(text, dotless=True):
        raise ValueError(problem.replace("it like example.com", "it as it stands in the mails, like mx.example.com"))
    return addresses.ascii_lower(text)


def tenant(text: str) -> str:
    """Check the directory at Microsoft that an application is registered in."""
    if addresses.ascii_lower(text) in _NO_DIRECTORY:
        raise ValueError(f'"{text}" is no directory of one\'s own: write the Directory (tenant) ID, or a domain of it')
    if not _DIRECTORY_ID.fullmatch(text) and addresses.domain_problem(text):
        raise ValueError(
            f'"{text}" is no directory: write the Directory (tenant) ID from the overview page of the application, or '
            "a domain of it, like example.com"
        )
    return text


def secure_url(text: str) -> str:
    """Check the URL that secrets are sent to (RFC 6749 3.1, 3.2): https, or http within this machine."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    right = "write it like https://login.example.com/token"
    if not parts.hostname or parts.scheme not in {"https", "http"} or not text.isprintable() or " " in text:
        raise ValueError(f'"{text}" is no URL: {right}')
    if parts.username is not None or parts.password is not None:
        # Not repeated: it may hold a password.
        raise ValueError(f"a URL with a name or password in it: {right}, and the secret into client_secret_file")
    if "#" in text:
        raise ValueError(f'"{text}" has a part behind #, which no token endpoint has (RFC 6749 3.2): {right}')
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError(f'"{text}" would send secrets in the clear: write https://')
    return text


def scope(text: str) -> str:
    """Check a scope: words with single spaces between."""
    if not _SCOPE.fullmatch(text):
        raise ValueError(f'"{text}" is no scope: words with single spaces between, without quotes (RFC 6749 3.3)')
    return text
