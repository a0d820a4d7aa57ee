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
    kept = txn.execute(_KEY).scalar()
    if kept is None:
        txn.execute(insert_or_ignore(txn, meta), {"key": _NAME, "value": secrets.token_hex(32)})
        kept = txn.execute(_KEY).scalar_one()
    return bytes.fromhex(kept)
