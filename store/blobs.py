"""Bytes too large for a row: named by their SHA-256, written once, never changed."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol, TypeVar

from sqlalchemy import Connection

from store.errors import StoreError

T = TypeVar("T")
_NAME: Final = re.compile(r"[0-9a-f]{64}")
_PIECE: Final = 1 << 16


class BlobWriter(Protocol):
    """A blob under way. Until `finish` nothing of it counts; what is left of it is swept away some day."""

    @property
    def size(self) -> int:
        """Bytes written up to now."""

    def write(self, chunk: bytes) -> None:
        """Take the next bytes. Raises StoreUnavailable when they cannot be kept (a full disk)."""

    def finish(self) -> str:
        """Make it durable and give its name. Raises StoreUnavailable."""

    def discard(self) -> None:
        """Give it up. Harmless after `finish` and when called twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep took away: blobs that no row names, and uploads that never ended."""

    blobs: int
    unfinished: int
    bytes: int


class Blobs(Protocol):
    """A place for blobs. A name is the SHA-256 of the bytes in 64 hexadecimal digits."""

    def create(self) -> BlobWriter:
        """Start a blob whose bytes come piece by piece. Raises StoreUnavailable."""

    def put(self, source: BinaryIO | Iterable[bytes]) -> str:
        """Keep bytes durably and give their name; free when they are here already. Raises StoreUnavailable."""

    def open(self, name: str) -> BinaryIO:
        """Read a blob in bounded memory. Raises NotFound."""

    def path_or_copy(self, name: str, folder: Path) -> Path:
        """Give a path to read the blob from: its own, or a copy in `folder` the caller removes. Raises NotFound."""

    def missing(self, names: Collection[str]) -> set[str]:
        """Give those of the names that are not here."""

    def sweep(self, in_use: Callable[[Collection[str]], set[str]], older_than_seconds: float) -> Swept:
        """Take away what no row names and nobody wrote for so long.

        `in_use` gives those of some names that a row names.
        """


class Transactions(Protocol):
    """What blobs in the database need of a store."""

    def write(self, run: Callable[[Connection], T]) -> T:
        """Run in a transaction."""

    def read(self) -> AbstractContextManager[Connection]:
        """Read in a transaction."""


def check_name(name: str) -> str:
    """Give the name back. Raises StoreError for what is none: a name becomes a path."""
    if not _NAME.fullmatch(name):
        raise StoreError(f"{name!r} is not the name of a blob")
    return name


def put_through(writer: BlobWriter, source: BinaryIO | Iterable[bytes]) -> str:
    """Write everything into a blob under way, and finish it."""
    try:
        for piece in _pieces(source):
            writer.write(piece)
        return writer.finish()
    finally:
        writer.discard()


def _pieces(source: BinaryIO | Iterable[bytes]) -> Iterator[bytes]:
    # A file is an iterable, too, but of lines; a line may be as long as the file.
    if not hasattr(source, "read"):
        yield from source
        return
    while piece := source.read(_PIECE):
        yield piece
