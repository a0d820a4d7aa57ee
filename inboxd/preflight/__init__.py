"""Everything that would keep the daemon from working, looked at before it starts; nothing is changed.

`inboxd check` shows every finding, good ones too; `inboxd run` starts when none of them is wrong or failed.
"""

from collections.abc import Iterator
from pathlib import Path

from inboxd.control.client import connect
from inboxd.errors import ConfigurationWrong, InboxdError, TryLater
from inboxd.preflight.canary import canary
from inboxd.preflight.directory import on_file
from inboxd.preflight.domains import domains
from inboxd.preflight.finding import Finding, Level, of_configuration
from inboxd.preflight.folders import folders
from inboxd.preflight.listeners import listeners
from inboxd.preflight.outgoing import outgoing, send_test
from inboxd.preflight.phone import phone
from inboxd.preflight.policy import policy
from inboxd.preflight.private_files import certificate, secrets_for_others, store_password
from inboxd.preflight.remotes import remotes
from inboxd.preflight.running_rules import running_rules
from inboxd.preflight.speech import speech
from inboxd.preflight.store import store
from inboxd.settings import Settings

__all__ = ["Finding", "Level", "before_run", "everything", "of_configuration", "on_file"]


def before_run(settings: Settings) -> None:
    """Raise what keeps a daemon with these settings from starting, all of it at once.

    Rules, accounts and the store are not looked at: who starts the daemon loads them, and says the same of them.
    Raises TryLater when another daemon answers, ConfigurationWrong when a file is wrong, else InboxdError.
    """
    if _answers(settings.control.socket):
        raise TryLater(f"another daemon answers at {settings.control.socket}")
    found = [*store_password(settings), *certificate(settings), *folders(settings)]
    found += [*listeners(settings, running=False), *speech(settings)]
    stopping = [finding for finding in found if finding.level in ("wrong", "failed")]
    if not stopping:
        return
    text = "\n".join(map(str, stopping))
    if any(finding.level == "wrong" for finding in stopping):
        raise ConfigurationWrong(text)
    raise InboxdError(text)


def everything(settings: Settings, *, send_test_to: str | None = None) -> Iterator[Finding]:
    """Look at everything that these settings lead to, in the order in which a daemon would meet it.

    `send_test_to`: an address that a mail is sent to from each address of the desk.
    """
    yield from policy(settings)
    yield from store_password(settings)
    yield from secrets_for_others(settings)
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
    if running:
        yield from running_rules(settings)
    yield from folders(settings)
    yield from listeners(settings, running=running)
    yield from speech(settings)
    yield from store(settings, running=running)
    yield from domains(settings)
    yield from remotes(settings, running=running)
    yield from outgoing(settings, running=running)
    yield from canary(settings)
    yield from phone(settings, running=running)
    if send_test_to is not None:
        yield from send_test(settings, send_test_to, running=running)


def _answers(path: Path) -> bool:
    return connect(path) is not None
