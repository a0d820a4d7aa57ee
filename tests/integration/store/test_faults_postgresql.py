"""PostgreSQL under faults: a restart, a cut connection, a deadlock. The store comes back by itself."""

import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, insert, make_url, select, text, update

from store.errors import StoreError, StoreUnavailable
from store.open import Store
from store.schema import meta
from tests.plugins.postgres import PostgresServer

OpenStore = Callable[..., Store]


def put(key: str) -> Callable[[Connection], None]:
    return lambda txn: txn.execute(insert(meta), {"key": key, "value": "x"}) and None


def keys(store: Store) -> set[str]:
    with store.read() as connection:
        return set(connection.scalars(select(meta.c.key))) - {"epoch", "made_at"}


@pytest.fixture
def daemon(postgresql_url: str, open_store: OpenStore) -> Store:
    return open_store(postgresql_url, role="daemon")


@pytest.fixture
def own_server(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A server of this test's own, to stop and start."""
    with PostgresServer.running() as server:
        yield server


def test_the_store_is_unavailable_while_the_server_is_down_and_recovers_by_itself(
    own_server: PostgresServer, open_store: OpenStore
):
    store = open_store(own_server.url("postgres"), role="daemon", create=True)
    for key in ("a", "b", "c", "d"):
        store.write(put(key))
    assert len(keys(store)) == 4
    own_server.stop()
    with pytest.raises(StoreUnavailable) as caught:
        store.write(put("down"))
    assert caught.value.temporary
    with pytest.raises(StoreUnavailable):
        keys(store)
    own_server.start()
    for key in ("e", "f", "g", "h"):
        store.write(put(key))
    assert keys(store) == set("abcdefgh")


def test_a_restart_between_two_writes_is_not_even_noticed(own_server: PostgresServer, open_store: OpenStore):
    store = open_store(own_server.url("postgres"), role="daemon", create=True)
    for key in ("a", "b", "c", "d"):
        store.write(put(key))
    assert len(keys(store)) == 4
    own_server.stop()
    own_server.start()
    for key in ("e", "f", "g", "h"):
        store.write(put(key))
    assert keys(store) == set("abcdefgh")


def test_a_connection_cut_in_the_middle_fails_everybody_in_the_transaction(daemon: Store):
    def cut(txn: Connection) -> None:
        put("lost")(txn)
        txn.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(StoreUnavailable) as caught:
        daemon.write(cut)
    assert caught.value.temporary
    daemon.write(put("kept"))
    assert keys(daemon) == {"kept"}


def test_a_deadlock_costs_a_second_try_and_nobodys_work(daemon: Store):
    daemon.write(put("left"))
    daemon.write(put("right"))
    meet = threading.Barrier(2)
    tries: list[str] = []

    def crossing(first: str, second: str) -> Callable[[Connection], None]:
        def run(txn: Connection) -> None:
            grow = update(meta).values(value=meta.c.value + "y")
            txn.execute(grow.where(meta.c.key == first))
            if first not in tries:
                tries.append(first)
                meet.wait(30)
            else:
                tries.append(first)
            txn.execute(grow.where(meta.c.key == second))

        return run

    futures = [daemon.submit(crossing("left", "right")), daemon.submit(crossing("right", "left"))]
    for future in futures:
        future.result(60)
    # More than once again where the next try takes its first row before the other, only just woken, has its second.
    assert len(tries) > 2
    assert max(map(tries.count, ("left", "right"))) <= 3
    with daemon.read() as connection:
        values = dict(tuple(row) for row in connection.execute(select(meta.c.key, meta.c.value)))
    assert (values["left"], values["right"]) == ("xyy", "xyy")


def test_a_deadlock_without_end_is_told_after_three_tries(daemon: Store):
    tries: list[int] = []

    def loses(txn: Connection) -> None:
        tries.append(1)
        txn.execute(text("DO $$ BEGIN RAISE EXCEPTION 'as in a deadlock' USING ERRCODE = '40P01'; END $$"))

    with pytest.raises(StoreUnavailable) as caught:
        daemon.write(loses)
    assert caught.value.temporary
    assert len(tries) == 3


def test_what_waits_behind_a_deadlock_in_its_batch_is_done(daemon: Store):
    opened = threading.Event()
    inside = threading.Barrier(5)

    def hold(_txn: Connection) -> None:
        inside.wait(30)
        opened.wait(30)

    held = [daemon.submit(hold) for _ in range(4)]
    inside.wait(30)
    once: list[int] = []

    def loses_once(txn: Connection) -> None:
        if not once:
            once.append(1)
            txn.execute(text("DO $$ BEGIN RAISE EXCEPTION 'as in a deadlock' USING ERRCODE = '40001'; END $$"))
        put("second")(txn)

    futures = [daemon.submit(put("first")), daemon.submit(loses_once), daemon.submit(put("third"))]
    opened.set()
    for future in (*held, *futures):
        future.result(60)
    assert keys(daemon) == {"first", "second", "third"}


def test_several_daemons_share_a_database(postgresql_url: str, open_store: OpenStore):
    one, two = (open_store(postgresql_url, role="daemon") for _ in range(2))
    one.write(put("a"))
    two.write(put("b"))
    assert keys(one) == keys(two) == {"a", "b"}


def test_processes_that_make_the_store_at_once_make_one(postgres_url: str, open_store: OpenStore):
    failures: list[BaseException] = []

    def make() -> None:
        try:
            Store.open(postgres_url, role="command", create=True).close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert open_store(postgres_url, role="reader").schema_state().word == "current"


def test_a_commit_waits_for_the_disk_even_where_the_server_says_otherwise(
    postgres: PostgresServer, postgresql_url: str, open_store: OpenStore
):
    database = make_url(postgresql_url).database
    postgres.execute(f"ALTER DATABASE {database} SET synchronous_commit = off")
    store = open_store(postgresql_url, role="daemon")
    assert store.write(lambda txn: txn.execute(text("SHOW synchronous_commit")).scalar()) == "on"


def test_a_database_in_another_encoding_is_refused(postgres: PostgresServer, open_store: OpenStore):
    name = "latin_" + __name__.rpartition("_")[2]
    postgres.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1'")
    with pytest.raises(StoreError, match="ENCODING 'UTF8'"):
        open_store(postgres.url(name), role="daemon", create=True)
    postgres.execute(f"DROP DATABASE {name}")


def test_a_server_that_is_not_there_is_said_plainly_and_without_the_password(open_store: OpenStore):
    with pytest.raises(StoreUnavailable) as caught:
        open_store("postgresql+psycopg://desk:open-sesame@127.0.0.1:1/inboxd", role="daemon")
    assert "127.0.0.1" in str(caught.value)
    assert "open-sesame" not in str(caught.value)
