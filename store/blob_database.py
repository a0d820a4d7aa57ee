"""Blobs in the database, in pieces of 1 MiB: every node reaches them, and nobody holds a whole one in memory."""

import hashlib
import io
import secrets
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from sqlalchemy import Connection, delete, func, insert, select

from store.blobs import Swept, Transactions, check_name, put_through
from store.clock import wall_now
from store.errors import NotFound, StoreError, StoreUnavailable
from store.schema import blob_chunks, blobs
from store.sql import insert_or_update

CHUNK: Final = 1 << 20
_PAGE: Final = 500


class DatabaseBlobs:
    """Blobs as rows. Each piece is a small transaction of its own, long before the row that names the blob."""

    def __init__(self, store: Transactions) -> None:
        """Name the store whose database takes them."""
        self._store = store

    def create(self) -> "DatabaseWriter":
        """Start a blob."""
        return DatabaseWriter(self._store)

    def put(self, source: BinaryIO | Iterable[bytes]) -> str:
        """Keep bytes and give their name."""
        return put_through(self.create(), source)

    def open(self, name: str) -> BinaryIO:
        """Read a blob, piece by piece; the end of it is reached only when the digest is right."""
        return cast("BinaryIO", io.BufferedReader(_Reader(self._store, name), CHUNK))

    def path_or_copy(self, name: str, folder: Path) -> Path:
        """Copy the blob into the folder."""
        path = folder / check_name(name)
        with self.open(name) as source, path.open("wb") as copy:
            while piece := source.read(CHUNK):
                copy.write(piece)
        return path

    def missing(self, names: Collection[str]) -> set[str]:
        """Give those of the names that have no row."""
        wanted = sorted(names)
        here: set[str] = set()
        with self._store.read() as conn:
            for start in range(0, len(wanted), _PAGE):
                page = wanted[start : start + _PAGE]
                here.update(conn.scalars(select(blobs.c.name).where(blobs.c.name.in_(page))))
        return set(wanted) - here

    def sweep(self, in_use: Callable[[Collection[str]], set[str]], older_than_seconds: float) -> Swept:
        """Take away blobs that no row names, and uploads that never ended."""
        age = int(older_than_seconds * 1000)
        gone = [size for page in self._old(age) for size in self._take_unused(page, in_use, age)]
        left = self._store.write(lambda txn: _take_unfinished(txn, age))
        return Swept(blobs=len(gone), unfinished=len(left), bytes=sum(gone) + sum(left))

    def _old(self, age: int) -> Iterable[list[str]]:
        after = ""
        while True:
            with self._store.read() as conn:
                old = select(blobs.c.name).where(
                    blobs.c.touched_at < wall_now(conn.dialect.name) - age, blobs.c.name > after
                )
                page = list(conn.scalars(old.order_by(blobs.c.name).limit(_PAGE)))
            if not page:
                return
            yield page
            after = page[-1]

    def _take_unused(self, page: list[str], in_use: Callable[[Collection[str]], set[str]], age: int) -> list[int]:
        unused = sorted(set(page) - in_use(page))

        def take(txn: Connection) -> list[int]:
            # Asked again: who put the same bytes meanwhile has touched the row.
            old = delete(blobs).where(blobs.c.name.in_(unused), blobs.c.touched_at < wall_now(txn.dialect.name) - age)
            taken = txn.execute(old.returning(blobs.c.upload, blobs.c.size)).all()
            txn.execute(delete(blob_chunks).where(blob_chunks.c.upload.in_([upload for upload, _ in taken])))
            return [size for _, size in taken]

        return self._store.write(take) if unused else []


def _take_unfinished(txn: Connection, age: int) -> list[int]:
    ended = select(blobs.c.upload)
    stale = (
        select(blob_chunks.c.upload)
        .where(blob_chunks.c.upload.not_in(ended))
        .group_by(blob_chunks.c.upload)
        .having(func.max(blob_chunks.c.at) < wall_now(txn.dialect.name) - age)
    )
    size = func.length(blob_chunks.c.data)
    taken = txn.execute(
        delete(blob_chunks).where(blob_chunks.c.upload.in_(stale)).returning(blob_chunks.c.upload, size)
    ).all()
    sizes: dict[str, int] = {}
    for upload, length in taken:
        sizes[upload] = sizes.get(upload, 0) + int(length)
    return list(sizes.values())


class DatabaseWriter:
    """A blob on its way into the database."""

    def __init__(self, store: Transactions) -> None:
        """Begin under a name that nobody else uses; the digest is known only at the end."""
        self._store = store
        self._upload = secrets.token_hex(16)
        self._hash = hashlib.sha256()
        self._buffer = bytearray()
        self._size = 0
        self._pieces = 0
        self._over = False

    @property
    def size(self) -> int:
        """Bytes written up to now."""
        return self._size

    def write(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self._hash.update(chunk)
        self._size += len(chunk)
        self._buffer += chunk
        while len(self._buffer) >= CHUNK:
            piece = bytes(self._buffer[:CHUNK])
            del self._buffer[:CHUNK]
            self._store_piece(piece)

    def _store_piece(self, piece: bytes) -> None:
        row = {"upload": self._upload, "number": self._pieces, "data": piece}
        self._store.write(
            lambda txn: txn.execute(insert(blob_chunks).values(**row, at=wall_now(txn.dialect.name))) and None
        )
        self._pieces += 1

    def finish(self) -> str:
        """Write the last piece, check that all are there, and give them their name."""
        if self._buffer:
            self._store_piece(bytes(self._buffer))
            self._buffer.clear()
        name = self._hash.hexdigest()
        self._store.write(lambda txn: self._name(txn, name))
        self._over = True
        return name

    def _name(self, txn: Connection, name: str) -> None:
        mine = blob_chunks.c.upload == self._upload
        length = func.coalesce(func.sum(func.length(blob_chunks.c.data)), 0)
        held = txn.execute(select(func.count(), length).where(mine)).one()
        if tuple(map(int, held)) != (self._pieces, self._size):
            raise StoreUnavailable(f"the blob {name} lost pieces on its way")
        row = {"name": name, "upload": self._upload, "size": self._size, "touched_at": wall_now(txn.dialect.name)}
        named = insert_or_update(txn, blobs, row, keys=["name"], change=["touched_at"])
        if txn.execute(named.returning(blobs.c.upload)).scalar_one() != self._upload:
            # The same bytes are here already, and young again now.
            txn.execute(delete(blob_chunks).where(mine))

    def discard(self) -> None:
        """Remove the pieces. Where the database fails, too, they stay for the sweep."""
        if self._over or not self._pieces:
            return
        self._over = True
        mine = delete(blob_chunks).where(blob_chunks.c.upload == self._upload)
        try:
            self._store.write(lambda txn: txn.execute(mine) and None)
        except StoreUnavailable:
            return


class _Reader(io.RawIOBase):
    """Pieces, one read of the database each."""

    def __init__(self, store: Transactions, name: str) -> None:
        with store.read() as conn:
            found = conn.execute(select(blobs.c.upload, blobs.c.size).where(blobs.c.name == check_name(name))).first()
        if found is None:
            raise NotFound(f"the blob {name} is not in the database")
        self._store = store
        self._name = name
        self._upload, self._left = found
        self._number = 0
        self._piece = memoryview(b"")
        self._hash = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        if not self._piece and self._left:
            self._next()
        taken = min(len(target), len(self._piece))
        target[:taken] = self._piece[:taken]
        self._piece = self._piece[taken:]
        return taken

    def _next(self) -> None:
        where = (blob_chunks.c.upload == self._upload, blob_chunks.c.number == self._number)
        with self._store.read() as conn:
            data = conn.execute(select(blob_chunks.c.data).where(*where)).scalar()
        if data is None:
            raise StoreError(f"the blob {self._name} lacks its piece {self._number}")
        self._hash.update(data)
        self._number += 1
        self._left -= len(data)
        self._piece = memoryview(data)
        if self._left <= 0 and self._hash.hexdigest() != self._name:
            raise StoreError(f"the blob {self._name} is damaged: its bytes have another digest")
