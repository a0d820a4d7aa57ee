"""The store of a desk that a bench makes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.plugins.postgres import PostgresServer


@contextmanager
def section(kind: str) -> Iterator[dict[str, dict[str, Any]]]:
    """Give what the configuration has to say of the store; a PostgreSQL server lives as long as the run."""
    if kind == "sqlite":
        yield {}
        return
    with PostgresServer.running() as server, server.database() as name:
        yield {"store": {"url": server.url(name), "blobs": None}}
