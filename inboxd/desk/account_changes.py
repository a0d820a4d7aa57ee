"""Accounts and contacts put on file, changed and removed by commands. What accounts.yaml names is changed there."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict

from inboxd.accounts import Account, Contact, Directory, Kept, authorized_on, values
from inboxd.accounts.ambiguity import ambiguous
from inboxd.accounts.changes import Maker, changes_of
from inboxd.accounts.compare import gone
from inboxd.accounts.differences import Difference, How, differ
from inboxd.accounts.directory import same_contact
from inboxd.accounts.judge import plan_problem
from inboxd.desk import accounts
from inboxd.desk.context import Context
from inboxd.errors import ConfigurationWrong, InboxdError, UsageWrong
from inboxd.intake.door import moment, now_ms
from store.accounts import Changes

Decide = Callable[[Directory], list[Difference]]


class NewContact(BaseModel):
    """A contact as a command gives it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    addresses: list[str] = []
    numbers: list[str] = []
    authorized: bool = False
    role: str | None = None
    valid_until: str | None = None


def add(
    context: Context,
    id: str,  # noqa: A002 - the word of the command line
    name: str,
    plan: str | None = None,
    because: str | None = None,
) -> dict[str, Any]:
    """Put an account on file."""
    new = Account(id=_value("account id", values.text, id), name=_value("name", values.text, name), plan=plan)
    _demand_plan(context, plan)

    def decide(directory: Directory) -> list[Difference]:
        known = directory.get(new.id)
        if known is not None:
            raise InboxdError(f"{new.id} is on file already ({_where(context, known)})")
        return [_difference("added", new.id, None, new)]

    return _change(context, new.id, because, decide)


def set_(
    context: Context,
    id: str,  # noqa: A002
    because: str | None = None,
    **wanted: str | None,
) -> dict[str, Any]:
    """Change an account's `name` or `plan` (null: none)."""
    if not wanted or wanted.keys() - {"name", "plan"}:
        raise UsageWrong("nothing to change: name a name or a plan")
    if "name" in wanted:
        wanted["name"] = _value("name", values.text, wanted["name"] or "")
    _demand_plan(context, wanted.get("plan"))

    def decide(directory: Directory) -> list[Difference]:
        account = _own(context, directory, id)
        after = replace(account, name=wanted.get("name") or account.name, plan=wanted.get("plan", account.plan))
        return [_difference("changed", id, account, after)] if differ(account, after) else []

    account = _own(context, context.policy.current.directory, id)
    return _change(context, id, because, decide, lambda: _imported_again(account))


def remove(context: Context, id: str, because: str | None = None) -> dict[str, Any]:  # noqa: A002
    """Take an account and its contacts off the store; returns it as it was.

    Of an account that the accounts file names, too, only that goes which is not looked at while the file rules.
    """
    before = accounts.show(context, id)

    def decide(directory: Directory) -> list[Difference]:
        kept, ruling = directory.kept.get(id), directory.file.get(id)
        if ruling is None:
            _own(context, directory, id)
        going = list(gone(kept, imported_only=False)) if kept else []
        if ruling is not None:
            going = [each for each in going if _ruled(ruling, each.thing)]
            if not going:
                _own(context, directory, id)
        return going

    _make(context, because, decide)
    return {"account": before, "warnings": []}


def add_contact(context: Context, account: str, contact: NewContact, because: str | None = None) -> dict[str, Any]:
    """Put a contact on file for an account, one of accounts.yaml, too."""
    new = _contact(contact)

    def decide(directory: Directory) -> list[Difference]:
        on_file, kept = accounts.in_directory(directory, account), directory.kept.get(account)
        for known in (*on_file.contacts, *(kept.contacts if kept else ())):
            if same_contact(known, new):
                raise InboxdError(
                    f"{known.id} is on file for {account} already, as {known.name} ({_where(context, known)}): "
                    + (_edit(known) if known.line else f"first `inboxd accounts remove-contact {account} {known.id}`")
                )
        return [_difference("added", account, None, new)]

    return _change(context, account, because, decide, lambda: _warnings(context, new))


def remove_contact(context: Context, account: str, contact: str, because: str | None = None) -> dict[str, Any]:
    """Take a contact off the store; `contact` is one of its addresses or, where it has none, its number."""

    def decide(directory: Directory) -> list[Difference]:
        kept = directory.kept.get(account)
        wanted = Contact(id=contact, name="", addresses=(contact,) if "@" in contact else ())
        for each in kept.contacts if kept else ():
            if same_contact(each, wanted):
                return [_difference("removed", account, each, None)]
        for named in accounts.in_directory(directory, account).contacts:
            if same_contact(named, wanted):
                raise InboxdError(f"{contact} is on file for {account} in {_where(context, named)}: {_edit(named)}")
        raise InboxdError(f"{contact} is not on file for {account}")

    return _change(context, account, because, decide)


def _change(
    context: Context,
    account_id: str,
    because: str | None,
    decide: Decide,
    warn: Callable[[], Iterator[str]] | None = None,
) -> dict[str, Any]:
    _make(context, because, decide)
    known = context.policy.current.directory.get(account_id)
    # A contact may be taken off an account that the accounts file names no more.
    shown = None if known is None else accounts.view(known, context.on_file.events(account_id))
    return {"account": shown, "warnings": list(warn()) if warn else []}


def _make(context: Context, because: str | None, decide: Decide) -> None:
    maker = Maker(actor=context.actor, at=now_ms(), source="command", why=because)

    def changes(directory: Directory) -> tuple[Changes, None]:
        return changes_of(decide(directory), maker), None

    context.on_file.change(changes)


def _own(context: Context, directory: Directory, account_id: str) -> Account:
    """Return an account that the store keeps; what only the accounts file has is changed there."""
    kept: Kept | None = directory.kept.get(account_id)
    ruling = directory.file.get(account_id)
    if kept is not None and kept.account is not None and ruling is None:
        return kept.account
    if ruling is not None:
        raise InboxdError(f"{account_id} stands in {_where(context, ruling)}: {_edit(ruling)}")
    raise InboxdError(f'no account "{account_id}" is on file')


def _ruled(ruling: Account, thing: Account | Contact) -> bool:
    return isinstance(thing, Account) or any(same_contact(thing, named) for named in ruling.contacts)


def _imported_again(thing: Account | Contact) -> Iterator[str]:
    if thing.source.kind == "import":
        yield f"it came by {thing.source}: the next import that names it says its own again"


def _where(context: Context, thing: Account | Contact) -> str:
    return f"{context.settings.accounts}, line {thing.line}" if thing.line else str(thing.source)


def _edit(thing: Account | Contact) -> str:
    return f"edit line {thing.line} there, then run `inboxd reload`"


def _difference(
    how: How, account_id: str, before: Account | Contact | None, after: Account | Contact | None
) -> Difference:
    return Difference(how=how, account_id=account_id, before=before, after=after)


def _contact(given: NewContact) -> Contact:
    addresses = tuple(_value("address", values.address, each) for each in given.addresses)
    numbers = tuple(_value("number", values.number, each) for each in given.numbers)
    if not addresses and not numbers:
        raise UsageWrong("a contact needs an address or a number: nothing would find this one")
    return Contact(
        id=(addresses or numbers)[0],
        name=_value("name", values.text, given.name),
        addresses=tuple(dict.fromkeys(addresses)),
        numbers=tuple(dict.fromkeys(numbers)),
        authorized=given.authorized,
        role=None if given.role is None else _value("role", values.text, given.role),
        valid_until=None if given.valid_until is None else _value("valid-until", values.day, given.valid_until),
    )


def _value(what: str, read: Callable[[str], Any], given: str) -> Any:
    try:
        return read(given)
    except ValueError as error:
        raise UsageWrong(f"{what}: {error}") from error


def _demand_plan(context: Context, plan: str | None) -> None:
    plans = context.policy.current.rules.plans
    problem = None if plan is None else plan_problem(plan, None if plans is None else frozenset(plans))
    if problem:
        raise ConfigurationWrong(problem)


def _warnings(context: Context, new: Contact) -> Iterator[str]:
    directory = context.policy.current.directory
    today = context.policy.current.day_of(moment(now_ms()))
    if new.valid_until is not None and new.authorized and not authorized_on(new, today):
        yield f"{new.valid_until} is over already: {new.name} may not ask for changes"
    for address in new.addresses:
        matches = directory.by_address(address)
        if len({match.account.id for match in matches}) > 1:
            yield ambiguous(address, matches)
    for number in new.numbers:
        matches = directory.by_number(number)
        if len({match.account.id for match in matches}) > 1:
            yield ambiguous(number, matches)
        elif len(matches) > 1:
            names = ", ".join(match.contact.name for match in matches)
            yield f"{number} is on file for several contacts ({names}): a call from there names none of them"
