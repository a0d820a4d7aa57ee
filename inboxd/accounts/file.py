"""accounts.yaml: its form, and every mistake in it at its place."""

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from inboxd import addresses
from inboxd.accounts.directory import Account, Contact, Directory
from inboxd.accounts.judge import judge
from inboxd.yaml_files import read_form

# Fifty thousand accounts with two contacts each are about 17 MiB and a million values.
MAX_BYTES = 64 << 20
MAX_VALUES = 5_000_000

_NUMBER = re.compile(r"\+[1-9][0-9]{2,14}")  # ITU-T E.164 6.2.1: at most fifteen digits
_NUMBER_DRESSING = re.compile(r"[\s().\-/]+")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    if not value.isprintable():
        raise ValueError("must be one line of printable text")
    return value


def _address(value: str) -> str:
    if problem := addresses.problem(value):
        raise ValueError(problem)
    return addresses.shown(value)


def _number(value: str) -> str:
    if _NUMBER.fullmatch(value):
        return value
    bare = _NUMBER_DRESSING.sub("", value)
    right = (
        f"write {bare}" if _NUMBER.fullmatch(bare) else 'write it with country code and digits only, like "+15550100"'
    )
    raise ValueError(f'"{value}" is not a number in E.164 form: {right}')


def _day(value: object) -> date:
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f'there is no day "{value}" ({error})') from error
    raise ValueError(f'"{value}" is not a day: write it like 2026-12-31')


_Text = Annotated[str, AfterValidator(_text)]
_Address = Annotated[str, AfterValidator(_address), WithJsonSchema({"type": "string", "format": "mail address"})]
_Number = Annotated[str, AfterValidator(_number), WithJsonSchema({"type": "string", "format": "phone number"})]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ContactForm(_Form):
    """A person or place of an account."""

    name: _Text = Field(description="Who this is, as staff shall read it.", examples=["Operations"])
    addresses: list[_Address] = Field(
        default=[],
        description="Mail addresses on file. The first one names the contact.",
        examples=[["ops@acme.example"]],
    )
    numbers: list[_Number] = Field(
        default=[],
        description="Phone numbers on file, in E.164 form. A number may stand on several contacts.",
        examples=[["+15550100"]],
    )
    authorized: bool = Field(
        default=False, description="Whether this contact may ask for changes to the account.", examples=[True]
    )
    role: _Text | None = Field(
        default=None, description="A word of the desk's own for rules to test.", examples=["primary"]
    )
    valid_until: Annotated[date, BeforeValidator(_day)] | None = Field(
        default=None,
        description="Last day, inclusive, in the desk's zone, on which `authorized` holds; null: no end.",
        examples=["2026-12-31"],
    )


class AccountForm(_Form):
    """A customer of the desk."""

    id: _Text = Field(description="A short name that never changes; unique.", examples=["acme"])
    name: _Text = Field(description="The customer's name, as staff shall read it.", examples=["Acme Widgets"])
    plan: _Text | None = Field(
        default=None,
        description="The service plan. Where rules.yaml lists `plans`, it must be one of them.",
        examples=["standard"],
    )
    contacts: list[ContactForm] = Field(default=[], description="Who writes and calls for this account.")


class AccountsForm(_Form):
    """The accounts file."""

    accounts: list[AccountForm] | None = Field(default=None, description="The customers of the desk.")


def load(path: Path | None, plans: frozenset[str] | None) -> Directory:
    """Read the accounts file; None, and a file without accounts, give an empty directory.

    `plans` are the plans that the rules file declares; None when it declares none, and any plan goes.
    Raises ConfigurationWrong with every mistake of the file.
    """
    if path is None:
        return Directory()
    with _without_garbage_collector():
        # Only the form is kept: the document with the place of every value is several times as large.
        form = read_form(
            AccountsForm,
            path,
            "accounts",
            lambda document: judge(document, plans),
            max_bytes=MAX_BYTES,
            max_values=MAX_VALUES,
        )[0]
        return Directory(map(_account, form.accounts or ()))


@contextmanager
def _without_garbage_collector() -> Iterator[None]:
    # Millions of new objects, none of them garbage: the collector would walk them over and over, which took two
    # thirds of the time for 50,000 accounts.
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _account(form: AccountForm) -> Account:
    return Account(id=form.id, name=form.name, plan=form.plan, contacts=tuple(map(_contact, form.contacts)))


def _contact(form: ContactForm) -> Contact:
    return Contact(
        id=form.addresses[0] if form.addresses else form.numbers[0],
        name=form.name,
        addresses=tuple(form.addresses),
        numbers=tuple(form.numbers),
        authorized=form.authorized,
        role=form.role,
        valid_until=form.valid_until,
    )
