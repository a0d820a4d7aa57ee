"""Accounts as a CSV file: one contact in a row, an account's own fields in the first of its rows."""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from inboxd import addresses
from inboxd.accounts import values
from inboxd.accounts.csv_cells import Record, records
from inboxd.accounts.csv_columns import CONTACT, columns_of
from inboxd.accounts.directory import Account, Contact, Source
from inboxd.accounts.guard import unguarded
from inboxd.accounts.judge import plan_problem
from inboxd.errors import ConfigurationWrong
from rules.mistakes import Mistake
from rules.text_file import decode

MAX_BYTES: Final = 64 << 20
MAX_ROWS: Final = 1_000_000

T = TypeVar("T")
_BETWEEN = re.compile(r"[;,\n]")  # none of them can stand in an address or a number


def read(content: bytes, name: str, plans: frozenset[str] | None, *, source: Source) -> list[Account]:
    """Read accounts from the content of a CSV file that mistakes call `name`; `plans` as for accounts.yaml.

    Raises ConfigurationWrong with every mistake of the file.
    """
    text, mistakes = decode(content, name, max_bytes=MAX_BYTES)
    accounts: list[Account] = []
    if not mistakes:
        reading = _Reading(plans, source, mistakes)
        for record in records(text, name, mistakes):
            reading.add(record)
        if reading.header is None and not mistakes:
            mistakes.append(Mistake(file=name, line=1, column=1, message="the file is empty: it begins with a header"))
        accounts = reading.accounts()
    if mistakes:
        raise ConfigurationWrong(f"the accounts file {name} is wrong", sorted(set(mistakes)))
    return accounts


@dataclass(slots=True)
class _Rows:
    """An account while its rows come in."""

    name: str
    plan: str | None
    line: int
    contacts: list[Contact] = field(default_factory=list)
    address_lines: dict[str, int] = field(default_factory=dict)


class _Row:
    """The cells of one record by column, with what is wrong with them."""

    def __init__(self, record: Record, columns: list[str | None], mistakes: list[Mistake]) -> None:
        self.record = record
        self._at = {column: number for number, column in enumerate(columns) if column is not None}
        self._mistakes = mistakes
        self.wrong = False

    def cell(self, column: str) -> str:
        at = self._at.get(column)
        return "" if at is None else unguarded(self.record.cells[at])

    def say(self, column: str, message: str) -> None:
        self.wrong = True
        at = self._at.get(column)
        self._mistakes.append(self.record.mistake(0 if at is None else at, f"{column}: {message}"))

    def value(self, column: str, read: Callable[[str], T]) -> T | None:
        """Return what a cell says; None for an empty one, and for a wrong one, which is noted."""
        return self._read(column, self.cell(column), read)

    def values(self, column: str, read: Callable[[str], T]) -> tuple[T, ...]:
        """Return what each part of a cell says."""
        cell = self.cell(column)
        parts = filter(None, map(str.strip, _BETWEEN.split(cell))) if cell else ()
        found = (self._read(column, part, read) for part in parts)
        return tuple(each for each in found if each is not None)

    def _read(self, column: str, text: str, read: Callable[[str], T]) -> T | None:
        try:
            return read(text) if text else None
        except ValueError as error:
            self.say(column, str(error))
            return None


class _Reading:
    """Takes the records of a file one by one."""

    def __init__(self, plans: frozenset[str] | None, source: Source, mistakes: list[Mistake]) -> None:
        self.header: list[str | None] | None = None
        self._plans = plans
        self._source = source
        self._mistakes = mistakes
        self._rows: dict[str, _Rows] = {}
        self._count = 0
        self._stopped = False

    def add(self, record: Record) -> None:
        """Take the first line, or a row."""
        if self._stopped:
            return
        if self.header is None:
            self.header, wrong = columns_of(record)
            self._mistakes += wrong
            self._stopped = bool(wrong)  # whatever followed would be about the wrong columns
            return
        self._count += 1
        if self._count > MAX_ROWS:
            self._stopped = True
            self._mistakes.append(record.mistake(0, f"more than {MAX_ROWS:,} rows"))
            return
        row = self._row(record, self.header)
        if row is not None:
            self._take(row)

    def accounts(self) -> list[Account]:
        """Return what was read, in the order of the file."""
        return [
            Account(
                id=account_id,
                name=rows.name,
                plan=rows.plan,
                contacts=tuple(rows.contacts),
                source=self._source,
                line=rows.line,
            )
            for account_id, rows in self._rows.items()
        ]

    def _row(self, record: Record, header: list[str | None]) -> _Row | None:
        cells, names = len(record.cells), len(header)
        if cells < names:
            message = f"{cells} cells, and the first line has {names}: is a separator or a quote missing?"
            self._mistakes.append(record.mistake(0, message))
            return None
        unnamed = [at for at, cell in enumerate(record.cells) if cell and at >= names]
        if unnamed:
            message = f"a cell beyond the {names} of the first line: is a separator too many, or a quote missing?"
            self._mistakes.append(record.mistake(unnamed[0], message))
            return None
        return _Row(record, header, self._mistakes)

    def _take(self, row: _Row) -> None:
        account_id = row.value("account_id", values.text)
        if account_id is None:
            if not row.wrong:
                row.say("account_id", "missing: every row names its account")
            return
        name, plan = row.value("account_name", values.text), row.value("plan", values.text)
        if plan is not None and (problem := plan_problem(plan, self._plans)):
            row.say("plan", problem)
        rows = self._rows.get(account_id)
        if rows is None:
            if name is None and not row.wrong:
                row.say("account_name", f'missing: the first row of an account ("{account_id}") says it')
            rows = self._rows[account_id] = _Rows(name or "", plan and sys.intern(plan), row.record.line)
        else:
            _same(row, "account_name", name, rows.name, rows.line)
            _same(row, "plan", plan, rows.plan, rows.line)
        self._contact(row, rows)

    def _contact(self, row: _Row, rows: _Rows) -> None:
        if not any(map(row.cell, CONTACT)):
            return
        wrong_before = row.wrong
        row.wrong = False
        name = row.value("contact_name", values.text)
        if name is None and not row.wrong:
            row.say("contact_name", "missing: a row with an address or a number says whose it is")
        given: dict[str, Any] = {
            "addresses": row.values("addresses", values.address),
            "numbers": row.values("numbers", values.number),
            "authorized": row.value("authorized", values.truth) or False,
            "role": row.value("role", values.text),
            "valid_until": row.value("valid_until", values.day),
        }
        if not row.wrong and not given["addresses"] and not given["numbers"]:
            row.say("addresses", "a contact needs an address or a number: nothing would find this one")
        for message in _repeated(given, rows.address_lines, row.record.line):
            row.say(*message)
        if not row.wrong:
            rows.contacts.append(
                Contact(
                    id=(given["addresses"] or given["numbers"])[0],
                    name=sys.intern(name or ""),
                    source=self._source,
                    line=row.record.line,
                    **given,
                )
            )
        row.wrong = row.wrong or wrong_before


def _same(row: _Row, column: str, now: str | None, first: str | None, line: int) -> None:
    """An account's own field may be left out further down, or said again, and nothing else."""
    if now is not None and first and now != first:
        row.say(column, f'"{now}" here, and "{first}" in line {line}: one account has one')
    elif now is not None and first is None:
        row.say(column, f'"{now}" here, and nothing in line {line}: the first row of an account says it')


def _repeated(given: dict[str, Any], address_lines: dict[str, int], line: int) -> Iterator[tuple[str, str]]:
    here: set[str] = set()
    for address in given["addresses"]:
        key = addresses.key(address)
        first = address_lines.setdefault(key, line)
        if first != line or key in here:
            message = f'"{address}" is on file for this account already (line {first}): an address names one contact'
            yield "addresses", message
        here.add(key)
    for number in dict.fromkeys(given["numbers"]):
        if given["numbers"].count(number) > 1:
            yield "numbers", f'"{number}" is listed twice: delete one of the two'
