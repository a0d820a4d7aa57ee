"""`inboxd db`: looking after the store."""

from typing import Any

import click

from inboxd.cli.group import Group
from inboxd.cli.session import Session
from inboxd.errors import ConfigurationWrong, InboxdError, TryLater


@click.group("db", cls=Group)
def command() -> None:
    """Look after the store."""


@command.command("upgrade")
@click.pass_obj
def upgrade(session: Session) -> None:
    """Bring the store's schema up to this version; stop the daemon first.

    All of it happens or nothing. A store that is up to date is left as it is; a missing one is made.
    """
    session.out.show(_upgrade(session), _line)


def _upgrade(session: Session) -> dict[str, Any]:
    from inboxd.control.client import connect

    settings = session.settings()
    if connect(settings.control.socket) is not None:
        raise TryLater(f"the daemon at {settings.control.socket} uses the store: stop it first")
    from store import errors
    from store.open import Store

    blobs = settings.store.blobs
    try:
        with Store.open(
            settings.store.connection_url(),
            blobs=None if blobs is None else str(blobs),
            role="command",
            create=True,
            any_schema=True,
        ) as store:
            before = store.schema_state()
            store.upgrade()
            after = store.schema_state()
    except errors.StoreNewer as error:
        raise ConfigurationWrong(str(error)) from error
    except errors.StoreError as error:
        raise (TryLater if error.temporary else InboxdError)(str(error)) from error
    return {"store": settings.store.url, "from": before.revision, "to": after.revision, "error": None}


def _line(result: dict[str, Any]) -> str:
    if result["from"] == result["to"]:
        return f"{result['store']}: up to date ({result['to']})"
    return f"{result['store']}: upgraded from {result['from']} to {result['to']}"
