"""accounts.yaml: read account by account, with every mistake in it at its place."""

import sys
from pathlib import Path
from typing import Final

from inboxd.accounts.directory import Account, Contact, Directory, Source
from inboxd.accounts.forms import AccountForm, AccountsForm, ContactForm
from inboxd.accounts.judge import judge, taken
from inboxd.errors import ConfigurationWrong
from inboxd.yaml_files import content_of, text_at
from rules.collector import without_garbage_collector
from rules.mistakes import Mistake
from rules.yaml_document import Document
from rules.yaml_reader import read_entries
from rules.yaml_source import check

# Fifty thousand accounts with two contacts each are about 17 MiB and a million values.
MAX_BYTES: Final = 64 << 20
MAX_VALUES: Final = 5_000_000

_FIRST: Final = ("accounts", 0)


def load(path: Path | None, plans: frozenset[str] | None) -> Directory:
    """Read the accounts file; None, and a file without accounts, give an empty directory.

    `plans` are the plans that the rules file declares; None when it declares none, and any plan goes.
    Raises ConfigurationWrong with every mistake of the file.
    """
    if path is None:
        return Directory()
    with without_garbage_collector():
        return Directory(
            read(content_of(path, "accounts", MAX_BYTES), str(path), plans, source=Source(kind="file", file=path.name))
        )


def read(content: bytes, name: str, plans: frozenset[str] | None, *, source: Source) -> list[Account]:
    """Read accounts from the content of a file in the form of accounts.yaml; `name` is what mistakes call it.

    Raises ConfigurationWrong with every mistake of the file.
    """
    entries = _Entries(plans, source)
    document, mistakes = read_entries(
        content, name, "accounts", entries.add, max_bytes=MAX_BYTES, max_values=MAX_VALUES
    )
    around = check(AccountsForm, document)[1]
    mistakes += [*entries.mistakes, *around]
    if mistakes:
        raise ConfigurationWrong(f"the accounts file {name} is wrong", sorted(set(mistakes)))
    return entries.accounts


class _Entries:
    """Takes the accounts of a file one by one: a document with the place of every value is several times as large."""

    def __init__(self, plans: frozenset[str] | None, source: Source) -> None:
        self.accounts: list[Account] = []
        self.mistakes: list[Mistake] = []
        self._plans = plans
        self._source = source
        self._marks: dict[str, tuple[int, int]] = {}

    def add(self, document: Document) -> None:
        form, mistakes = check(AccountsForm, document)
        mistakes += judge(document, self._plans)
        account_id = text_at(document, (*_FIRST, "id"))
        if account_id is not None:
            first = self._marks.setdefault(account_id.strip(), document.mark((*_FIRST, "id")))
            mistakes += taken(document, (*_FIRST, "id"), account_id, first)
        self.mistakes += mistakes
        if form is not None and form.accounts and not self.mistakes:
            self.accounts.append(_account(form.accounts[0], document, self._source))


def _account(form: AccountForm, document: Document, source: Source) -> Account:
    return Account(
        id=form.id,
        name=form.name,
        plan=None if form.plan is None else sys.intern(form.plan),
        contacts=tuple(
            _contact(each, source, document.mark((*_FIRST, "contacts", number))[0])
            for number, each in enumerate(form.contacts)
        ),
        source=source,
        line=document.mark(_FIRST)[0],
    )


def _contact(form: ContactForm, source: Source, line: int) -> Contact:
    return Contact(
        id=form.addresses[0] if form.addresses else form.numbers[0],
        # Roles, and names like "Operations", are few: one object for each.
        name=sys.intern(form.name),
        addresses=tuple(form.addresses),
        numbers=tuple(form.numbers),
        authorized=form.authorized,
        role=None if form.role is None else sys.intern(form.role),
        valid_until=form.valid_until,
        source=source,
        line=line,
    )
