"""The few statements that the two databases spell apart."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_or_ignore(txn: Connection, table: Table) -> Any:
    """Give an INSERT that leaves a row standing which has the key already; with RETURNING it then gives no row."""
    if txn.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def insert_or_update(
    txn: Connection, table: Table, row: dict[str, Any], *, keys: Sequence[str], change: Sequence[str]
) -> Any:
    """Give an INSERT of a row that changes only these columns of one that has the keys already."""
    kind = postgresql.insert if txn.dialect.name == "postgresql" else sqlite.insert
    statement: Any = kind(table).values(**row)
    return statement.on_conflict_do_update(
        index_elements=list(keys), set_={name: statement.excluded[name] for name in change}
    )
