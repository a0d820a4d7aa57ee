"""Whose ticket it is, as a person settles it once, where an address or number did not say or said too much."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from inboxd import addresses
from inboxd.accounts import Account, Contact, Directory
from inboxd.accounts.changes import Maker, changes_of
from inboxd.accounts.differences import Difference
from inboxd.desk.accounts import in_directory
from inboxd.desk.context import Context
from inboxd.errors import InboxdError
from inboxd.intake.door import now_ms
from store import tickets
from store.accounts import Changes
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The account of a ticket and who of it, None where that is not certain.

    `remembered` says what was put on file with it, or why nothing was; None where nobody asked for that.
    """

    account: Account
    contact: Contact | None
    remembered: str | None = None

    @property
    def told(self) -> str:
        """The choice in words."""
        who = f", {self.contact.name or self.contact.id}" if self.contact else ""
        return f"{self.account.name} ({self.account.id}){who}"


def settle(
    context: Context,
    ref: str,
    account_id: str,
    contact: str | None,
    *,
    remember: bool,
    then: Callable[["Connection", Settled], None],
) -> None:
    """Find the account and the contact on file, and run `then` with both in the transaction that also remembers.

    `contact` is a name, an address or a number of the account's; with `remember` it may be a new name. Without it the
    one contact counts that has the ticket's address or number. Raises InboxdError where there is no such account or
    contact, or several of that name.
    """
    with context.store.read() as connection:
        ticket = tickets.get(connection, ref)

    def decide(directory: Directory) -> tuple[Changes, Settled]:
        account = in_directory(directory, account_id)
        who = _contact(account, contact, ticket, remember=remember)
        difference, told = _remembered(directory, account, who, ticket) if remember else (None, None)
        if who is not None and not who.id:  # a new name, which stands on file from now on
            if difference is None or not isinstance(difference.after, Contact):
                raise InboxdError(f"{who.name} is new, and there is {told}: name a contact that is on file")
            who = difference.after
        maker = Maker(actor=context.actor, at=now_ms(), source="command", why=f"settled on ticket {ticket.ref}")
        settled = Settled(account=account, contact=who, remembered=told)
        return changes_of([difference] if difference else [], maker), settled

    context.on_file.change(decide, beside=then)


def _contact(account: Account, wanted: str | None, ticket: Ticket, *, remember: bool) -> Contact | None:
    if wanted is None:
        found = _with(account, ticket.requester.get("address"), ticket.requester.get("phone"))
        return found[0] if len(found) == 1 else None
    named = [each for each in account.contacts if each.name.casefold() == wanted.strip().casefold()]
    found = named or _with(account, wanted, wanted)
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(each.id for each in found)
        raise InboxdError(f'{account.id} has several contacts called "{wanted}": name one of {ids}')
    if remember:
        return Contact(id="", name=wanted.strip())  # found when the address or number is put on file for it
    names = ", ".join(each.name or each.id for each in account.contacts) or "none"
    raise InboxdError(f'{account.id} has no contact "{wanted}"; it has: {names}')


def _with(account: Account, address: str | None, number: str | None) -> list[Contact]:
    """Return the contacts of an account that have this address or number on file."""
    key = None if address is None else addresses.key(address)
    return [
        each
        for each in account.contacts
        if number in each.numbers or any(addresses.key(one) == key for one in each.addresses)
    ]


def _remembered(
    directory: Directory, account: Account, who: Contact | None, ticket: Ticket
) -> tuple[Difference | None, str]:
    """Return what goes on file, None for nothing, and the sentence that says so.

    What a person adds in passing names somebody and opens nothing: an address put on file like this may ask for no
    changes until `accounts add-contact --authorized` says so. A number never proves anything, so it keeps what its
    contact may do.
    """
    address, number = ticket.requester.get("address"), ticket.requester.get("phone")
    reach = number if ticket.channel == "voicemail" else address
    if reach is None:
        return None, "nothing to remember: the number was withheld" if number is None else "nothing to remember"
    if _with(account, reach, reach):
        return None, _on_file_already(directory, account, reach)
    known = who or Contact(id=reach, name=ticket.requester.get("name") or reach)
    new = replace(
        known,
        id=reach,
        addresses=() if ticket.channel == "voicemail" else (reach,),
        numbers=(reach,) if ticket.channel == "voicemail" else (),
        authorized=known.authorized and ticket.channel == "voicemail",
        line=0,
    )
    return Difference(how="added", account_id=account.id, before=None, after=new), f"{reach} put on file for {new.name}"


def _on_file_already(directory: Directory, account: Account, reach: str) -> str:
    matches = directory.by_address(reach) if "@" in reach else directory.by_number(reach)
    others = sorted({match.account.id for match in matches} - {account.id})
    if not others:
        return f"{reach} is on file for {account.id} already"
    return (
        f"{reach} is on file for {account.id} already, and for {', '.join(others)}, too: "
        "the next call or mail from there is nobody's until it is taken off there"
    )
