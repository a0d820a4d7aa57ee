"""What the store keeps of the directory, between its rows and the accounts and contacts of this program."""

import sys
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from inboxd.accounts.directory import Account, Contact, Kept, Source
from store import accounts as store_accounts
from store.accounts import AccountRow, ContactRow


def kept_from(accounts: Iterable[AccountRow], contacts: Iterable[ContactRow]) -> dict[str, Kept]:
    """Return what the rows say, by account id."""
    theirs: defaultdict[str, list[Contact]] = defaultdict(list)
    for row in contacts:
        theirs[row.account_id].append(_contact(row))
    own = {row.id: _account(row) for row in accounts}
    return {
        account_id: Kept(id=account_id, account=own.get(account_id), contacts=tuple(theirs.get(account_id, ())))
        for account_id in [*own, *(each for each in theirs if each not in own)]
    }


def body_of(contact: Contact) -> dict[str, Any]:
    """Return a contact as its row keeps it; its id, its source and its place stand elsewhere or are no part of it."""
    return {
        "name": contact.name,
        "addresses": list(contact.addresses),
        "numbers": list(contact.numbers),
        "authorized": contact.authorized,
        "role": contact.role,
        "valid_until": None if contact.valid_until is None else contact.valid_until.isoformat(),
    }


@lru_cache(maxsize=256)
def _source(kind: store_accounts.Source, file: str | None, by: str, at: int) -> Source:
    # One object for everything that one import put there.
    return Source(kind=kind, file=file or "", by=by, on=datetime.fromtimestamp(at / 1000, UTC).date())


def _source_of(row: AccountRow | ContactRow) -> Source:
    return _source(row.source, row.file, row.changed_by, row.changed_at)


def _account(row: AccountRow) -> Account:
    plan = None if row.plan is None else sys.intern(row.plan)
    return Account(id=row.id, name=row.name, plan=plan, source=_source_of(row))


def _contact(row: ContactRow) -> Contact:
    body = row.body
    until, role = body["valid_until"], body["role"]
    return Contact(
        id=row.contact_id,
        name=sys.intern(body["name"]),
        addresses=tuple(body["addresses"]),
        numbers=tuple(body["numbers"]),
        authorized=body["authorized"],
        role=None if role is None else sys.intern(role),
        valid_until=None if until is None else date.fromisoformat(until),
        source=_source_of(row),
    )
