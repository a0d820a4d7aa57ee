"""Addresses that mail of ours came back from for good, until somebody writes from them again."""

from typing import Final

from sqlalchemy import Connection, bindparam, delete

from store.schema import dead_addresses
from store.sql import insert_or_update

# Built once, since each mail that comes in asks: building a statement costs more than running it.
_FORGET: Final = delete(dead_addresses).where(dead_addresses.c.address_key == bindparam("key"))


def mark(txn: Connection, *, address_key: str, reason: str, at: int) -> None:
    """Note that mail to an address comes back; the latest reason stands."""
    row = {"address_key": address_key, "reason": reason, "at": at}
    txn.execute(insert_or_update(txn, dead_addresses, row, keys=["address_key"], change=["reason", "at"]))


def forget(txn: Connection, address_key: str) -> None:
    """Take the mark away: somebody wrote from there."""
    txn.execute(_FORGET, {"key": address_key})
