"""Two clocks: the time of day, and one for leases that no clock step can move."""

import functools
import time
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, cast, extract, func, literal

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@functools.cache
def boot_id() -> str:
    """Name this boot of this machine: a monotonic time means nothing without it."""
    return _BOOT_ID.read_text(encoding="ascii").strip()


def now_ms() -> int:
    """Give the time of day in epoch milliseconds."""
    return time.time_ns() // 1_000_000


def _database_ms() -> ColumnElement[int]:
    # statement_timestamp() is stable within a statement, so an index serves `due_at <= now`; clock_timestamp() is
    # volatile and forbids that; now() is the start of the transaction, which a batch of group commit may have
    # begun before the job was written.
    return cast(extract("epoch", func.statement_timestamp()) * 1000, BigInteger)


def wall_now(txn: Connection) -> ColumnElement[int]:
    """Give the expression for the time of day: the database's on PostgreSQL (nodes share it), ours on SQLite."""
    return _database_ms() if txn.dialect.name == "postgresql" else literal(now_ms(), BigInteger)


def lease_now(txn: Connection) -> tuple[str, ColumnElement[int]]:
    """Give the name of the clock that leases run on, and the expression for its time in milliseconds.

    On SQLite that is the machine's time since boot, suspension included, named by the boot: setting the time of day
    neither steals a lease nor freezes one, and after a reboot every earlier lease has ended.
    """
    if txn.dialect.name == "postgresql":
        return "database", _database_ms()
    return boot_id(), literal(time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000, BigInteger)


def as_int(value: Any) -> int | None:
    """Narrow what a driver returned for a whole number."""
    return None if value is None else int(value)
