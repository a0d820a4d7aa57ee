"""The first line of a CSV file: which column is which."""

import difflib
import re
from typing import Final

from inboxd.accounts.csv_cells import Record
from rules.mistakes import Mistake

COLUMNS: Final = (
    "account_id",
    "account_name",
    "plan",
    "contact_name",
    "addresses",
    "numbers",
    "authorized",
    "role",
    "valid_until",
)
SOURCE: Final = "source"  # an export says it; an import reads over it
CONTACT: Final = frozenset(COLUMNS[3:])

# Columns without a name are read over, so a spreadsheet may have some.
_MOST: Final = 1000
_REQUIRED: Final = ("account_id", "account_name")
# Other spellings that can mean nothing else; letters' case, spaces and hyphens do not count.
_ALSO: Final = {
    "id": "account_id",
    "account": "account_id",
    "name": "account_name",
    "account_plan": "plan",
    "contact": "contact_name",
    "address": "addresses",
    "email": "addresses",
    "emails": "addresses",
    "number": "numbers",
    "phone": "numbers",
    "phones": "numbers",
    "authorised": "authorized",
}
_GAPS = re.compile(r"[\s\-]+")


def is_header(cells: list[str]) -> bool:
    """Say whether these cells begin a CSV file of accounts."""
    return any(_column(cell) in _REQUIRED for cell in cells)


def columns_of(header: Record) -> tuple[list[str | None], list[Mistake]]:
    """Return the column of each cell (None: to be read over), and what is wrong with the line."""
    if len(header.cells) > _MOST:
        message = (
            f"{len(header.cells):,} columns, and {_MOST:,} are the most: the first line is like {','.join(COLUMNS)}"
        )
        return [], [header.mistake(0, message)]
    found: list[str | None] = []
    mistakes: list[Mistake] = []
    for number, cell in enumerate(header.cells):
        column = _column(cell)
        if column is None:
            mistakes.append(header.mistake(number, _unknown(cell)))
        elif column in found:
            mistakes.append(header.mistake(number, f'the column {column} stands here twice ("{cell}"): delete one'))
        found.append(None if column in (SOURCE, "") else column)
    missing = [column for column in _REQUIRED if column not in found]
    if not missing and "contact_name" not in found and CONTACT & set(found):
        missing = ["contact_name"]
    mistakes += [
        header.mistake(0, f"the column {column} is missing: the first line is like {','.join(COLUMNS)}")
        for column in missing
    ]
    return found, mistakes


def _column(cell: str) -> str | None:
    """Return the column that a cell of the first line names, "" for an empty one, None for an unknown one."""
    name = _GAPS.sub("_", cell.strip().lower())
    name = _ALSO.get(name, name)
    return name if name in COLUMNS or name in (SOURCE, "") else None


def _unknown(cell: str) -> str:
    near = difflib.get_close_matches(_GAPS.sub("_", cell.lower())[:80], COLUMNS, n=1, cutoff=0.6)
    right = f"did you mean {near[0]}?" if near else f"the columns are {', '.join(COLUMNS)}"
    return f'unknown column "{cell}"; {right}'
