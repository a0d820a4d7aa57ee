"""Which database a URL names, and what is wrong with one that names none."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from store.errors import StoreError

Dialect = Literal["sqlite", "postgresql"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A database to open: its kind, its URL, and for SQLite the file."""

    dialect: Dialect
    url: URL
    path: Path | None

    def __str__(self) -> str:
        return str(self.path) if self.path else self.url.render_as_string(hide_password=True)


def parse(url: str) -> Address:
    """Read a store URL: `sqlite:///…` (a file) or `postgresql+psycopg://…`. Raises StoreError saying what is right."""
    right = "write sqlite:////absolute/path/inboxd.db or postgresql+psycopg://user@host/database"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError(f"the store's url cannot be read; {right}") from None
    match parsed.drivername:
        case "sqlite" | "sqlite+pysqlite":
            if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
                raise StoreError(f"a store must be a file to survive a restart; {right}")
            path = Path(parsed.database).absolute()
            return Address(dialect="sqlite", url=URL.create("sqlite", database=str(path)), path=path)
        case "postgresql" | "postgresql+psycopg":
            if not parsed.database:
                raise StoreError(f"the store's url names no database; {right}")
            return Address(dialect="postgresql", url=parsed.set(drivername="postgresql+psycopg"), path=None)
        case other:
            raise StoreError(f"the store's url begins with {other!r}, which is not supported; {right}")
