"""The desk's mail to itself, address by address: when the next one goes, and since when none has come back."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any, Final

from sqlalchemy import Connection, select, update

from store.clock import shared_ms
from store.schema import canaries
from store.sql import insert_or_ignore


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """What is known of one address; times in milliseconds.

    `sent_at`: of the latest mail. `waiting_since`: when the first was sent of those that have not come back, None when
    none is out. `back_at`, `took_ms`: when the last one came back, and how long that took. `alarm_at`: since when the
    silence is an alarm.
    """

    address_key: str
    address: str
    next_at: int
    sent_at: int | None
    waiting_since: int | None
    back_at: int | None
    took_ms: int | None
    alarm_at: int | None


_COLUMNS: Final = tuple(canaries.c[each.name] for each in fields(Canary))


def now(txn: Connection) -> int:
    """Give the time of day in milliseconds: the database's on PostgreSQL, so that all nodes agree on it."""
    return shared_ms(txn)


def of(txn: Connection, keys: Collection[str]) -> dict[str, Canary]:
    """Give what is known of these addresses, by key."""
    query = select(*_COLUMNS).where(canaries.c.address_key.in_(keys))
    return {row["address_key"]: Canary(**row) for row in txn.execute(query).mappings()}


def hold(txn: Connection, address_key: str, address: str) -> Canary:
    """Give what is known of an address, which is noted where it is new; no other node changes it meanwhile."""
    new = {"address_key": address_key, "address": address, "next_at": 0}
    txn.execute(insert_or_ignore(txn, canaries), new)
    query = select(*_COLUMNS).where(canaries.c.address_key == address_key).with_for_update()
    return Canary(**txn.execute(query).mappings().one())


def change(txn: Connection, address_key: str, **columns: Any) -> None:
    """Set columns of an address that is held."""
    txn.execute(update(canaries).where(canaries.c.address_key == address_key).values(**columns))
