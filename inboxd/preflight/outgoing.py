"""The smarthost: connected to, signed in to, asked what it can do, and tried with a mail where somebody asks for it."""

from collections.abc import Iterator
from typing import Final

from inboxd import addresses
from inboxd.control.client import ControlBackend
from inboxd.control.client import connect as connect_daemon
from inboxd.errors import ConfigurationWrong, InboxdError
from inboxd.oauth import RefreshTokens, TokenSources
from inboxd.preflight.finding import Finding
from inboxd.preflight.tokens import refresh_tokens
from inboxd.remote.trouble import Troubled
from inboxd.settings import Outgoing, Settings
from inboxd.smtp_submission import Abilities, connect

_PLACE: Final = "outgoing"
# What inboxd writes is small; this is room for a reply with an attachment.
_ENOUGH: Final = 10 * 1024 * 1024


def outgoing(settings: Settings, *, running: bool) -> Iterator[Finding]:
    """Look at the smarthost, if there is one."""
    if settings.outgoing is None:
        if settings.smtp is not None or settings.imap or settings.twilio is not None:
            what = (
                "there is no section outgoing: receipts, questions, notices and replies are written and wait in the "
                "outbox; with mode: hold nothing goes before `inboxd outbox release`"
            )
            yield Finding(level="warning", what=what, place=str(settings.path))
        return
    try:
        abilities = _look(settings, settings.outgoing, running=running)
    except ConfigurationWrong:
        return  # a secret's file, which stands among the secrets
    except Troubled as troubled:
        yield Finding(level="failed", what=f"{troubled.trouble.what} {troubled.trouble.advice}", place=_PLACE)
        return
    except InboxdError as error:  # of the daemon, which has said it in the same words
        yield Finding(level="failed", what=str(error), place=_PLACE)
        return
    yield from _said(settings.outgoing, abilities)


def send_test(settings: Settings, to: str, *, running: bool) -> Iterator[Finding]:
    """Send a mail to `to` from each address of the desk, and one from the null sender; say each result."""
    # It takes the database along, which nobody needs for a look.
    from inboxd.send import trial

    problem = addresses.problem(to, dotless=True)
    if settings.outgoing is None or problem is not None:
        what = problem or "there is no section outgoing: nothing can be sent"
        yield Finding(level="failed", what=what, place=_PLACE)
        return
    try:
        daemon = _daemon_that_renews(settings, settings.outgoing, running=running)
        if daemon is not None:
            tried = [trial.Trial(**each) for each in daemon.call("outgoing.send-test", {"to": to})]
        else:
            with refresh_tokens(settings, running=running) as kept:
                tried = list(trial.send(settings, TokenSources(kept).of(settings.outgoing.oauth2), to))
    except InboxdError as error:
        yield Finding(level="failed", what=str(error), place=_PLACE)
        return
    for each in tried:
        sender = f"envelope {each.sender}" if each.sender else "the null sender on the envelope"
        what = f"mail to {to} from {each.from_address} with {sender}: {each.what}"
        yield Finding(level="ok" if each.taken else "failed", what=what, place=_PLACE)


def _look(settings: Settings, smarthost: Outgoing, *, running: bool) -> Abilities:
    daemon = _daemon_that_renews(settings, smarthost, running=running)
    if daemon is not None:
        return Abilities(**daemon.call("outgoing.look", {}))
    with refresh_tokens(settings, running=running) as kept:
        return _directly(settings, smarthost, kept)


def _daemon_that_renews(settings: Settings, smarthost: Outgoing, *, running: bool) -> ControlBackend | None:
    """Give the daemon where it must do it: a newer refresh token has to be kept, and the store is its to write."""
    renews = smarthost.oauth2 is not None and smarthost.oauth2.grant == "refresh-token"
    return connect_daemon(settings.control.socket) if running and renews else None


def _directly(settings: Settings, smarthost: Outgoing, kept: RefreshTokens) -> Abilities:
    with connect(smarthost, TokenSources(kept).of(smarthost.oauth2), hostname=settings.hostname) as session:
        return session.abilities


def _said(smarthost: Outgoing, abilities: Abilities) -> Iterator[Finding]:
    server = f"{smarthost.host}:{smarthost.port}"
    how = f"signed in to {server} as {smarthost.user}" if smarthost.user else f"{server} takes mail without a sign-in"
    limit = f"mails of up to {abilities.max_size:,} bytes" if abilities.max_size else "mails of any size"
    has = " and ".join(name for name, there in (("8BITMIME", abilities.eight_bit), ("DSN", abilities.dsn)) if there)
    yield Finding(level="ok", what=f"{how}; {limit}, {f'with {has}' if has else 'plain SMTP'}", place=_PLACE)
    if smarthost.mode == "hold":
        what = "mode is hold: nothing but pages goes out before `inboxd outbox release`"
        yield Finding(level="warning", what=what, place=_PLACE)
    if abilities.max_size is not None and abilities.max_size < _ENOUGH:
        yield Finding(
            level="warning",
            what=f"a reply of more than {abilities.max_size:,} bytes will not go through: raise the server's limit",
            place=_PLACE,
        )
