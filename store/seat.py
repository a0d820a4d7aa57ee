"""A writer's connection: opened when needed, thrown away when in doubt, never trusted blindly."""

import logging
import os
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from store.errors import StoreError, StoreNewer, StoreOlder, StoreUnavailable
from store.failures import is_io_error, meaning, unavailable
from store.schema import EPOCH

log = logging.getLogger(__name__)

_EPOCH_QUERY = "SELECT value FROM meta WHERE key = 'epoch'"


class FileWatch:
    """Notices that the database file is not the one that was opened: removed, or another put in its place.

    SQLite would go on writing into a file without a name, and every commit of that would be lost.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None

    def settle(self) -> None:
        """Remember the file that is there now; called just before it is opened."""
        self._seen = self._now()

    def changed(self) -> bool:
        """Tell whether the file is another one than was opened. Raises StoreUnavailable when there is none."""
        return self._path is not None and self._now() != self._seen

    def _now(self) -> tuple[int, int] | None:
        if self._path is None:
            return None
        try:
            status = os.stat(self._path)  # noqa: PTH116 - this runs before every commit
        except OSError as error:
            raise StoreUnavailable(f"the store {self._path} is gone: {error.strerror}") from error
        return status.st_dev, status.st_ino


class Seat:
    """One writer thread's connection to the database."""

    def __init__(self, engine: Engine, path: Path | None) -> None:
        self._engine = engine
        self._watch = FileWatch(path)
        self._connection: Connection | None = None
        self._disk_in_doubt = False

    def begin(self) -> Connection:
        """Begin a transaction on a connection that answers and finds the schema this program writes.

        Raises StoreUnavailable, StoreOlder or StoreNewer; then there is no transaction.
        """
        stale = self._connection is not None
        try:
            return self._begin()
        except StoreError:
            raise
        except Exception as error:
            self.discard(error)
            # After a restart of the server the old connection fails here, before anything was asked of it: one
            # fresh connection spares everybody in the batch a "try later".
            if not stale or meaning(error) != "broken":
                raise unavailable(error) from error
        try:
            return self._begin()
        except StoreError:
            raise
        except Exception as error:
            self.discard(error)
            raise unavailable(error) from error

    def _begin(self) -> Connection:
        if self._connection is not None and self._watch.changed():
            self.discard(None)
        connection = self._connection or self._open()
        connection.begin()
        self._check_epoch(connection)
        return connection

    def _open(self) -> Connection:
        self._watch.settle()
        connection = self._engine.connect()
        self._connection = connection
        if self._disk_in_doubt:
            # After a failed fsync the kernel calls pages clean that never reached the disk. A log that holds such
            # pages must not be continued: its later frames would hang on the lost ones. Copying it into the database
            # file and cutting it off writes and syncs everything anew.
            raw = connection.connection.dbapi_connection
            assert raw is not None
            cursor = raw.cursor()
            busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            cursor.close()
            if busy:
                self.discard(None)
                raise StoreUnavailable("the store waits for its readers to end, after an error of the disk")
            self._disk_in_doubt = False
        return connection

    def _check_epoch(self, connection: Connection) -> None:
        found = int(connection.exec_driver_sql(_EPOCH_QUERY).scalar_one())
        if found == EPOCH:
            return
        connection.rollback()
        if found < EPOCH:
            raise StoreOlder("the store's schema is older than this program: run `inboxd db upgrade`")
        raise StoreNewer("the store was upgraded by a newer inboxd: this one must be replaced")

    def discard(self, error: BaseException | None) -> None:
        """Give the connection up: what it holds is rolled back by its end."""
        self._disk_in_doubt = self._disk_in_doubt or (error is not None and is_io_error(error))
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.invalidate()
            connection.close()
        except SQLAlchemyError as failure:
            # The connection is being given up because it fails; what is left of it goes with the process.
            log.warning("a broken connection could not be closed: %s", failure)
