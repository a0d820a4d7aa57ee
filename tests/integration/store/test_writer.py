"""The writer: what shares a commit, what a failure costs and whom, and that it always goes on."""

import threading
from collections.abc import Callable
from concurrent.futures import Future

import pytest
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.exc import IntegrityError

from store.errors import StoreError, StoreUnavailable
from store.open import Store
from store.schema import meta

OpenStore = Callable[..., Store]


def put(key: str, value: str = "x") -> Callable[[Connection], str]:
    def run(txn: Connection) -> str:
        txn.execute(insert(meta), {"key": key, "value": value})
        return key

    return run


def keys(store: Store) -> set[str]:
    with store.read() as connection:
        return set(connection.scalars(select(meta.c.key))) - {"epoch", "made_at"}


class Gate:
    """Holds every writer thread busy until it opens, so that what is submitted meanwhile waits together."""

    def __init__(self, store: Store) -> None:
        self.opened = threading.Event()
        self.store = store
        threads = 1 if store.dialect == "sqlite" else 4
        entered = threading.Barrier(threads + 1)

        def hold(_txn: Connection) -> None:
            entered.wait(30)
            self.opened.wait(30)

        # One at a time, so that each thread takes one.
        self.held = [store.submit(hold) for _ in range(threads)]
        entered.wait(30)

    def open(self) -> None:
        self.opened.set()
        for future in self.held:
            future.result(30)


def test_what_a_callable_returns_comes_back_and_a_reader_sees_its_work(store: Store):
    assert store.write(put("a")) == "a"
    assert keys(store) == {"a"}


def test_what_waits_together_is_committed_together(store: Store):
    gate = Gate(store)
    futures = [store.submit(lambda txn: id(txn.get_transaction())) for _ in range(40)]
    gate.open()
    transactions = {future.result(30) for future in futures}
    assert len(transactions) <= len(gate.held)


def test_a_callable_that_raises_loses_its_own_work_and_nobody_elses(store: Store):
    def fails(txn: Connection) -> None:
        put("lost")(txn)
        raise ValueError("my own mistake")

    gate = Gate(store)
    before, wrong, after = store.submit(put("before")), store.submit(fails), store.submit(put("after"))
    gate.open()
    assert (before.result(30), after.result(30)) == ("before", "after")
    with pytest.raises(ValueError, match="my own mistake"):
        wrong.result(30)
    assert keys(store) == {"before", "after"}


def test_a_broken_constraint_is_its_callers_own_mistake(store: Store):
    gate = Gate(store)
    futures = [store.submit(put(key)) for key in ("a", "a", "b")]
    gate.open()
    outcomes = [future.exception(30) for future in futures]
    assert outcomes[2] is None
    assert [type(outcome) for outcome in outcomes].count(IntegrityError) == 1
    assert keys(store) == {"a", "b"}


def test_a_callable_alone_in_its_transaction_is_undone_as_well(store: Store):
    def fails(txn: Connection) -> None:
        put("lost")(txn)
        raise ValueError("my own mistake")

    with pytest.raises(ValueError, match="my own mistake"):
        store.write(fails)
    store.write(put("kept"))
    assert keys(store) == {"kept"}


def test_a_cancelled_callable_does_not_run(store: Store):
    gate = Gate(store)
    cancelled, kept = store.submit(put("cancelled")), store.submit(put("kept"))
    assert cancelled.cancel()
    gate.open()
    kept.result(30)
    assert keys(store) == {"kept"}


def test_the_writer_survives_an_exit_called_in_a_transaction(store: Store, caplog: pytest.LogCaptureFixture):
    def leaves(_txn: Connection) -> None:
        raise SystemExit(3)

    with pytest.raises(StoreUnavailable):
        store.write(leaves)
    assert "a batch of the store failed" in caplog.text
    store.write(put("a"))
    assert keys(store) == {"a"}


def test_a_callable_that_commits_by_itself_gets_an_error_and_the_writer_goes_on(store: Store):
    with pytest.raises(StoreUnavailable, match="ended by what ran in it"):
        store.write(lambda txn: txn.exec_driver_sql("COMMIT") and None)
    store.write(put("a"))
    assert keys(store) == {"a"}


def test_a_callable_that_writes_through_the_store_is_told_instead_of_waiting_for_itself(store: Store):
    with pytest.raises(RuntimeError, match="wait for itself"):
        store.write(lambda _txn: store.write(put("a")))


def test_closing_does_what_was_submitted(url: str, open_store: OpenStore):
    store = Store.open(url, role="daemon")
    futures: list[Future[str]] = [store.submit(put(f"k{number}")) for number in range(50)]
    store.close()
    assert all(future.done() and future.exception() is None for future in futures)
    with pytest.raises(StoreUnavailable, match="closed"):
        store.submit(put("late"))
    assert len(keys(open_store(url, role="reader"))) == 50


def test_closing_twice_is_harmless(url: str):
    store = Store.open(url, role="daemon")
    store.close()
    store.close()


def test_a_reader_is_not_held_up_by_a_writer_and_sees_one_state(store: Store):
    store.write(put("a"))
    inside, done = threading.Event(), threading.Event()

    def slow(txn: Connection) -> None:
        put("b")(txn)
        inside.set()
        done.wait(30)

    with store.read() as connection:
        future = store.submit(slow)
        inside.wait(30)
        count = text("SELECT count(*) FROM meta")
        before = connection.execute(count).scalar()
        done.set()
        future.result(30)
        assert connection.execute(count).scalar() == before
    assert keys(store) == {"a", "b"}


def test_reading_cannot_change_anything(store: Store):
    with pytest.raises(StoreError), store.read() as connection:
        put("a")(connection)
    assert keys(store) == set()


def test_a_store_opened_for_reading_takes_no_writes(url: str, open_store: OpenStore):
    store = open_store(url, role="reader")
    with pytest.raises(StoreError, match="for reading"):
        store.write(put("a"))
