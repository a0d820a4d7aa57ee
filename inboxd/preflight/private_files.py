"""Files that only inboxd may read: secrets, and the certificate whose key is one."""

import ssl
from collections.abc import Iterator

from inboxd.errors import ConfigurationWrong
from inboxd.preflight.finding import Finding, wrong
from inboxd.settings import Settings
from inboxd.settings.secret import SecretFile, read_private
from inboxd.settings.sections import Mailbox, Outgoing, Tls, Twilio


def store_password(settings: Settings) -> Iterator[Finding]:
    """Look at the file with the store's password: without it nothing can start."""
    if settings.store.password_file is not None:
        yield from _secret(settings.store.password_file)


def secrets_for_others(settings: Settings) -> Iterator[Finding]:
    """Look at each file with a secret for a server that is not ours; without one of these all else still works."""
    signing_in: list[Mailbox | Outgoing | Twilio] = [
        *settings.imap,
        *(each for each in (settings.outgoing, settings.twilio) if each is not None),
    ]
    files = {file.path: file for each in signing_in for file in secrets_of(each)}
    for file in files.values():
        if not_for_us(file):
            # Somebody of the desk looks; the daemon may well have it. The sign-in that needs it says more.
            what = "not for this user to read, and not looked at: check as root, or as the user that inboxd runs as"
            yield Finding(level="warning", what=what, place=str(file.path))
        else:
            yield from _secret(file)


def secrets_of(server: Mailbox | Outgoing | Twilio) -> list[SecretFile]:
    """Give the files with which inboxd signs in at a server."""
    if isinstance(server, Twilio):
        return [server.auth_token]
    oauth2 = server.oauth2
    files = (server.password, *((oauth2.client_secret, oauth2.refresh_token) if oauth2 is not None else ()))
    return [file for file in files if file is not None]


def not_for_us(file: SecretFile) -> bool:
    """Whether it is there, or may be, and this user may not read it."""
    try:
        file.check()
    except ConfigurationWrong as error:
        return isinstance(error.__cause__, PermissionError)
    return False


def _secret(file: SecretFile) -> Iterator[Finding]:
    try:
        file.check()
    except ConfigurationWrong as error:
        yield from wrong(error, str(file.path))
    else:
        yield Finding(level="ok", what="a secret, closed to others", place=str(file.path))


def certificate(settings: Settings) -> Iterator[Finding]:
    """Load the SMTP listener's certificate with its key, as the listener will."""
    tls = settings.smtp.tls if settings.smtp is not None else None
    if tls is None:
        return
    try:
        read_private(tls.key)
    except ConfigurationWrong as error:
        yield from wrong(error, str(tls.key.path))
        return
    problem = _certificate_problem(tls)
    if problem is not None:
        yield from wrong(tls.certificate_place.wrong(problem), str(tls.certificate_file))
    else:
        yield Finding(level="ok", what="certificate and key belong together", place=str(tls.certificate_file))


def _certificate_problem(tls: Tls) -> str | None:
    name = f"smtp.certificate_file: {tls.certificate_file}"
    try:
        with tls.certificate_file.open("rb"):
            pass
    except OSError as error:
        return f"{name} cannot be read: {error.strerror}"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # A passphrase would be asked for on the terminal otherwise, and a daemon has none.
        context.load_cert_chain(tls.certificate_file, tls.key.path, password=lambda: b"")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            return f"{name} is not the certificate of the key {tls.key.path}"
        return f"{name} or its key {tls.key.path} is no PEM file without a passphrase ({error.reason or 'unreadable'})"
    return None
