"""The store is locked, gone or down for a while: mail is refused for now, and all goes on by itself when it is back."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.desk import Daemon, Desk
from tests.harness.ledger import Ledger
from tests.plugins.postgres import PostgresServer


def hold_away(ledger: Ledger, port: int, *subjects: str) -> None:
    """Mail is answered with 451 now."""
    for subject in subjects:
        assert ledger.send(port, subject).code == 451, ledger.answers[subject]


def hold_back(ledger: Ledger, port: int, desk: Desk, daemon: Daemon) -> None:
    """All that was refused is accepted, all that was accepted is filed once, by the same process."""
    for subject in list(ledger.answers):
        if subject not in ledger.acknowledged():
            ledger.deliver(port, subject)
    ledger.deliver(port, "afterwards")
    assert ledger.audit(desk) == []
    assert daemon.stop() == 0


def test_a_store_that_another_program_has_locked_defers_mail_until_it_is_free(desk: Desk, daemon: Daemon) -> None:
    ledger, port = Ledger(), daemon.ports["smtp"]
    ledger.deliver(port, "before")
    other = sqlite3.connect(desk.folder / "inboxd.db", isolation_level=None)
    try:
        # At once: the job of the last message may be anywhere on its way.
        other.execute("BEGIN EXCLUSIVE")
        hold_away(ledger, port, "locked out", "locked out, too")
        other.execute("ROLLBACK")
    finally:
        other.close()
    hold_back(ledger, port, desk, daemon)


def test_a_store_file_that_is_moved_away_defers_mail_until_it_is_moved_back(desk: Desk, daemon: Daemon) -> None:
    ledger, port = Ledger(), daemon.ports["smtp"]
    ledger.deliver(port, "before")
    store = desk.folder / "inboxd.db"
    store.rename(store.with_name("away.db"))
    hold_away(ledger, port, "nowhere to go", "nowhere to go, either")
    assert not store.exists()
    store.with_name("away.db").rename(store)
    hold_back(ledger, port, desk, daemon)


@pytest.fixture
def server(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A server of this test's own, to stop and start; `postgres` is asked for only to skip where there is none."""
    with PostgresServer.running() as running:
        yield running


@pytest.fixture
def remote(tmp_path: Path, server: PostgresServer) -> Desk:
    """A desk whose store is on that server."""
    server.execute("CREATE DATABASE desk TEMPLATE template0")
    return Desk.init(tmp_path / "remote", {"store": {"url": server.url("desk"), "blobs": None}})


@pytest.fixture
def remote_daemon(remote: Desk) -> Iterator[Daemon]:
    running = remote.start()
    yield running
    running.kill()


def test_a_postgresql_that_is_stopped_defers_mail_until_it_is_started_again(
    server: PostgresServer, remote: Desk, remote_daemon: Daemon
) -> None:
    ledger, port = Ledger(), remote_daemon.ports["smtp"]
    ledger.deliver(port, "before")
    server.stop()
    hold_away(ledger, port, "nobody home", "still nobody")
    assert remote_daemon.process.poll() is None
    server.start()
    hold_back(ledger, port, remote, remote_daemon)


def test_connections_to_postgresql_that_are_killed_under_load_lose_and_double_nothing(
    server: PostgresServer, remote: Desk, remote_daemon: Daemon
) -> None:
    ledger, port, killed, enough = Ledger(), remote_daemon.ports["smtp"], [], threading.Event()

    def load(client: int) -> None:
        for number in range(15):
            ledger.deliver(port, f"report {number} of {client}")

    def kill() -> None:
        statement = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'inboxd'"
        while not enough.wait(0.1):
            killed.extend(server.execute(statement))

    clients = [threading.Thread(target=load, args=(number,)) for number in range(4)]
    killer = threading.Thread(target=kill)
    for thread in (*clients, killer):
        thread.start()
    for client in clients:
        client.join()
    enough.set()
    killer.join()
    assert len(killed) > 10, "nothing was tried: hardly a connection was killed"
    assert ledger.codes() <= {250, 451}
    hold_back(ledger, port, remote, remote_daemon)
