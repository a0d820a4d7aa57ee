"""Two clocks: the time of day, and one for leases that no clock step can move."""

import functools
import time
from pathlib import Path
from typing import Final

from sqlalchemy import BigInteger, ColumnElement, Connection, Text, bindparam, cast, extract, func, literal, select

_BOOT_FILE = Path("/proc/sys/kernel/random/boot_id")


@functools.cache
def boot_id() -> str:
    """Name this boot of this machine: a monotonic time means nothing without it."""
    return _BOOT_FILE.read_text(encoding="ascii").strip()


def now_ms() -> int:
    """Give the time of day in epoch milliseconds."""
    return time.time_ns() // 1_000_000


def boot_ms() -> int:
    """Give the milliseconds since boot, suspension included."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


# statement_timestamp() is stable within a statement, so an index serves `due_at <= now`; clock_timestamp() is volatile
# and forbids that; now() is the start of the transaction, which a batch of group commit may have begun before the job
# was written.
_DATABASE_MS: Final = cast(extract("epoch", func.statement_timestamp()) * 1000, BigInteger)

# Asked when the statement runs, so that a statement is built once. The names are looked up then, too.
_OUR_MS: Final = bindparam("now_ms", callable_=lambda: now_ms(), type_=BigInteger)  # noqa: PLW0108
_BOOT_MS: Final = bindparam("boot_ms", callable_=lambda: boot_ms(), type_=BigInteger)  # noqa: PLW0108
_BOOT_ID: Final = bindparam("boot_id", callable_=lambda: boot_id(), type_=Text)  # noqa: PLW0108


def wall_now(dialect: str) -> ColumnElement[int]:
    """Give the expression for the time of day: the database's on PostgreSQL (nodes share it), ours on SQLite."""
    return _DATABASE_MS if dialect == "postgresql" else _OUR_MS


def shared_ms(txn: Connection) -> int:
    """Give the time of day that everybody who shares the store goes by, in epoch milliseconds: see `wall_now`.

    What is due in a while is due by this one: a node's own clock may be a month ahead.
    """
    if txn.dialect.name == "postgresql":
        return int(txn.execute(select(_DATABASE_MS)).scalar_one())
    return now_ms()


def lease_now(dialect: str) -> tuple[ColumnElement[str], ColumnElement[int]]:
    """Give the expressions for the name of the clock that leases run on, and for its time in milliseconds.

    On SQLite that is the machine's time since boot, suspension included, named by the boot: setting the time of day
    neither steals a lease nor freezes one, and after a reboot every earlier lease has ended.
    """
    if dialect == "postgresql":
        return literal("database", Text), _DATABASE_MS
    return _BOOT_ID, _BOOT_MS
