"""Accounts written as files that can be imported again. They say where each came from; an import reads over that."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

Accounts = Iterable[dict[str, Any]]


def as_yaml(accounts: Accounts) -> Iterator[str]:
    """Give the lines of a file in the form of accounts.yaml, account by account."""
    yield "accounts:"
    for account in accounts:
        lines = [
            f"  - id: {_quoted(account['id'])}  # {account['source']}",
            f"    name: {_quoted(account['name'])}",
            f"    plan: {_quoted(account['plan'])}",
            "    contacts:" if account["contacts"] else "    contacts: []",
        ]
        for contact in account["contacts"]:
            fields = ", ".join(f"{key}: {_quoted(contact[key])}" for key in _CONTACT)
            lines.append(f"      - {{{fields}}}  # {contact['source']}")
        yield "\n".join(lines)


def as_csv(accounts: Accounts) -> Iterator[str]:
    """Give the lines of a CSV file, account by account: one contact in a row (RFC 4180, lines end as here)."""
    from inboxd.accounts.csv_columns import COLUMNS, SOURCE

    yield _rows([(*COLUMNS, SOURCE)])
    for account in accounts:
        own = (account["id"], account["name"], account["plan"] or "")
        contacts = [(*own, *_cells(contact), contact["source"]) for contact in account["contacts"]]
        yield _rows(contacts or [(*own, *[""] * len(_CONTACT), account["source"])])


WRITERS: Final[Mapping[str, Callable[[Accounts], Iterator[str]]]] = {"yaml": as_yaml, "csv": as_csv}

_CONTACT: Final = ("name", "addresses", "numbers", "authorized", "role", "valid_until")


def _quoted(value: Any) -> str:
    # JSON is YAML in which nothing can be misread: every text stands in quotes.
    return json.dumps(value, ensure_ascii=False)


def _cells(contact: dict[str, Any]) -> tuple[str, ...]:
    def cell(value: Any) -> str:
        match value:
            case None:
                return ""
            case bool():
                return "true" if value else "false"
            case list():
                return ";".join(value)
            case _:
                return str(value)

    return tuple(cell(contact[key]) for key in _CONTACT)


def _rows(rows: Iterable[tuple[str, ...]]) -> str:
    from inboxd.accounts.guard import guarded

    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([map(guarded, row) for row in rows])
    return written.getvalue().removesuffix("\n")
