"""Blobs as files: written, synced, renamed, and the folder synced, in that order, or it does not exist."""

import fcntl
import hashlib
import os
import secrets
import stat
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from store.blobs import Swept, check_name, put_through
from store.errors import NotFound, StoreUnavailable

_INCOMING: Final = "incoming"
_LOCK: Final = "lock"
_PAGE: Final = 500


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def _is_readable(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode) and os.access(path, os.R_OK, effective_ids=True)
    except OSError:
        return False


class FolderBlobs:
    """A folder with one file for each blob, in subfolders by the first two digits of its name.

    Several machines may share it when it is a network file system with working flock and rename.
    """

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made with the first blob."""
        self._folder = folder
        # Whose names are known to outlive the power.
        self._synced: set[Path] = set()

    def create(self) -> "FolderWriter":
        """Start a blob."""
        with _faults_named(self._folder):
            if not self._folder.is_dir():
                self._make(self._folder)
            self._make(self._folder / _INCOMING)
            return FolderWriter(self, self._folder / _INCOMING / secrets.token_hex(16))

    def put(self, source: BinaryIO | Iterable[bytes]) -> str:
        """Keep bytes and give their name."""
        return put_through(self.create(), source)

    def open(self, name: str) -> BinaryIO:
        """Read a blob."""
        try:
            # A pipe that somebody put there is not waited for.
            file = open(self._path(name), "rb", opener=_without_waiting)  # noqa: SIM115 - the caller closes it
        except FileNotFoundError:
            raise NotFound(f"the blob {name} is not in {self._folder}") from None
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.close()
            raise NotFound(f"what is in the place of the blob {name} in {self._folder} is no file")
        return file

    def path_or_copy(self, name: str, folder: Path) -> Path:  # noqa: ARG002 - the file itself will do
        """Give the file's own path."""
        path = self._path(name)
        if not path.is_file():
            raise NotFound(f"the blob {name} is not in {self._folder}")
        return path

    def missing(self, names: Collection[str]) -> set[str]:
        """Give those of the names that have no file, or one that we are not let in to: its bytes are out of reach."""
        return {name for name in names if not _is_readable(self._path(name))}

    def sweep(self, in_use: Callable[[Collection[str]], set[str]], older_than_seconds: float) -> Swept:
        """Take away files that no row names, and uploads that never ended."""
        if not self._folder.is_dir():
            return Swept(blobs=0, unfinished=0, bytes=0)
        with _faults_named(self._folder):
            before = time.time() - older_than_seconds
            unfinished = [_take_away(path, before) for path in (self._folder / _INCOMING).glob("*")]
            gone = [size for page in self._old(before) for size in self._take_unused(page, in_use, before)]
        sizes = [size for size in unfinished if size is not None]
        return Swept(blobs=len(gone), unfinished=len(sizes), bytes=sum(gone) + sum(sizes))

    def _path(self, name: str) -> Path:
        return self._folder / check_name(name)[:2] / name

    def _old(self, before: float) -> Iterator[list[str]]:
        page: list[str] = []
        for path in self._folder.glob("[0-9a-f][0-9a-f]/*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    page.append(path.name)
            if len(page) >= _PAGE:
                yield page
                page = []
        yield page

    def _take_unused(
        self, page: list[str], in_use: Callable[[Collection[str]], set[str]], before: float
    ) -> Iterator[int]:
        used = in_use(page) if page else set()
        for name in page:
            if name in used:
                continue
            # Alone with the folder: whoever puts the same bytes now either has made the file young before we look
            # again, or finds none and writes it.
            with self.locked(fcntl.LOCK_EX):
                size = _take_away(self._path(name), before)
            if size is not None:
                yield size

    def keep(self, part: Path, name: str) -> None:
        """Give a written and synced file its name, or make the one that has it young again."""
        path = self._path(name)
        self._make(path.parent)
        with self.locked(fcntl.LOCK_SH):
            if path.is_file():
                os.utime(path)
                part.unlink()
            else:
                part.rename(path)
            # In either case: whoever wrote the other one may not have come to this line.
            _sync_folder(path.parent)

    def _make(self, folder: Path) -> None:
        """Make a folder, if it is not there. Whoever else made it may not have come to the sync."""
        if folder in self._synced and folder.is_dir():
            return
        folder.mkdir(mode=0o770, exist_ok=True)
        _sync_folder(folder.parent)
        self._synced.add(folder)

    @contextmanager
    def locked(self, how: int) -> Iterator[None]:
        """Hold the folder's lock."""
        fd = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
        try:
            fcntl.flock(fd, how)
            yield
        finally:
            os.close(fd)


class FolderWriter:
    """A file on its way into the folder."""

    def __init__(self, blobs: FolderBlobs, part: Path) -> None:
        """Make the file."""
        self._blobs = blobs
        self._part = part
        self._hash = hashlib.sha256()
        self._size = 0
        # Writable for the group: who keeps the same bytes later makes the file young again, and may be another user.
        self._fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o660)

    @property
    def size(self) -> int:
        """Bytes written up to now."""
        return self._size

    def write(self, chunk: bytes) -> None:
        """Take the next bytes."""
        with _faults_named(self._part):
            rest = memoryview(chunk)
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        self._hash.update(chunk)
        self._size += len(chunk)

    def finish(self) -> str:
        """Sync, rename, sync the folder."""
        with _faults_named(self._part):
            os.fsync(self._fd)
            self._close()
            self._blobs.keep(self._part, self._hash.hexdigest())
        return self._hash.hexdigest()

    def discard(self) -> None:
        """Remove what was written."""
        self._close()
        self._part.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)


@contextmanager
def _faults_named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(f"blobs cannot be kept at {path}: {error.strerror or error}") from error


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _take_away(path: Path, before: float) -> int | None:
    """Remove a file that nobody touched since then; give its size, None when it stays or is gone already."""
    try:
        status = path.stat()
        if status.st_mtime >= before:
            return None
        path.unlink()
    except FileNotFoundError:
        return None
    return status.st_size
