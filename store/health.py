"""Can something be kept now? A process that lives, and a database that answers, are no proof of that."""

from sqlalchemy import Connection, select

from store.clock import now_ms
from store.schema import meta
from store.sql import insert_or_update


def prove_writable(txn: Connection) -> None:
    """Write a few bytes that the commit has to bring to stable storage, as it would a message."""
    row = {"key": "probed_at", "value": str(now_ms())}
    txn.execute(insert_or_update(txn, meta, row, keys=["key"], change=["value"]))


def last_proof(txn: Connection) -> int | None:
    """Give when this was last done, in milliseconds by the clock of then; None before the first time."""
    found = txn.execute(select(meta.c.value).where(meta.c.key == "probed_at")).scalar()
    return None if found is None else int(found)
