"""Accounts and contacts in memory, found by id, address and number: the accounts file over what the store keeps."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from inboxd import addresses
from inboxd.accounts.layer import Layer, several


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who put something on file: the accounts file `file`, an import of the file `file`, or a command."""

    kind: Literal["file", "import", "command"]
    file: str = ""
    by: str = ""
    on: date | None = None

    def __str__(self) -> str:
        if self.kind == "file":
            return self.file
        what = f"import {self.file}" if self.kind == "import" else "command"
        return f"{what} by {self.by} on {self.on}"


_ACCOUNTS_FILE = Source(kind="file", file="accounts.yaml")


# The role of whoever speaks for an account: asked when somebody else of theirs wants something.
PRIMARY: Final = "primary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person or place of an account: the addresses and numbers that are on file, and what they may ask for.

    `id` is the first address, else the first number. `valid_until` is the last day, inclusive, on which
    `authorized` holds; None for no end. Numbers are E.164 text. `source` says who put it on file, `line` where it
    stands in the file of that name (0: in none).
    """

    id: str
    name: str
    addresses: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    authorized: bool = False
    role: str | None = None
    valid_until: date | None = None
    source: Source = field(default=_ACCOUNTS_FILE, compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A customer of the desk; `source` and `line` as in Contact."""

    id: str
    name: str
    plan: str | None = None
    contacts: tuple[Contact, ...] = ()
    source: Source = field(default=_ACCOUNTS_FILE, compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the store keeps under the id of an account: the account, where it has one of its own, and contacts.

    Contacts without an account are additions to one of the accounts file. `account` has no contacts of its own.
    """

    id: str
    account: Account | None
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One place where an address or number is on file."""

    account: Account
    contact: Contact


def authorized_on(contact: Contact, day: date) -> bool:
    """Say whether a contact may ask for changes on `day`, the desk's day when the message was received."""
    return contact.authorized and (contact.valid_until is None or day <= contact.valid_until)


def same_contact(one: Contact, other: Contact) -> bool:
    """Say whether two contacts of an account are the same: they share an address, or without any, the number.

    A number alone makes none the same where there are addresses: it may be a switchboard.
    """
    if one.addresses or other.addresses:
        return not {addresses.key(each) for each in one.addresses}.isdisjoint(map(addresses.key, other.addresses))
    return one.id == other.id


def merged(ruling: Account | None, kept: Kept | None) -> Account | None:
    """Put the account of the file over what the store keeps; None where neither has the account.

    The file rules over what it names: the account's fields, and each contact that stands there. Beside these stand the
    kept contacts that are none of them.
    """
    if kept is None or not (kept.contacts or kept.account):
        return ruling
    base = ruling or kept.account
    if base is None:
        return None
    added = tuple(
        contact for contact in kept.contacts if not any(same_contact(contact, named) for named in base.contacts)
    )
    if not added:
        return base
    return Account(
        id=base.id,
        name=base.name,
        plan=base.plan,
        contacts=(*base.contacts, *added),
        source=base.source,
        line=base.line,
    )


class Directory:
    """Every account, in the order of the file and then of the ids that the store adds. Immutable.

    Both layers stay as they are and are laid over each other on looking: a change of one account in a directory of
    fifty thousand costs no more than that account.
    """

    __slots__ = ("file", "kept")

    def __init__(self, accounts: Iterable[Account] = (), kept: Layer[Kept] | None = None) -> None:
        self.file: Layer[Account] = Layer(accounts)
        self.kept: Layer[Kept] = Layer() if kept is None else kept

    def with_kept(self, kept: Layer[Kept]) -> "Directory":
        """Return a directory of the same file over other contents of the store."""
        other = Directory(kept=kept)
        other.file = self.file
        return other

    def __len__(self) -> int:
        return len(self.file) + sum(1 for each in self.kept if each.account and each.id not in self.file)

    def __iter__(self) -> Iterator[Account]:
        for account in self.file:
            yield merged(account, self.kept.get(account.id)) or account
        own = (each.id for each in self.kept if each.account and each.id not in self.file)
        yield from filter(None, map(self.get, sorted(own)))

    def get(self, account_id: str) -> Account | None:
        """Return the account of that id, None when there is none."""
        return merged(self.file.get(account_id), self.kept.get(account_id))

    def by_address(self, address: str) -> tuple[Match, ...]:
        """Return every contact with this address on file; compared as `addresses.key` says."""
        key = addresses.key(address)
        return tuple(
            Match(account=account, contact=contact)
            for account in self._some(self.file.with_address(key), self.kept.with_address(key))
            for contact in account.contacts
            if any(addresses.key(each) == key for each in contact.addresses)
        )

    def by_number(self, number: str) -> tuple[Match, ...]:
        """Return every contact that has this number (E.164 text) on file."""
        return tuple(
            Match(account=account, contact=contact)
            for account in self._some(self.file.with_number(number), self.kept.with_number(number))
            for contact in account.contacts
            if number in contact.numbers
        )

    def numbers(self, account_id: str | None = None) -> frozenset[str]:
        """Return the numbers on file, in E.164: of one account, or of all."""
        one = None if account_id is None else self.get(account_id)
        accounts: Iterable[Account] = self if account_id is None else () if one is None else (one,)
        return frozenset(number for account in accounts for contact in account.contacts for number in contact.numbers)

    def shared(self) -> Iterator[tuple[str, tuple[Match, ...]]]:
        """Give each address and number that is on file for several accounts, with every place where it is."""
        for key in several(self.file.by_address, self.kept.by_address):
            yield from _if_shared(self.by_address(key))
        for number in several(self.file.by_number, self.kept.by_number):
            yield from _if_shared(self.by_number(number), number)

    def _some(self, *ids: tuple[str, ...]) -> Iterator[Account]:
        for account_id in dict.fromkeys(each for some in ids for each in some):
            account = self.get(account_id)
            if account is not None:
                yield account


def _if_shared(matches: tuple[Match, ...], number: str | None = None) -> Iterator[tuple[str, tuple[Match, ...]]]:
    if len({match.account.id for match in matches}) > 1:
        yield number or _spelling(matches), matches


def _spelling(matches: tuple[Match, ...]) -> str:
    one, other = matches[0].contact, matches[1].contact
    keys = {addresses.key(each) for each in other.addresses}
    return next(each for each in one.addresses if addresses.key(each) in keys)
