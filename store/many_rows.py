"""Many rows by one INSERT, for where SQLAlchemy's executemany costs more for each row than the row itself.

On SQLite each statement gives the interpreter's lock away and waits to get it back: beside a busy thread, a statement
for each row is mostly that waiting. PostgreSQL's driver sends all rows of an executemany in one go as it is.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Dialect, Table, insert

# SQLite takes 32,766 values in a statement; and each number of rows is a statement of its own, which it compiles once.
_MOST_ROWS: Final = 200


def add(txn: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, same: Mapping[str, Any]) -> None:
    """Insert rows, which have the same columns in the same order; `same` holds what is the same in all of them."""
    if not rows:
        return
    if txn.dialect.name != "sqlite":
        txn.execute(insert(table).inline(), [{**row, **same} for row in rows])
        return
    shared = [_process(table, name, txn.dialect)(value) for name, value in same.items()]
    columns = tuple(rows[0])
    processes = [_process(table, name, txn.dialect) for name in columns]
    for start in range(0, len(rows), _MOST_ROWS):
        some = rows[start : start + _MOST_ROWS]
        values = [process(value) for row in some for process, value in zip(processes, row.values(), strict=True)]
        txn.exec_driver_sql(_statement(table.name, tuple(same), columns, len(some)), (*shared, *values))


@lru_cache(maxsize=256)
def _process(table: Table, column: str, dialect: Dialect) -> Callable[[Any], Any]:
    """What the type of a column does to a value on its way in, as SQLAlchemy itself would have it done."""
    return table.c[column].type.dialect_impl(dialect).bind_processor(dialect) or (lambda value: value)


@lru_cache(maxsize=1024)
def _statement(table: str, same: tuple[str, ...], columns: tuple[str, ...], rows: int) -> str:
    # SQLite's parameters have numbers, so that one value can stand in every row. The names are those of our schema.
    shared = [f"?{number}" for number in range(1, len(same) + 1)]
    first = len(same) + 1
    row_of = (
        ", ".join([*shared, *(f"?{number}" for number in range(start, start + len(columns)))])
        for start in range(first, first + rows * len(columns), len(columns))
    )
    values = ", ".join(f"({row})" for row in row_of)
    return f"INSERT INTO {table} ({', '.join((*same, *columns))}) VALUES {values}"  # noqa: S608
