"""One writing process for each SQLite store: SQLite's own lock is unfair and lets one process starve another."""

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

from store.errors import StoreBusy, StoreError
from store.file_access import login


class FileLock:
    """An exclusive flock on `<database>.lock`, held for life; the file says who holds it.

    The kernel drops it with the process, however that ends. A child made by fork would inherit it, so worker
    processes are started by spawn or forkserver.
    """

    def __init__(self, database: Path, role: str, wait_seconds: float) -> None:
        """Take the lock, waiting at most so long. Raises StoreBusy naming the holder, StoreError for root (below)."""
        _refuse_root(database)
        self._path = database.with_name(database.name + ".lock")
        self._fd = self._acquire(time.monotonic() + wait_seconds, database)
        # A full disk has no room for the name; the lock holds without it.
        with suppress(OSError):
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, f"{os.getpid()} {role}\n".encode(), 0)

    def _acquire(self, deadline: float, database: Path) -> int:
        while True:
            try:
                fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
            except OSError as error:
                raise StoreError(f"cannot open the lock file {self._path}: {error.strerror}") from error
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Somebody may have removed the file between our open and our lock: then we hold a lock on nothing.
                if os.path.samestat(os.fstat(fd), self._path.stat()):
                    return fd
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    holder = _holder(fd)
                    os.close(fd)
                    raise StoreBusy(f"the store {database} is in use by {holder}") from None
            except FileNotFoundError:
                pass
            except OSError:
                os.close(fd)
                raise
            os.close(fd)
            time.sleep(0.02)

    def release(self) -> None:
        """Let the next one in. Harmless when called twice."""
        if self._fd >= 0:
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = -1


def _refuse_root(database: Path) -> None:
    """Keep root from writing into the store of another user, who could not open what root's files and folders hold.

    A store that is not there yet will be that of the folder's owner.
    """
    try:
        owner = database.stat().st_uid
    except FileNotFoundError:
        owner = database.parent.stat().st_uid
    if os.geteuid() == 0 and owner != 0:
        name = login(owner)
        raise StoreError(
            f"the store {database} belongs to the user {name}, who could not use what root leaves there: "
            f"do this as {name} (runuser -u {name} -- inboxd …)"
        )


def _holder(fd: int) -> str:
    words = os.pread(fd, 200, 0).decode(errors="replace").split()
    match words:
        case [pid, "daemon"]:
            return f"the daemon, process {pid}"
        case [pid, role]:
            return f"a {role}, process {pid}"
        case _:
            return "another process"
