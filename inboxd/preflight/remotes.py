"""Servers that are not ours: asked directly, or, where only the daemon may sign in, the daemon is asked about them."""

from collections.abc import Iterator
from typing import Any

from inboxd.control.client import connect
from inboxd.errors import ConfigurationWrong, InboxdError
from inboxd.oauth import TokenSources
from inboxd.preflight.finding import Finding
from inboxd.preflight.mailboxes import Begun, mailboxes
from inboxd.preflight.private_files import not_for_us, secrets_of
from inboxd.preflight.tokens import refresh_tokens
from inboxd.settings import Mailbox, Settings


def remotes(settings: Settings, *, running: bool) -> Iterator[Finding]:
    """Look at every mailbox."""
    # Two that renew with one refresh token may leave each other without any: the daemon alone does. And the people of
    # the desk need no right to read its secrets.
    asked_of_daemon = [mailbox for mailbox in settings.imap if running and (_renews(mailbox) or _closed(mailbox))]
    direct = tuple(mailbox for mailbox in settings.imap if mailbox not in asked_of_daemon)
    if direct:
        with refresh_tokens(settings, running=running) as kept:
            sources = TokenSources(kept)
            yield from mailboxes(direct, lambda mailbox: sources.of(mailbox.oauth2), _begun(settings))
    if asked_of_daemon:
        yield from _as_the_daemon_sees_them(settings, asked_of_daemon)


def _renews(mailbox: Mailbox) -> bool:
    return mailbox.oauth2 is not None and mailbox.oauth2.grant == "refresh-token"


def _closed(mailbox: Mailbox) -> bool:
    return any(not_for_us(file) for file in secrets_of(mailbox))


def _begun(settings: Settings) -> Begun:
    """Give what the store knows of the folders; nothing where it cannot be read, which is a finding of its own."""
    from store import mailbox_audit
    from store.errors import StoreError
    from store.open import Store

    try:
        with Store.open(settings.store.connection_url(), role="reader") as store, store.read() as connection:
            return mailbox_audit.begun(connection)
    except (StoreError, ConfigurationWrong):
        return {}


def _as_the_daemon_sees_them(settings: Settings, wanted: list[Mailbox]) -> Iterator[Finding]:
    by_name = {}
    try:
        backend = connect(settings.control.socket)
        if backend is not None:
            by_name = {each["name"]: each for each in backend.call("status", {})["mailboxes"]}
    except InboxdError as error:
        yield Finding(level="failed", what=str(error), place=str(settings.control.socket))
        return
    for mailbox in wanted:
        yield _as_seen(f"imap.{mailbox.name}", by_name.get(mailbox.name, {}))


def _as_seen(place: str, view: dict[str, Any]) -> Finding:
    troubles = [
        view.get("trouble"),
        *(f"{each['folder']}: {each['trouble']}" for each in view.get("folders", ()) if each["trouble"]),
    ]
    said = " ".join(filter(None, troubles))
    if said:
        return Finding(level="failed", what=f"the running daemon says: {said}", place=place)
    if view.get("last_success_at") is None:
        return Finding(level="warning", what="the running daemon has not been able to look at it yet", place=place)
    what = f"the running daemon is signed in; it looked at it last at {view['last_success_at']}"
    return Finding(level="ok", what=what, place=place)
