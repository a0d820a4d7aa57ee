"""Where the large bytes of a store lie."""

from pathlib import Path

from store.address import Address
from store.blob_database import DatabaseBlobs
from store.blob_folder import FolderBlobs
from store.blobs import Blobs, Transactions
from store.errors import StoreError


def open_blobs(where: str | None, *, address: Address, store: Transactions) -> Blobs:
    """Give the place that the configuration names, a folder. Raises StoreError.

    None is a folder beside an SQLite file, and the database itself on PostgreSQL, where every node must reach it.
    """
    if where is not None and "://" in where:
        raise StoreError(f"blobs {where!r}: only a folder is supported, or null for the default")
    if where is not None:
        return FolderBlobs(Path(where))
    if address.path is not None:
        return FolderBlobs(address.path.parent / "blobs")
    return DatabaseBlobs(store)
