"""Accounts and their contacts in memory, found by id, address and number."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from inboxd import addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person or place of an account: the addresses and numbers that are on file, and what they may ask for.

    `id` is the first address, else the first number. `valid_until` is the last day, inclusive, on which
    `authorized` holds; None for no end. Numbers are E.164 text.
    """

    id: str
    name: str
    addresses: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    authorized: bool = False
    role: str | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A customer of the desk."""

    id: str
    name: str
    plan: str | None = None
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One place where an address or number is on file."""

    account: Account
    contact: Contact


def authorized_on(contact: Contact, day: date) -> bool:
    """Say whether a contact may ask for changes on `day`, the desk's day when the message was received."""
    return contact.authorized and (contact.valid_until is None or day <= contact.valid_until)


class Directory:
    """Accounts in the order of the file, by id, address or number. Immutable: a reload makes a new one."""

    __slots__ = ("_accounts", "_by_address", "_by_number")

    def __init__(self, accounts: Iterable[Account] = ()) -> None:
        self._accounts: dict[str, Account] = {account.id: account for account in accounts}
        self._by_address = _index(self._accounts.values(), lambda contact: map(addresses.key, contact.addresses))
        self._by_number = _index(self._accounts.values(), lambda contact: contact.numbers)

    def __len__(self) -> int:
        return len(self._accounts)

    def __iter__(self) -> Iterator[Account]:
        return iter(self._accounts.values())

    def get(self, account_id: str) -> Account | None:
        """Return the account of that id, None when there is none."""
        return self._accounts.get(account_id)

    def by_address(self, address: str) -> tuple[Match, ...]:
        """Return every contact with this address on file; compared as `addresses.key` says."""
        return self._by_address.get(addresses.key(address), ())

    def by_number(self, number: str) -> tuple[Match, ...]:
        """Return every contact that has this number (E.164 text) on file."""
        return self._by_number.get(number, ())


def _index(accounts: Iterable[Account], keys: Callable[[Contact], Iterable[str]]) -> dict[str, tuple[Match, ...]]:
    found: defaultdict[str, list[Match]] = defaultdict(list)
    for account in accounts:
        for contact in account.contacts:
            # A contact that lists the same key twice is still one match, or it would look like an ambiguity.
            for key in dict.fromkeys(keys(contact)):
                found[key].append(Match(account=account, contact=contact))
    return {key: tuple(matches) for key, matches in found.items()}
