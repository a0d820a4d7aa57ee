"""A secret of this store, made once: what inboxd signs, so that only what it wrote itself is taken for that."""

import secrets
from typing import Final

from sqlalchemy import Connection, select

from store.schema import meta
from store.sql import insert_or_ignore

_NAME: Final = "reply_key"
_KEY: Final = select(meta.c.value).where(meta.c.key == _NAME)


def reply_key(txn: Connection) -> bytes:
    """Give the key of reply addresses. It is made by the first who asks: in a transaction that may write."""
    kept = kept_reply_key(txn)
    if kept is None:
        txn.execute(insert_or_ignore(txn, meta), {"key": _NAME, "value": secrets.token_hex(32)})
        kept = kept_reply_key(txn)
    assert kept is not None
    return kept


def kept_reply_key(txn: Connection) -> bytes | None:
    """Give the key, None where none was ever needed: then no reply address of this store exists."""
    kept = txn.execute(_KEY).scalar()
    return None if kept is None else bytes.fromhex(kept)
