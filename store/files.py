"""Files that staff attached: the bytes are a blob, a row names it by their digest."""

from typing import BinaryIO

from sqlalchemy import Connection, select

from store.blobs import Blobs
from store.errors import NotFound
from store.schema import files
from store.sql import insert_or_ignore


def remember(txn: Connection, *, sha256: str, blob: str, size: int, at: int) -> None:
    """Note that a blob is a file that something of the desk carries; said twice, it is noted once."""
    txn.execute(insert_or_ignore(txn, files), {"sha256": sha256, "blob": blob, "size": size, "at": at})


def open_(txn: Connection, blobs: Blobs, sha256: str) -> BinaryIO:
    """Read a file by its digest. Raises NotFound."""
    blob = txn.execute(select(files.c.blob).where(files.c.sha256 == sha256)).scalar()
    if blob is None:
        raise NotFound(f"no file with the digest {sha256}")
    return blobs.open(str(blob))
