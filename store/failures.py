"""What a failure of the database means for the work at hand."""

import sqlite3
from typing import Any, Literal

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from store.errors import StoreError, StoreUnavailable

Meaning = Literal["own", "again", "broken"]
"""own: the statement is at fault, its caller hears of it, the connection is fine. again: two transactions stood in each
other's way, the same call may go through at once. broken: database, disk or connection; nothing more on this one."""

_SQLITE_BROKEN = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_AUTH,
        sqlite3.SQLITE_NOTADB,
    }
)

# libpq's PQTRANS_IDLE: connected, and no transaction.
_IDLE = 0
# PostgreSQL, appendix A: serialization_failure, deadlock_detected.
_AGAIN = frozenset({"40001", "40P01"})
# Classes: connection exception, insufficient resources, operator intervention, system error, internal error; and
# lock_not_available, read_only_sql_transaction (we are talking to a standby since a fail-over).
_BROKEN_CLASSES = ("08", "53", "57", "58", "XX", "55P03", "25006")


def meaning(error: BaseException) -> Meaning:
    """Say what an exception out of a piece of work means. What is not of the database is the work's own."""
    if isinstance(error, PoolTimeout):
        return "broken"
    if not isinstance(error, DBAPIError):
        return "own"
    if error.connection_invalidated:
        return "broken"
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        return "broken" if code is not None and code & 0xFF in _SQLITE_BROKEN else "own"
    state = getattr(cause, "sqlstate", None)
    if state is None:
        # psycopg gives no SQLSTATE when the server never answered: no connection, or one that went away.
        return "broken" if type(cause).__name__ in {"OperationalError", "InterfaceError"} else "own"
    if state in _AGAIN:
        return "again"
    return "broken" if state.startswith(_BROKEN_CLASSES) else "own"


def is_io_error(error: BaseException) -> bool:
    """Tell whether SQLite's disk failed under it, so that what the kernel holds is not what the disk holds."""
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", None)
    return code is not None and code & 0xFF == sqlite3.SQLITE_IOERR


def is_no_store(error: BaseException) -> bool:
    """Tell whether an SQLite file holds something else, or damage: that is the same tomorrow."""
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", None)
    return code is not None and code & 0xFF in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}


def sentence(error: BaseException) -> str:
    """Give the driver's words in one line, without the statement and its values."""
    cause = getattr(error, "orig", None) or error
    return " ".join(str(cause).split()) or type(cause).__name__


def unavailable(error: BaseException) -> StoreError:
    """Give what a caller hears when the store could not do it now."""
    if isinstance(error, StoreError):
        # A fresh one for each who hears it: threads that raise one object share its traceback.
        copy = type(error)(str(error), temporary=error.temporary)
        copy.__cause__ = error.__cause__
        return copy
    return StoreUnavailable(f"the store cannot be used now: {sentence(error)}")


def in_transaction(connection: Connection) -> bool:
    """Ask the driver whether a transaction is open; SQLAlchemy knows only what it did itself."""
    raw: Any = connection.connection.dbapi_connection
    if raw is None:
        return False
    if isinstance(raw, sqlite3.Connection):
        return raw.in_transaction
    return int(raw.info.transaction_status) != _IDLE


def constraint(error: DBAPIError) -> str:
    """Name the constraint that a statement broke, as far as the database says."""
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        return str(diagnosis.constraint_name or "")
    return str(error.orig)
