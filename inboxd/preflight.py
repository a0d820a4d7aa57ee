"""Everything that would keep the daemon from working, looked at before it starts; nothing is changed.

`inboxd check` shows every finding, good ones too; `inboxd run` starts when none of them is wrong or failed.
"""

import errno
import os
import socket
import ssl
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from inboxd import accounts
from inboxd.control.client import connect
from inboxd.errors import ConfigurationWrong, InboxdError, TryLater
from inboxd.settings import Endpoint, Settings
from inboxd.settings.secret import read_private
from rules.mistakes import Mistake, MistakesFound
from transcribe.run import model_ready

if TYPE_CHECKING:
    from inboxd.settings import Tls

# wrong: a file of ours has to be corrected (78); failed: something else needs a person (1).
Level = Literal["ok", "warning", "wrong", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found at `place`: a file (with line and column for a mistake), an address, a folder."""

    level: Level
    what: str
    place: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


def before_run(settings: Settings) -> None:
    """Raise what keeps a daemon with these settings from starting, all of it at once.

    Rules, accounts and the store are not looked at: who starts the daemon loads them, and says the same of them.
    Raises TryLater when another daemon answers, ConfigurationWrong when a file is wrong, else InboxdError.
    """
    if _answers(settings.control.socket):
        raise TryLater(f"another daemon answers at {settings.control.socket}")
    found = [*secrets(settings), *certificate(settings), *folders(settings), *listeners(settings, running=False)]
    found += speech(settings)
    stopping = [finding for finding in found if finding.level in ("wrong", "failed")]
    if not stopping:
        return
    text = "\n".join(map(str, stopping))
    if any(finding.level == "wrong" for finding in stopping):
        raise ConfigurationWrong(text)
    raise InboxdError(text)


def everything(settings: Settings) -> Iterator[Finding]:
    """Look at everything that these settings lead to, in the order in which a daemon would meet it."""
    yield from policy(settings)
    yield from secrets(settings)
    yield from certificate(settings)
    running = False
    try:
        running = _answers(settings.control.socket)
        yield Finding(
            level="ok",
            what="a daemon answers" if running else "no daemon is running",
            place=str(settings.control.socket),
        )
    except InboxdError as error:
        yield Finding(level="failed", what=str(error), place=str(settings.control.socket))
    yield from folders(settings)
    yield from listeners(settings, running=running)
    yield from speech(settings)
    yield from store(settings, running=running)


def policy(settings: Settings) -> Iterator[Finding]:
    """Read rules and accounts; each mistake is a finding."""
    plans: frozenset[str] | None = None
    if settings.rules is not None:
        from rules.load import load

        try:
            rules = load(settings.rules, zone=settings.desk.zone.key)
        except MistakesFound as found:
            yield from _mistakes(found.mistakes)
        else:
            plans = None if rules.plans is None else frozenset(rules.plans)
            yield Finding(level="ok", what="rules without mistakes", place=str(settings.rules))
    if settings.accounts is not None:
        try:
            directory = accounts.load(settings.accounts, plans)
        except ConfigurationWrong as error:
            yield from _wrong(error, str(settings.accounts))
        else:
            yield Finding(
                level="ok",
                what=f"{len(directory)} account{'' if len(directory) == 1 else 's'}",
                place=str(settings.accounts),
            )


def secrets(settings: Settings) -> Iterator[Finding]:
    """Look at each file that only inboxd may read: there, readable, closed to others."""
    password = settings.store.password_file
    if password is not None:
        try:
            password.check()
        except ConfigurationWrong as error:
            yield from _wrong(error, str(password.path))
        else:
            yield Finding(level="ok", what="a secret, closed to others", place=str(password.path))


def certificate(settings: Settings) -> Iterator[Finding]:
    """Load the SMTP listener's certificate with its key, as the listener will."""
    tls = settings.smtp.tls if settings.smtp is not None else None
    if tls is None:
        return
    try:
        read_private(tls.key)
    except ConfigurationWrong as error:
        yield from _wrong(error, str(tls.key.path))
        return
    problem = _certificate_problem(tls)
    if problem is not None:
        yield from _wrong(tls.certificate_place.wrong(problem), str(tls.certificate_file))
    else:
        yield Finding(level="ok", what="certificate and key belong together", place=str(tls.certificate_file))


def _certificate_problem(tls: "Tls") -> str | None:
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


def folders(settings: Settings) -> Iterator[Finding]:
    """Look whether the folders that inboxd writes to are there and may be written to."""
    wanted: dict[Path, str] = {}
    if settings.store.sqlite_path is not None:
        wanted[settings.store.sqlite_path.parent] = "store"
    blobs = settings.store.blobs
    if blobs is not None:
        wanted.setdefault(blobs if blobs.exists() else blobs.parent, "blobs")
    wanted.setdefault(settings.control.socket.parent, "control socket")
    for folder, use in wanted.items():
        problem = _folder_problem(folder)
        what = f"the folder of the {use} {problem or 'may be written to'}"
        yield Finding(level="failed" if problem else "ok", what=what, place=str(folder))


def _folder_problem(folder: Path) -> str | None:
    try:
        mode = folder.stat().st_mode
    except FileNotFoundError:
        return "does not exist; make it first"
    except OSError as error:
        return f"cannot be looked at: {error.strerror}"
    if not stat.S_ISDIR(mode):
        return "is not a folder"
    # A file system that is mounted read-only refuses root, too.
    if not os.access(folder, os.W_OK | os.X_OK, effective_ids=True):
        return "may not be written to by this user"
    return None


def listeners(settings: Settings, *, running: bool) -> Iterator[Finding]:
    """Look whether each address can be listened on; `running`: our own daemon holds them."""
    sections = {"smtp": settings.smtp, "http": settings.http}
    for name, section in sections.items():
        if section is None:
            continue
        endpoint = section.listen
        place = f"{name}.listen {endpoint}"
        problem = _address_problem(endpoint)
        if problem is None:
            yield Finding(level="ok", what="free", place=place)
        elif running and problem.errno == errno.EADDRINUSE:
            yield Finding(level="ok", what="held by the running daemon", place=place)
        else:
            yield Finding(level="failed", what=_address_words(problem), place=place)


def _address_problem(endpoint: Endpoint) -> OSError | None:
    """Bind to the address without listening: nobody can connect meanwhile, and what is taken is found out."""
    try:
        for family, kind, number, _, address in socket.getaddrinfo(
            endpoint.host, endpoint.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            with socket.socket(family, kind, number) as sock:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                sock.bind(address)
    except OSError as error:
        return error
    return None


def _address_words(error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return "the port is taken by another program: stop it, or listen on another port"
        case errno.EADDRNOTAVAIL:
            return "no address of this machine"
        case errno.EACCES:
            return "this user may not listen on a port this low"
        case _:
            return f"cannot be listened on: {error.strerror}"


def speech(settings: Settings) -> Iterator[Finding]:
    """Look whether the recogniser has its model, without loading it."""
    problem = model_ready(settings.speech.engine, settings.speech.model)
    place = str(settings.speech.model or f"speech engine {settings.speech.engine}")
    if problem is None:
        yield Finding(level="ok", what="the speech model is ready", place=place)
    elif settings.speech.model is not None:
        yield Finding(level="wrong", what=f"speech.model: {problem}", place=str(settings.path))
    else:
        yield Finding(level="failed", what=problem, place=place)


def store(settings: Settings, *, running: bool) -> Iterator[Finding]:
    """Look at the store's schema, reading only; `running`: our own daemon has it open, so it is this version's."""
    place = str(settings.store.sqlite_path or settings.store.url)
    if running:
        yield Finding(level="ok", what="the running daemon has it open", place=place)
        return
    from store.errors import StoreError, StoreMissing, StoreNewer, StoreOlder
    from store.open import Store

    try:
        Store.open(settings.store.connection_url(), role="reader").close()
    except StoreMissing:
        yield Finding(level="warning", what="there is no store yet; `inboxd run` will make one", place=place)
    except (StoreOlder, StoreNewer) as error:
        yield Finding(level="wrong", what=str(error), place=place)
    except StoreError as error:
        yield Finding(level="failed", what=str(error), place=place)
    except ConfigurationWrong:
        return  # the password file, which stands among the secrets
    else:
        yield Finding(level="ok", what="the store's schema is this version's", place=place)


def _answers(path: Path) -> bool:
    return connect(path) is not None


def _wrong(error: ConfigurationWrong, place: str) -> Iterator[Finding]:
    if error.mistakes:
        yield from _mistakes(error.mistakes)
    else:
        yield Finding(level="wrong", what=str(error), place=place)


def _mistakes(mistakes: tuple[Mistake, ...]) -> Iterator[Finding]:
    for mistake in mistakes:
        place = f"{mistake.file}:{mistake.line}:{mistake.column}"
        yield Finding(level="wrong", what=mistake.message, place=place)


def of_configuration(error: ConfigurationWrong, path: Path) -> list[Finding]:
    """Return the findings of a configuration that could not be read."""
    return list(_wrong(error, str(path)))
