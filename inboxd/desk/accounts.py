"""The on-file directory, as it is read: the accounts file over what commands put on file."""

from itertools import islice
from typing import Any

from inboxd import views
from inboxd.accounts import Account, Contact, Directory
from inboxd.accounts.kept_json import as_json
from inboxd.desk.arguments import Limit
from inboxd.desk.context import Context
from inboxd.errors import InboxdError, TryLater

_PAGE = 200


def list_(context: Context, after: str | None = None, limit: Limit = _PAGE) -> dict[str, Any]:
    """Return a page of accounts; `after` is the id of its last one, None behind the last page. Without events."""
    accounts = iter(context.policy.current.directory)
    if after is not None and not any(account.id == after for account in accounts):
        raise TryLater("the accounts were changed while they were read: ask again")
    page = list(islice(accounts, limit + 1))
    shown = [view(account, []) for account in page[:limit]]
    return {"accounts": shown, "after": shown[-1]["id"] if len(page) > limit else None}


def show(context: Context, id: str) -> dict[str, Any]:  # noqa: A002 - the word of the command line
    """Return one account, with what commands did to it."""
    return view(in_directory(context.policy.current.directory, id), context.on_file.events(id))


def kept(context: Context, after: str | None = None) -> dict[str, Any]:
    """Return a page of what the store keeps of the directory, by account id; for `check`, which reads the file anew."""
    layer = context.policy.current.directory.kept
    ids = sorted(each.id for each in layer if after is None or each.id > after)
    page = [as_json(found) for found in map(layer.get, ids[:_PAGE]) if found is not None]
    return {"kept": page, "after": ids[_PAGE - 1] if len(ids) > _PAGE else None}


def in_directory(directory: Directory, account_id: str) -> Account:
    """Return the account of that id. Raises InboxdError where there is none."""
    account = directory.get(account_id)
    if account is None:
        raise InboxdError(f'no account "{account_id}" is on file')
    return account


def view(account: Account, events: list[Any]) -> dict[str, Any]:
    """Return an account as a JSON object."""
    return {
        "id": account.id,
        "name": account.name,
        "plan": account.plan,
        "contacts": [_contact(each) for each in account.contacts],
        "source": str(account.source),
        "events": [
            {"at": views.time(each.at), "actor": each.actor, "what": each.what, "why": each.why} for each in events
        ],
    }


def _contact(contact: Contact) -> dict[str, Any]:
    return {
        "id": contact.id,
        "name": contact.name,
        "addresses": list(contact.addresses),
        "numbers": list(contact.numbers),
        "authorized": contact.authorized,
        "role": contact.role,
        "valid_until": None if contact.valid_until is None else contact.valid_until.isoformat(),
        "source": str(contact.source),
    }
