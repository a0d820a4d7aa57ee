"""Differences as rows of the store: what goes, what comes, and the event that says so."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from inboxd.accounts.differences import Difference, said
from inboxd.accounts.directory import Account, Contact
from inboxd.accounts.kept import body_of
from store.accounts import AccountRow, Changes, ContactRow, NewEvent, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Who makes a change, when (epoch milliseconds), by which kind of command, from which file, and why."""

    actor: str
    at: int
    source: Source
    file: str | None = None
    why: str | None = None


def changes_of(differences: Iterable[Difference], maker: Maker) -> Changes:
    """Return what the store has to do; one event for each account."""
    real = [each for each in differences if each.how != "file-rules"]
    gone = [(each.account_id, each.before) for each in real if each.before is not None]
    come = [(each.account_id, each.after) for each in real if each.after is not None]
    return Changes(
        without_accounts=[thing.id for _, thing in gone if isinstance(thing, Account)],
        without_contacts=[(account_id, thing.id) for account_id, thing in gone if isinstance(thing, Contact)],
        accounts=[_account_row(thing, maker) for _, thing in come if isinstance(thing, Account)],
        contacts=[_contact_row(account_id, thing, maker) for account_id, thing in come if isinstance(thing, Contact)],
        events=list(_events(real, maker)),
    )


def _events(differences: list[Difference], maker: Maker) -> Iterator[NewEvent]:
    for account_id, theirs in groupby(differences, key=lambda each: each.account_id):
        what = "; ".join(map(said, theirs))
        yield NewEvent(account_id=account_id, at=maker.at, actor=maker.actor, what=what, why=maker.why)


def _account_row(account: Account, maker: Maker) -> AccountRow:
    return AccountRow(id=account.id, name=account.name, plan=account.plan, **_made(maker))


def _contact_row(account_id: str, contact: Contact, maker: Maker) -> ContactRow:
    return ContactRow(account_id=account_id, contact_id=contact.id, body=body_of(contact), **_made(maker))


def _made(maker: Maker) -> dict[str, Any]:
    return {"source": maker.source, "file": maker.file, "changed_at": maker.at, "changed_by": maker.actor}
