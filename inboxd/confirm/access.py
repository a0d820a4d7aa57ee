"""Temporary access: a contact that is on file until a day, because the account's primary contact said so by mail."""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from inboxd.accounts import Contact
from inboxd.accounts.changes import Maker, changes_of
from inboxd.accounts.differences import Difference
from inboxd.accounts.directory import same_contact
from inboxd.accounts.kept import body_of, kept_from
from store import accounts as rows

if TYPE_CHECKING:
    from sqlalchemy import Connection


def wanted(account_id: str, contact: Contact) -> dict[str, Any]:
    """Return what a question keeps of who would be let in."""
    return {"account": account_id, "contact": {"id": contact.id, **body_of(contact)}}


def grant(txn: "Connection", access: dict[str, Any], *, by: str, at: int, ref: str) -> str:
    """Put the contact on file until its day, in the name of who confirmed it; return what was done in a sentence.

    Raises AccountsChanged where somebody changes accounts at the same time: the mail is then looked at again.
    """
    new = _contact(access["contact"])
    account_id = access["account"]
    kept = kept_from(*rows.read(txn, [account_id])).get(account_id)
    known = next((each for each in (kept.contacts if kept else ()) if same_contact(each, new)), None)
    if known is not None and known.authorized and known.valid_until is None:
        return f"{known.id} was on file already, without an end."
    # A contact of other rights that is on file keeps its names and numbers.
    after = new if known is None else replace(known, authorized=True, valid_until=new.valid_until)
    difference = Difference(how="changed" if known else "added", account_id=account_id, before=known, after=after)
    maker = Maker(actor=by, at=at, source="command", why=f"Confirmed by {by}, by mail, on {ref}.")
    rows.write(txn, changes_of([difference], maker), expected=rows.revision(txn))
    return f"{after.id} may ask in the name of {account_id} until {after.valid_until}."


def _contact(said: dict[str, Any]) -> Contact:
    until = said["valid_until"]
    return Contact(
        id=said["id"],
        name=said["name"],
        addresses=tuple(said["addresses"]),
        numbers=tuple(said["numbers"]),
        authorized=said["authorized"],
        role=said["role"],
        valid_until=None if until is None else date.fromisoformat(until),
    )
