"""A file of accounts to import, in either of its two forms."""

from pathlib import PurePath
from typing import Literal

from inboxd.accounts import csv_file, file
from inboxd.accounts.csv_cells import DELIMITERS, delimiter_of
from inboxd.accounts.csv_columns import is_header
from inboxd.accounts.directory import Account, Source

Form = Literal["yaml", "csv"]

_ENDINGS: dict[str, Form] = {".yaml": "yaml", ".yml": "yaml", ".json": "yaml", ".csv": "csv", ".tsv": "csv"}


def form_of(content: bytes, name: str) -> Form:
    """Tell by the name's ending, else by the first line: a CSV file begins with the names of its columns."""
    known = _ENDINGS.get(PurePath(name).suffix.lower())
    if known is not None:
        return known
    lines = content[:4096].decode("utf-8-sig", "replace").splitlines()
    first = next((line for line in lines if line.strip() and not line.startswith("sep=")), "")
    cells = first.replace('"', "").split(delimiter_of(first))
    return "csv" if any(each in first for each in DELIMITERS) and is_header(cells) else "yaml"


def read(content: bytes, name: str, plans: frozenset[str] | None) -> list[Account]:
    """Read what a file says; `name` is what its mistakes call it. Raises ConfigurationWrong with every mistake.

    `plans` are those that the rules file declares, None when any plan goes.
    """
    source = Source(kind="import", file=PurePath(name).name)
    if form_of(content, name) == "csv":
        return csv_file.read(content, name, plans, source=source)
    return file.read(content, name, plans, source=source)
