"""Whom to ask: only ever an address on file, never one that only the message names."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from inboxd.accounts import PRIMARY, Account, Contact, Directory, authorized_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """The address to ask, and in a sentence why it; `address` None: nobody may be asked, and why."""

    address: str | None
    sentence: str


def to_ask(directory: Directory, account_id: str, contact_ids: Iterable[str], today: date) -> Whom:
    """Choose: the first address of the contact that was identified if authorised, else of the primary contact.

    `contact_ids` are those that it may have been: one, or it is not certain. `today` is the desk's day of the cause.
    """
    account = directory.get(account_id)
    if account is None:
        return Whom(address=None, sentence=f"The account {account_id} is on file no more.")
    for contact, why in _candidates(account, tuple(contact_ids)):
        if contact.addresses and authorized_on(contact, today):
            address = contact.addresses[0]
            if len({match.account.id for match in directory.by_address(address)}) > 1:
                # Its answer would be nobody's.
                return Whom(address=None, sentence=f"{address} is on file for several accounts: it can prove nothing.")
            return Whom(address=address, sentence=f"{address} is on file for {contact.name or contact.id}, {why}.")
    return Whom(
        address=None,
        sentence=f"Nobody of {account.name} may be asked: no authorised contact that called or wrote has an address on "
        f"file, and neither has a contact with the role {PRIMARY}.",
    )


def _candidates(account: Account, contact_ids: tuple[str, ...]) -> Iterator[tuple[Contact, str]]:
    if len(contact_ids) == 1:
        yield from ((each, "in whose name it came") for each in account.contacts if each.id == contact_ids[0])
    yield from ((each, "the primary contact") for each in account.contacts if each.role == PRIMARY)
