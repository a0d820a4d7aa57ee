"""What service levels are counted from: a few columns of many tickets."""

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from store.schema import tickets as table

_COLUMNS: Final = tuple(
    table.c[name] for name in ("created_at", "status", "type", "priority", "queue", "account", "clocks")
)
# In pieces: a desk's whole history is not held in memory.
_PIECE: Final = 1000


def tickets(txn: Connection, *, since: int | None = None, until: int | None = None) -> Iterator[dict[str, Any]]:
    """Give every ticket received from `since` on and before `until`, in milliseconds: an object of its columns."""
    query = sa.select(*_COLUMNS)
    if since is not None:
        query = query.where(table.c.created_at >= since)
    if until is not None:
        query = query.where(table.c.created_at < until)
    names = [column.name for column in _COLUMNS]
    for row in txn.execution_options(yield_per=_PIECE).execute(query):
        yield dict(zip(names, row, strict=True))
