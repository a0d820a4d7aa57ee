"""SQLite under faults: a full disk, a lock of somebody else, a file that went away. Never for good, never by halves."""

import errno
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select

from store import connect
from store.errors import StoreBusy, StoreError, StoreOlder, StoreUnavailable
from store.open import Store
from store.schema import intake_raw, meta

OpenStore = Callable[..., Store]


def put(key: str, value: str = "x") -> Callable[[Connection], None]:
    return lambda txn: txn.execute(insert(meta), {"key": key, "value": value}) and None


def keys(store: Store) -> set[str]:
    with store.read() as connection:
        return set(connection.scalars(select(meta.c.key))) - {"epoch", "made_at"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "inboxd.db"


@pytest.fixture
def daemon(sqlite_url: str, open_store: OpenStore) -> Store:
    return open_store(sqlite_url, role="daemon")


def test_a_full_disk_fails_the_whole_commit_as_temporary_and_passes(daemon: Store):
    def fills(txn: Connection) -> None:
        pages = txn.exec_driver_sql("PRAGMA page_count").scalar_one()
        txn.exec_driver_sql(f"PRAGMA max_page_count={pages + 5}")
        txn.execute(insert(meta), {"key": "big", "value": "x" * 1_000_000})

    def both(txn: Connection) -> None:
        put("neighbour")(txn)
        fills(txn)

    with pytest.raises(StoreUnavailable, match="full") as caught:
        daemon.write(both)
    assert caught.value.temporary
    daemon.write(put("later"))
    assert keys(daemon) == {"later"}


def test_a_full_disk_that_a_callable_swallows_is_not_taken_for_a_success(daemon: Store):
    def swallows(txn: Connection) -> None:
        put("lost")(txn)
        pages = txn.exec_driver_sql("PRAGMA page_count").scalar_one()
        txn.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        raw = txn.connection.dbapi_connection
        assert raw is not None
        try:
            for number in range(10_000):
                raw.execute("INSERT INTO meta VALUES (?, ?)", (f"n{number}", "y" * 2000))
        except sqlite3.OperationalError:
            # As SQLite itself does when it cannot undo one statement.
            raw.execute("ROLLBACK")

    with pytest.raises(StoreUnavailable):
        daemon.write(swallows)
    assert keys(daemon) == set()


def test_a_lock_of_another_program_is_waited_for_and_then_told(
    sqlite_url: str, path: Path, open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connect, "BUSY_SECONDS", 0.1)
    store = open_store(sqlite_url, role="daemon")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked") as caught:
        store.write(put("a"))
    assert caught.value.temporary
    other.execute("ROLLBACK")
    other.close()
    store.write(put("b"))
    assert keys(store) == {"b"}


def test_a_file_that_went_away_fails_every_write_until_it_is_back(daemon: Store, path: Path):
    daemon.write(put("a"))
    away = path.with_name("away.db")
    path.rename(away)
    for key in ("b", "c"):
        with pytest.raises(StoreUnavailable, match="gone") as caught:
            daemon.write(put(key))
        assert caught.value.temporary
    with pytest.raises(StoreUnavailable, match="gone"):
        keys(daemon)
    assert not path.exists()
    away.rename(path)
    daemon.write(put("d"))
    assert keys(daemon) == {"a", "d"}


def test_writes_and_reads_go_to_the_file_that_was_put_in_the_old_ones_place(
    daemon: Store, path: Path, sqlite_template: bytes
):
    daemon.write(put("old"))
    assert keys(daemon) == {"old"}
    path.rename(path.with_name("away.db"))
    for log in ("-wal", "-shm"):
        path.with_name(path.name + log).unlink(missing_ok=True)
    path.write_bytes(sqlite_template)
    daemon.write(put("new"))
    assert keys(daemon) == {"new"}


def test_an_older_store_in_the_old_ones_place_is_not_written_to(daemon: Store, path: Path, sqlite_template: bytes):
    daemon.write(put("old"))
    path.rename(path.with_name("away.db"))
    path.write_bytes(sqlite_template)
    older = sqlite3.connect(path)
    older.execute("UPDATE meta SET value = '0' WHERE key = 'epoch'")
    older.commit()
    older.close()
    with pytest.raises(StoreOlder):
        daemon.write(put("new"))


def test_a_second_daemon_is_refused_at_once_and_told_who_has_the_store(
    daemon: Store, sqlite_url: str, open_store: OpenStore
):
    with pytest.raises(StoreBusy, match=rf"in use by the daemon, process {os.getpid()}") as caught:
        open_store(sqlite_url, role="daemon")
    assert caught.value.temporary


def test_a_command_waits_for_the_one_before_it_and_no_longer_than_it_was_told(sqlite_url: str, open_store: OpenStore):
    first = Store.open(sqlite_url, role="command")
    with pytest.raises(StoreBusy, match="in use by a command"):
        open_store(sqlite_url, role="command", wait_seconds=0.05)
    first.close()
    open_store(sqlite_url, role="command", wait_seconds=0.05)


def test_readers_need_no_lock_beside_a_daemon(daemon: Store, sqlite_url: str, open_store: OpenStore):
    daemon.write(put("a"))
    assert keys(open_store(sqlite_url, role="reader")) == {"a"}


@pytest.fixture
def holder(sqlite_url: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the store as a daemon."""
    code = (
        "import sys; from store.open import Store\n"
        "store = Store.open(sys.argv[1], role='daemon'); print('open', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, sqlite_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield process
        process.kill()


def test_a_killed_daemon_leaves_the_store_free(holder: subprocess.Popen[str], sqlite_url: str, open_store: OpenStore):
    with pytest.raises(StoreBusy, match=f"process {holder.pid}"):
        open_store(sqlite_url, role="daemon")
    holder.kill()
    holder.wait(30)
    open_store(sqlite_url, role="daemon").write(put("a"))


def test_root_writes_no_files_into_the_store_of_another_user(
    sqlite_url: str, path: Path, open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
):
    open_store(sqlite_url, role="daemon").close()
    if os.geteuid() == 0:
        os.chown(path, 65534, -1)
    monkeypatch.setattr("store.file_lock.os.geteuid", lambda: 0)
    with pytest.raises(StoreError, match=r"belongs to the user \S+, who could not use") as caught:
        open_store(sqlite_url, role="daemon")
    assert not caught.value.temporary


def test_a_full_disk_keeps_nobody_from_opening_the_store(
    sqlite_url: str, open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
):
    open_store(sqlite_url, role="daemon").close()

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("store.file_lock.os.pwrite", full)
    with open_store(sqlite_url, role="daemon"), pytest.raises(StoreBusy, match="in use by another process"):
        open_store(sqlite_url, role="daemon")


def test_a_lock_file_that_was_removed_is_not_mistaken_for_a_held_one(sqlite_url: str, path: Path):
    lock = path.with_name("inboxd.db.lock")
    Store.open(sqlite_url, role="daemon").close()
    lock.unlink()
    with Store.open(sqlite_url, role="daemon") as store:
        store.write(put("a"))


def test_a_new_store_is_not_for_the_eyes_of_everybody(tmp_path: Path, open_store: OpenStore):
    before = os.umask(0o007)
    try:
        with open_store(f"sqlite:///{tmp_path}/new.db", role="command", create=True) as store:
            store.write(put("a"))
            modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes.pop("new.db") == 0o660
    assert all(mode & 0o007 == 0 for mode in modes.values()), modes


def test_a_folder_that_is_missing_is_named(tmp_path: Path, open_store: OpenStore):
    with pytest.raises(StoreError, match=r"folder .*/nowhere of the store does not exist"):
        open_store(f"sqlite:///{tmp_path}/nowhere/inboxd.db", role="daemon", create=True)


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path, open_store: OpenStore):
    (tmp_path / "inboxd.db").write_bytes(b"not a database at all, but long enough to look like one" * 20)
    with pytest.raises(StoreError, match="not a database; put a backup in its place") as caught:
        open_store(f"sqlite:///{tmp_path}/inboxd.db", role="daemon", create=True)
    assert not caught.value.temporary


def test_raw_bytes_of_a_message_survive_a_crash_of_the_process(sqlite_url: str, open_store: OpenStore):
    code = (
        "import os, sys; from store import intake; from store.open import Store\n"
        "store = Store.open(sys.argv[1], role='daemon')\n"
        "store.write(lambda txn: intake.add(txn, id='q1', channel='email', source='s', origin_key=None, envelope={},"
        " raw=b'the bytes', blob=None, sha256='0' * 64, size=9, received_at=1))\n"
        "os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, sqlite_url], check=False).returncode == -9
    store = open_store(sqlite_url, role="daemon")
    with store.read() as connection:
        assert connection.scalar(select(intake_raw.c.raw)) == b"the bytes"


def test_a_commit_waits_for_the_disk_and_references_are_kept(daemon: Store):
    def settings(txn: Connection) -> list[object]:
        asked = ("journal_mode", "synchronous", "foreign_keys")
        return [txn.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked]

    assert daemon.write(settings) == ["wal", 2, 1]
