"""Engines: how each database is spoken to, so that a commit is a promise and a reader never blocks the writer."""

import sqlite3
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, NullPool, QueuePool, create_engine, event

from store.address import Address
from store.errors import StoreError
from store.text import to_json

BUSY_SECONDS = 5.0
_READERS = 8

# FULL: the 250 to a mail client promises stable storage, NORMAL may lose the last commits with the power.
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "temp_store=MEMORY",
    "trusted_schema=OFF",
    "journal_size_limit=67108864",
)

# The server's setting may be weaker than our promise; a stronger one (remote_apply) is kept.
_PROMISE = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"


def _sqlite_opener(
    address: Address, *, foreign_keys: bool, pragmas: tuple[str, ...]
) -> Callable[[], sqlite3.Connection]:
    # mode=rw: a file that somebody removed must be missed, not made anew and empty.
    uri = f"file:{quote(str(address.path))}?mode=rw"

    def opened() -> sqlite3.Connection:
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            for pragma in (f"foreign_keys={'ON' if foreign_keys else 'OFF'}", *pragmas):
                connection.execute("PRAGMA " + pragma)
        except BaseException:
            connection.close()
            raise
        return connection

    return opened


def _sqlite(address: Address, begin: str, *, foreign_keys: bool, pragmas: tuple[str, ...], **pool: Any) -> Engine:
    engine = create_engine(
        address.url,
        creator=_sqlite_opener(address, foreign_keys=foreign_keys, pragmas=pragmas),
        json_serializer=to_json,
        hide_parameters=True,
        **pool,
    )

    def do_begin(connection: Any) -> None:
        connection.execute(begin)

    # The driver's isolation_level None leaves BEGIN to us: its own is deferred, and a deferred read-then-write loses
    # to any other writer with "database is locked", whatever the timeout. Not by a listener to the engine's "begin":
    # an engine with one looks at each statement for listeners, which takes a quarter of what SQLAlchemy takes for it.
    # The dialect is this engine's own; a method of it is what SQLAlchemy lets others put in, and mypy does not.
    engine.dialect.do_begin = do_begin  # type: ignore[assignment, method-assign]
    return engine


def _postgresql(address: Address, **pool: Any) -> Engine:
    # tcp_user_timeout: a peer that vanished without a word is noticed in seconds, not in a quarter of an hour.
    defaults = {
        "connect_timeout": "5",
        "tcp_user_timeout": "15000",
        "keepalives_idle": "30",
        "application_name": "inboxd",
    }
    try:
        engine = create_engine(
            address.url.update_query_dict({k: v for k, v in defaults.items() if k not in address.url.query}),
            json_serializer=to_json,
            hide_parameters=True,
            **pool,
        )
    except ModuleNotFoundError as error:
        raise StoreError("PostgreSQL needs psycopg: install inboxd with its extra, `inboxd[postgres]`") from error

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_PROMISE)
            # A lock held longer than this is somebody's stuck session: better told than waited for.
            cursor.execute("SET lock_timeout = '10s'")
        connection.commit()

    return engine


def writer_engine(address: Address, *, foreign_keys: bool = True) -> Engine:
    """Give the engine of the writers: no pool, each writer thread keeps its connection."""
    if address.dialect == "sqlite":
        return _sqlite(address, "BEGIN IMMEDIATE", foreign_keys=foreign_keys, pragmas=_PRAGMAS, poolclass=NullPool)
    return _postgresql(address, poolclass=NullPool)


def reader_engine(address: Address) -> Engine:
    """Give the engine of the readers: each transaction sees one state of the store and can change nothing."""
    pool = {"poolclass": QueuePool, "pool_size": _READERS, "max_overflow": 0, "pool_timeout": 10}
    if address.dialect == "sqlite":
        return _sqlite(address, "BEGIN DEFERRED", foreign_keys=True, pragmas=("query_only=ON",), **pool)
    engine = _postgresql(address, pool_pre_ping=True, **pool)
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
