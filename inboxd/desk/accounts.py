"""The on-file directory, as it is read."""

from dataclasses import asdict
from typing import Any

from inboxd.accounts import Account
from inboxd.desk.context import Context
from inboxd.errors import InboxdError


def list_(context: Context) -> list[dict[str, Any]]:
    """Return every account."""
    return [_shown(account) for account in context.policy.current.directory]


def show(context: Context, id: str) -> dict[str, Any]:  # noqa: A002 - the word of the command line
    """Return one account."""
    account = context.policy.current.directory.get(id)
    if account is None:
        raise InboxdError(f'no account "{id}" in {context.settings.accounts}')
    return _shown(account)


def _shown(account: Account) -> dict[str, Any]:
    shown = asdict(account)
    for contact, record in zip(shown["contacts"], account.contacts, strict=True):
        until = record.valid_until
        contact["id"] = record.id
        contact["valid_until"] = until.isoformat() if until else None
    return shown
