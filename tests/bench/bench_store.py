"""Commits per second: one caller alone against many whose work shares a commit; on SQLite and on PostgreSQL.

    .venv/bin/python -m tests.bench.bench_store [--folder DIR] [--json]

Each unit of work is what accepting a mail writes: an intake row, its 4 KB of bytes, a job. Beside them stands one row
in one table by the bare driver, in the same run on the same disk: what a commit costs here at least. Figures are to
be compared with each other, never with those of another machine.
"""

import argparse
import json
import secrets
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection

from store import intake, jobs
from store.claimant import claimant
from store.open import Store
from tests.plugins.postgres import PostgresServer

RAW = secrets.token_bytes(4096)
SECONDS = 4.0


def accept(txn: Connection) -> None:
    """Write what one accepted mail writes."""
    name = secrets.token_hex(8)
    intake.add(
        txn,
        id=name,
        channel="email",
        source="support@example.com",
        origin_key=None,
        envelope={"mail_from": "ops@acme.example", "rcpt_tos": ["support@example.com"], "client_ip": "192.0.2.1"},
        raw=RAW,
        blob=None,
        sha256="0" * 64,
        size=len(RAW),
        received_at=1_770_000_000_000,
    )
    jobs.add(txn, kind="message", lane="mail", intake_id=name)


def per_second(work: Callable[[], object], callers: int) -> float:
    """Let callers work side by side, each waiting for its own commit, and count."""
    done = [0] * callers
    end = time.monotonic() + SECONDS

    def call(number: int) -> None:
        while time.monotonic() < end:
            work()
            done[number] += 1

    started = time.monotonic()
    threads = [threading.Thread(target=call, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.monotonic() - started)


def claims_per_second(store: Store, limit: int) -> float:
    """Claim and finish what the others left behind, as a worker does."""
    me, done, started = claimant(), 0, time.monotonic()
    while time.monotonic() < started + SECONDS:
        claimed = store.write(lambda txn: jobs.claim(txn, lane="mail", claimant=me, lease_seconds=60, limit=limit))
        futures = [store.submit(lambda txn, job=job: jobs.finish(txn, job)) for job in claimed]
        done += sum(future.result() is None for future in futures)
    return done / (time.monotonic() - started)


def bare_sqlite(folder: Path) -> float:
    """Commit one row at a time by the driver alone."""
    connecting = sqlite3.connect(folder / "bare.db", isolation_level=None, check_same_thread=False)
    with closing(connecting) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE t (raw BLOB)")
        return per_second(lambda: connection.execute("INSERT INTO t VALUES (?)", (RAW,)), 1)


def measure(store: Store) -> dict[str, float]:
    """Measure one store."""
    figures = {f"{callers} callers": per_second(lambda: store.write(accept), callers) for callers in (1, 8, 32, 128)}
    figures["32 to 1"] = figures["32 callers"] / figures["1 callers"]
    figures["jobs, 1 a claim"] = claims_per_second(store, 1)
    figures["jobs, 16 a claim"] = claims_per_second(store, 16)
    return figures


def main() -> None:
    """Measure both and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--folder", type=Path, help="where the SQLite file lies: the disk that is measured")
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    told: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        folder = Path(name)
        bare = bare_sqlite(folder)
        with Store.open(f"sqlite:///{folder}/inboxd.db", role="daemon", create=True) as store:
            told["sqlite"] = {"bare driver": bare} | measure(store)
    with (
        PostgresServer.running(durable=True) as server,
        Store.open(server.url("postgres"), role="daemon", create=True) as store,
    ):
        told["postgresql"] = measure(store)
    if chosen.json:
        json.dump(told, sys.stdout)
        return
    for database, figures in told.items():
        print(database)
        for what, figure in figures.items():
            print(f"  {what:<18} {figure:10,.1f}")


if __name__ == "__main__":
    main()
