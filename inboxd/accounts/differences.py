"""How one state of the directory differs from another, field by field: what an import shows and an event says."""

from dataclasses import dataclass
from typing import Any, Literal

from inboxd.accounts.directory import Account, Contact

# file-rules: the accounts file says otherwise, so nothing is changed.
How = Literal["added", "changed", "removed", "file-rules"]

_ACCOUNT_FIELDS = ("name", "plan")
_CONTACT_FIELDS = ("name", "addresses", "numbers", "authorized", "role", "valid_until")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One account or one contact that is not as it was; `before` and `after` are of one kind, one of them may be None.

    Of an account only its own fields count: each of its contacts is a difference of its own.
    """

    how: How
    account_id: str
    before: Account | Contact | None
    after: Account | Contact | None

    @property
    def thing(self) -> Account | Contact:
        """What differs, as it is now; as it was when it is gone."""
        found = self.after or self.before
        assert found is not None
        return found


def differ(before: Account | Contact, after: Account | Contact) -> bool:
    """Say whether a field differs in which they count."""
    return any(getattr(before, name) != getattr(after, name) for name in _fields(after))


def as_json(difference: Difference) -> dict[str, Any]:
    """Return `{change, account, contact, fields: {name: {from, to}}, said}`; `contact` null: the account itself."""
    before, after, thing = difference.before, difference.after, difference.thing
    fields = {
        name: {"from": _plain(before, name), "to": _plain(after, name)}
        for name in _fields(thing)
        if before is None or after is None or getattr(before, name) != getattr(after, name)
    }
    return {
        "change": difference.how,
        "account": difference.account_id,
        "contact": thing.id if isinstance(thing, Contact) else None,
        "fields": fields,
        "said": said(difference),
    }


def said(difference: Difference) -> str:
    """Say the difference in one line for a person; the account it is about stands beside it."""
    thing = difference.thing
    what = f"contact {thing.id}" if isinstance(thing, Contact) else "account"
    match difference.how:
        case "added" | "removed":
            return f"{what} {difference.how}: {_whole(thing)}"
        case "changed":
            return f"{what} changed: {_changed(difference)}"
        case "file-rules":
            place = _place(difference.before)
            if difference.before is not None and difference.after is not None:
                return f"{what} stays as {place} has it; the import says otherwise: {_changed(difference)}"
            return f"{what} stays as {place} has it"


def _changed(difference: Difference) -> str:
    before, after = difference.before, difference.after
    assert before is not None
    assert after is not None
    return ", ".join(
        f"{name} {_word(_plain(before, name))} → {_word(_plain(after, name))}"
        for name in _fields(after)
        if getattr(before, name) != getattr(after, name)
    )


def _whole(thing: Account | Contact) -> str:
    if isinstance(thing, Account):
        return f"{thing.name}, {f'plan {thing.plan}' if thing.plan else 'no plan'}"
    parts = [
        thing.name,
        *thing.addresses,
        *thing.numbers,
        "authorized" if thing.authorized else "not authorized",
        f"role {thing.role}" if thing.role else "",
        f"until {thing.valid_until}" if thing.valid_until else "",
    ]
    return ", ".join(filter(None, parts))


def _place(thing: Account | Contact | None) -> str:
    return "the accounts file" if thing is None else f"{thing.source}, line {thing.line},"


def _fields(thing: Account | Contact) -> tuple[str, ...]:
    return _ACCOUNT_FIELDS if isinstance(thing, Account) else _CONTACT_FIELDS


def _plain(thing: Account | Contact | None, name: str) -> Any:
    value = None if thing is None else getattr(thing, name)
    if name == "valid_until":
        return None if value is None else value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _word(value: Any) -> str:
    match value:
        case None:
            return "none"
        case True:
            return "yes"
        case False:
            return "no"
        case list():
            return "; ".join(value) or "none"
        case _:
            return str(value)
