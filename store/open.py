"""A store: one database, its writer, its readers and its blobs."""

import os
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal, Self, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from store import create as schema_of
from store import file_access
from store.address import Address, Dialect, parse
from store.blobs import Blobs
from store.connect import reader_engine, writer_engine
from store.create import SchemaState
from store.errors import StoreError, StoreUnavailable
from store.failures import is_io_error, is_no_store, meaning, sentence, unavailable
from store.file_lock import FileLock
from store.open_blobs import open_blobs
from store.seat import FileWatch, Seat
from store.writer import Writer

Role = Literal["daemon", "command", "reader"]
T = TypeVar("T")

_POSTGRESQL_WRITERS: Final = 4
# What SQLite takes at once for the index of its log (`-shm`).
_SHARED_MEMORY_BYTES: Final = 32 * 1024
# So that one failure takes few along, and a commit's log stays small.
_LARGEST_BATCH: Final = 128


class Store:
    """Open with `Store.open`, close with `close` or as a context manager."""

    def __init__(self, address: Address, *, lock: FileLock | None, role: Role, blobs: str | None) -> None:
        """Start what the role needs; use `Store.open`."""
        self._address = address
        self._lock = lock
        self._watch = FileWatch(address.path)
        self._readers: Engine = reader_engine(address)
        self._writer: Writer | None = None
        if role != "reader":
            seats = 1 if address.dialect == "sqlite" else _POSTGRESQL_WRITERS
            engine = writer_engine(address)
            self._writer = Writer([Seat(engine, address.path) for _ in range(seats)], largest_batch=_LARGEST_BATCH)
        self._watch.settle()
        self.blobs: Blobs = open_blobs(blobs, address=address, store=self)

    @classmethod
    def open(
        cls,
        url: str,
        *,
        blobs: str | None = None,
        role: Role,
        create: bool = False,
        wait_seconds: float = 10.0,
        any_schema: bool = False,
    ) -> Self:
        """Open the store at a URL.

        `role`: a `daemon` holds an SQLite store for its life and takes it at once or not at all; a `command` waits up
        to `wait_seconds` for it; a `reader` needs no lock and cannot write. `create` makes a store where there is none.
        `any_schema` opens an older one, too: for `upgrade` and for looking.

        Raises StoreBusy, StoreMissing, StoreOlder, StoreNewer, StoreUnavailable, StoreError.
        """
        address = parse(url)
        _demand_folder(address)
        _demand_access(address, role)
        lock = None
        if address.path is not None and role != "reader":
            if not create and not address.path.exists():
                schema_of.demand(SchemaState(word="empty"), address)
            _leave_to_the_group(address.path.parent)
            lock = FileLock(address.path, role, 0.0 if role == "daemon" else wait_seconds)
        try:
            state = _look(address)
            if state.word == "empty" and create and role != "reader":
                with _said_plainly(address):
                    schema_of.create(address)
                state = _look(address)
            if not (any_schema and state.word in {"older", "newer"}):
                schema_of.demand(state, address)
            return cls(address, lock=lock, role=role, blobs=blobs)
        except BaseException:
            if lock is not None:
                lock.release()
            raise

    @property
    def dialect(self) -> Dialect:
        """`sqlite` or `postgresql`."""
        return self._address.dialect

    def submit(self, run: Callable[[Connection], T]) -> Future[T]:
        """Queue a callable for the next transaction; the future is answered after the commit.

        The callable takes the transaction first, never commits, touches nothing but the database, and may run again,
        after a deadlock or when another one in its batch failed. What it raises undoes its own work only, and reaches
        the future. A commit that fails gives StoreUnavailable to everybody in it, and the store recovers by itself.
        """
        if self._writer is None:
            raise StoreError("this store was opened for reading")
        return self._writer.submit(run)

    def write(self, run: Callable[[Connection], T]) -> T:
        """Run a callable in a transaction (see `submit`) and wait for its commit."""
        if self._writer is not None and self._writer.is_writer_thread():
            raise RuntimeError("a callable in a transaction wrote through the store: it would wait for itself")
        return self.submit(run).result()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Read in one transaction that sees one state of the store. Never blocks the writer.

        Raises StoreUnavailable where the database fails. Keep it short: a long one keeps SQLite's log from shrinking.
        """
        if self._watch.changed():
            # Another file stands in the old one's place (a restored backup): what the pool holds reads a ghost.
            self._watch.settle()
            self._readers.dispose()
        try:
            with self._readers.begin() as connection:
                yield connection
        except (DBAPIError, PoolTimeout) as error:
            if meaning(error) == "own":
                raise
            raise unavailable(error) from error

    def schema_state(self) -> SchemaState:
        """Say what the database holds, and whether it fits this program."""
        return _look(self._address)

    def upgrade(self) -> SchemaState:
        """Run the migrations that the store lacks. All or nothing. Gives the state after it."""
        if self._writer is None:
            raise StoreError("this store was opened for reading")
        with _said_plainly(self._address):
            schema_of.upgrade(self._address)
        return self.schema_state()

    def close(self) -> None:
        """Do what was submitted, then let everything go. Harmless when called twice."""
        if self._writer is not None:
            self._writer.close()
        self._readers.dispose()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _demand_folder(address: Address) -> None:
    if address.path is None:
        return
    folder = address.path.parent
    try:
        there = folder.is_dir()
    except OSError as error:
        raise StoreError(f"the folder {folder} of the store cannot be looked into: {error.strerror}") from error
    if not there:
        raise StoreError(f"the folder {folder} of the store does not exist; make it first")


def _demand_access(address: Address, role: Role) -> None:
    try:
        refused = None if address.path is None else file_access.refusal(address.path, write=role != "reader")
    except OSError as error:
        raise StoreError(f"the store {address} cannot be looked at: {error.strerror}") from error
    if refused is not None:
        raise StoreError(f"the store's file {refused}")


def _leave_to_the_group(folder: Path) -> None:
    """Where a folder hands its group down (setgid), let this process's files be the group's to read and write.

    A member's command and the daemon take turns on the same files, as two users. A private umask of the one would shut
    the other out; SQLite gives its companion files the mode of the database, the rest goes by the umask.
    """
    if folder.stat().st_mode & stat.S_ISGID:
        before = os.umask(0o077)
        os.umask(before & ~0o070)


@contextmanager
def _said_plainly(address: Address) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        full = "; its disk is full, make room" if is_io_error(error) and _is_full(address) else ""
        said = f"the store {address} cannot be opened: {sentence(error)}{full}"
        if is_no_store(error):
            raise StoreError(f"{said}; put a backup in its place, or name another file") from error
        raise StoreUnavailable(said) from error


def _is_full(address: Address) -> bool:
    """Tell whether SQLite finds no room beside its file, which even a reader needs: it says "disk I/O error" then."""
    if address.path is None:
        return False
    disk = os.statvfs(address.path.parent)
    return disk.f_bavail * disk.f_frsize < _SHARED_MEMORY_BYTES


def _look(address: Address) -> SchemaState:
    if address.path is not None and not address.path.exists():
        return SchemaState(word="empty")
    engine = reader_engine(address)
    try:
        with _said_plainly(address), engine.begin() as connection:
            if address.dialect == "postgresql":
                encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
                if encoding != "UTF8":
                    raise StoreError(f"the database {address} is encoded as {encoding}: make it with ENCODING 'UTF8'")
            return schema_of.look(connection)
    finally:
        engine.dispose()
