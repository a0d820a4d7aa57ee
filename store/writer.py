"""Group commit: what arrives while a commit runs goes into the next one, and one fsync serves everybody who waits."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, NestedTransaction

from store.errors import StoreError, StoreUnavailable
from store.failures import in_transaction, meaning, unavailable
from store.seat import Seat

T = TypeVar("T")
log = logging.getLogger(__name__)

_TRIES = 3
_PAUSE_SECONDS = 0.02


@dataclass(slots=True)
class _Work:
    """A callable that waits for its transaction."""

    run: Callable[[Connection], Any]
    future: Future[Any]
    started: bool = False
    tries: int = 0
    value: Any = None
    error: BaseException | None = None

    def start(self) -> bool:
        """Tell whether it shall run: nobody cancelled it. What runs cannot be cancelled any more."""
        if not self.started:
            try:
                self.started = self.future.set_running_or_notify_cancel()
            except InvalidStateError:
                # Somebody else answered the future: nobody waits for us.
                return False
        return self.started

    def settle(self) -> None:
        """Tell whoever waits. Only after the commit: a value is a promise."""
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.value)


class _Broken(Exception):
    """The transaction is gone, and with it everybody's work in it; the cause is chained."""


def _demand_transaction(connection: Connection) -> None:
    # SQLite ends a transaction by itself when the disk is full, even if the callable swallowed the error.
    if not in_transaction(connection):
        raise _Broken from StoreUnavailable("the transaction was ended by what ran in it")


class Writer:
    """Threads that each take what waits, run it in one transaction, commit, and answer.

    One thread on SQLite, where a second would only wait for the lock; a few on PostgreSQL.
    """

    def __init__(self, seats: list[Seat], *, largest_batch: int) -> None:
        """Start one thread for each seat."""
        self._waiting: deque[_Work] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._idle = 0
        self._largest = largest_batch
        self._threads = [
            threading.Thread(target=self._serve, args=(seat,), name=f"store-writer-{number}", daemon=True)
            for number, seat in enumerate(seats)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, run: Callable[[Connection], T]) -> Future[T]:
        """Queue a callable; its future is answered after the commit that holds its work.

        The callable gets the transaction, never commits, and may be called again after a deadlock or a neighbour's
        failure, so it changes nothing but the database. Its own exception undoes its work alone and reaches the future.
        """
        future: Future[T] = Future()
        with self._changed:
            if self._closing:
                raise StoreUnavailable("the store is closed")
            self._waiting.append(_Work(run, future))
            self._changed.notify()
        return future

    def is_writer_thread(self) -> bool:
        """Tell whether the caller is one of the writer's threads, which must not wait for themselves."""
        return threading.current_thread() in self._threads

    def close(self) -> None:
        """Do what was submitted, then end the threads."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _serve(self, seat: Seat) -> None:
        while batch := self._take():
            try:
                self._commit(seat, batch)
            except BaseException as error:
                # The thread's boundary: whatever went wrong, here or in a callable, the next batch must find a
                # writer, and nobody may wait for ever.
                log.exception("a batch of the store failed")
                seat.discard(error)
                for work in batch:
                    if not work.future.done():
                        work.future.set_exception(unavailable(error))
        seat.discard(None)

    def _take(self) -> list[_Work]:
        """Wait for work and take what is there; empty when the writer is closed and everything done."""
        with self._changed:
            while True:
                self._idle += 1
                while not self._waiting and not self._closing:
                    self._changed.wait()
                # A fair share for each thread that is free: on PostgreSQL they commit side by side.
                share = min(-(-len(self._waiting) // self._idle), self._largest)
                self._idle -= 1
                batch = self._pick(share)
                if batch or not self._waiting:
                    return batch

    def _pick(self, share: int) -> list[_Work]:
        batch: list[_Work] = []
        for _ in range(share):
            again = self._waiting[0].tries > 0
            if again and batch:
                break
            work = self._waiting.popleft()
            if again:
                # What stood in another transaction's way once runs alone the next time.
                return [work]
            if work.start():
                batch.append(work)
        return batch

    def _commit(self, seat: Seat, batch: list[_Work]) -> None:
        if batch[0].tries:
            # The other of the deadlock was only just woken: tried again at once, the two could meet once more.
            time.sleep(_PAUSE_SECONDS)
        try:
            connection = seat.begin()
        except StoreError as error:
            self._fail(batch, error)
            return
        try:
            if len(batch) > 1 and self._run_together(connection, batch):
                over = len(batch)
            else:
                if not connection.in_transaction():
                    connection = seat.begin()
                over = self._run_apart(connection, batch)
            connection.commit()
        except Exception as error:  # noqa: BLE001 - whatever broke it, the transaction is not committed
            cause = error.__cause__ if isinstance(error, _Broken) and error.__cause__ else error
            seat.discard(cause)
            self._fail(batch, cause)
            return
        for work in batch[:over]:
            work.settle()
        if over < len(batch):
            with self._changed:
                self._waiting.extendleft(reversed(batch[over:]))
                self._changed.notify()

    @staticmethod
    def _fail(batch: list[_Work], cause: BaseException) -> None:
        for work in batch:
            # Whose own mistake is known hears of that, not of the neighbours' trouble.
            work.error = work.error or unavailable(cause)
            work.settle()

    @staticmethod
    def _run_together(connection: Connection, batch: list[_Work]) -> bool:
        """Run the batch as one. False: something failed, all of it is undone, and shall run again, each by itself.

        A savepoint for each costs as much as two statements, and is hardly ever gone back to.
        """
        try:
            for work in batch:
                work.value = work.run(connection)
                _demand_transaction(connection)
        except _Broken:
            raise
        except Exception as error:
            if meaning(error) == "broken" or not in_transaction(connection):
                raise _Broken from error
            connection.rollback()
            return False
        return True

    def _run_apart(self, connection: Connection, batch: list[_Work]) -> int:
        """Run the batch and tell how many are over; the rest waits for another transaction, after a deadlock."""
        for position, work in enumerate(batch):
            savepoint = connection.begin_nested() if len(batch) > 1 else None
            try:
                work.value = work.run(connection)
                _demand_transaction(connection)
                if savepoint is not None:
                    savepoint.commit()
            except _Broken:
                raise
            except Exception as error:  # noqa: BLE001 - it is the caller's, and goes to the caller
                if not self._undo(connection, savepoint, work, error):
                    return position
        return len(batch)

    @staticmethod
    def _undo(connection: Connection, savepoint: NestedTransaction | None, work: _Work, error: Exception) -> bool:
        """Undo what one callable did. True: it is over, with its error. False: it shall run again."""
        kind = meaning(error)
        # SQLite ends a transaction by itself when the disk is full; the savepoint is gone with it.
        if kind == "broken" or not in_transaction(connection):
            raise _Broken from error
        if savepoint is None:
            connection.rollback()
        else:
            savepoint.rollback()
        if kind == "own":
            work.error = error
            return True
        work.tries += 1
        if work.tries < _TRIES:
            return False
        work.error = unavailable(error)
        return True
