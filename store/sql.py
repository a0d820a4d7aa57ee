"""The few statements that the two databases spell apart."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_or_ignore(txn: Connection, table: Table, *returning: str) -> Any:
    """Give an INSERT that leaves a row standing which has the key already; with RETURNING it then gives no row.

    It is built once for each table and these names of columns: building a statement costs more than running it.
    """
    return _insert_or_ignore(txn.dialect.name, table, returning)


@cache
def _insert_or_ignore(dialect: str, table: Table, returning: tuple[str, ...]) -> Any:
    kind = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement: Any = kind(table).on_conflict_do_nothing()
    # Without inline() SQLAlchemy would ask PostgreSQL for the new row's number all the same.
    return statement.returning(*(table.c[name] for name in returning)) if returning else statement.inline()


def insert_or_update(
    txn: Connection, table: Table, row: dict[str, Any], *, keys: Sequence[str], change: Sequence[str]
) -> Any:
    """Give an INSERT of a row that changes only these columns of one that has the keys already."""
    kind = postgresql.insert if txn.dialect.name == "postgresql" else sqlite.insert
    statement: Any = kind(table).values(**row)
    return statement.on_conflict_do_update(
        index_elements=list(keys), set_={name: statement.excluded[name] for name in change}
    )
