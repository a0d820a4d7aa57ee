"""Addresses that mail of ours came back from for good, until somebody writes from them again."""

from sqlalchemy import Connection, delete, select

from store.schema import dead_addresses
from store.sql import insert_or_update


def mark(txn: Connection, *, address_key: str, reason: str, at: int) -> None:
    """Note that mail to an address comes back; the latest reason stands."""
    row = {"address_key": address_key, "reason": reason, "at": at}
    txn.execute(insert_or_update(txn, dead_addresses, row, keys=["address_key"], change=["reason", "at"]))


def reason(txn: Connection, address_key: str) -> str | None:
    """Give why mail to an address came back; None for one that is not marked."""
    found = txn.execute(select(dead_addresses.c.reason).where(dead_addresses.c.address_key == address_key)).scalar()
    return None if found is None else str(found)


def forget(txn: Connection, address_key: str) -> None:
    """Take the mark away: somebody wrote from there."""
    txn.execute(delete(dead_addresses).where(dead_addresses.c.address_key == address_key))
