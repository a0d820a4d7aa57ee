"""Column types: the one place where text and JSON pass on their way into the database."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

from store.text import clean

# SQLite numbers rows by itself only for a column declared INTEGER.
Id = BigInteger().with_variant(Integer(), "sqlite")


class CleanText(TypeDecorator[str]):
    """Text whose NUL and lone surrogates are replaced, since no database takes them."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Clean what goes in; what comes out is clean."""
        return None if value is None else clean(value)


# None is SQL NULL here, so that IS NULL means what it says. The engine's serializer cleans (store.text.to_json).
Json: Any = JSON(none_as_null=True)
