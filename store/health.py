"""Can something be kept now? A process that lives, and a database that answers, are no proof of that."""

from sqlalchemy import Connection

from store.clock import now_ms
from store.schema import meta
from store.sql import insert_or_update


def prove_writable(txn: Connection) -> None:
    """Write a few bytes that the commit has to bring to stable storage, as it would a message."""
    row = {"key": "probed_at", "value": str(now_ms())}
    txn.execute(insert_or_update(txn, meta, row, keys=["key"], change=["value"]))
