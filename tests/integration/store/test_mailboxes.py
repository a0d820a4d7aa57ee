"""The ledger of the mailboxes, on both databases."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from store import intake, jobs, mailboxes
from store.claimant import claimant, this_host
from store.errors import StoreError
from store.mailboxes import Row
from store.open import Store

PLACE: dict[str, Any] = {"mailbox": "support", "folder": "INBOX", "uidvalidity": 7}
NAMED = ("support", "INBOX", 7)


def row(uid: int, **more: Any) -> Row:
    return Row(**{**PLACE, "uid": uid, "state": "stored", **more})


def enter(store: Store, *rows: Row) -> set[int]:
    return store.write(lambda txn: mailboxes.enter(txn, rows))


def test_a_first_look_counts_once(store: Store):
    def begin(validity: int, below: int) -> mailboxes.Folder:
        return store.write(lambda txn: mailboxes.begin(txn, "support", "INBOX", uidvalidity=validity, old_below=below))

    with store.read() as connection:
        assert mailboxes.folder(connection, "support", "INBOX") is None
    first = begin(7, 100)
    assert (first.uidvalidity, first.old_below, first.surveyed_at) == (7, 100, None)
    assert begin(8, 200) == first
    store.write(lambda txn: mailboxes.surveyed(txn, "support", "INBOX"))
    store.write(lambda txn: mailboxes.renumber(txn, "support", "INBOX", uidvalidity=9, old_below=0))
    with store.read() as connection:
        found = mailboxes.folder(connection, "support", "INBOX")
    assert found is not None
    assert (found.uidvalidity, found.old_below, found.first_at) == (9, 0, first.first_at)
    assert found.surveyed_at is not None


def test_a_row_is_written_once_and_only_what_was_not_had_is_written_over(store: Store):
    assert enter(store, row(1), row(2, state="unreadable", reason="NIL"), row(3, state="gone")) == {1, 2, 3}
    assert enter(store, row(1, identity="other"), row(2), row(3), row(4)) == {2, 3, 4}
    with store.read() as connection:
        states = {one.uid: one.state for one in connection.execute(text("SELECT uid, state FROM mailbox_messages"))}
        assert mailboxes.unreadable(connection, *NAMED) == []
    assert states == dict.fromkeys((1, 2, 3, 4), "stored")


def test_what_is_known_need_not_be_asked_for_but_what_seemed_gone(store: Store):
    enter(store, row(1), row(2, state="old"), row(3, state="unreadable"), row(4, state="gone"), row(9))
    enter(store, Row(**{**PLACE, "uidvalidity": 8}, uid=5, state="stored"))
    with store.read() as connection:
        assert mailboxes.known(connection, *NAMED, 1, 5) == {1, 2, 3}
        assert mailboxes.unreadable(connection, *NAMED) == [3]


def test_what_is_owed_is_owed_until_it_is_settled(store: Store):
    enter(store, *(row(uid, after="seen") for uid in range(1, 1202)), row(2000))
    with store.read() as connection:
        assert mailboxes.owed(connection, *NAMED, 3) == [1, 2, 3]
    store.write(lambda txn: mailboxes.settle(txn, *NAMED, set(range(2, 1202))))
    with store.read() as connection:
        assert mailboxes.owed(connection, *NAMED, 5) == [1]


def test_identities_are_found_under_all_numbers_of_the_folder_and_the_old_ones_can_go(store: Store):
    old = {**PLACE, "uidvalidity": 6}
    enter(
        store,
        Row(**old, uid=1, state="stored", identity="a"),
        Row(**old, uid=2, state="unreadable", identity="b"),
    )
    enter(store, Row(**{**old, "folder": "Phone"}, uid=3, state="stored", identity="c"))
    enter(store, row(4, identity="d"))
    with store.read() as connection:
        found = mailboxes.by_identity(connection, *NAMED[:2], ["a", "b", "c", "d", *(str(n) for n in range(1100))])
        assert mailboxes.has_other_numbers(connection, *NAMED)
        assert not mailboxes.has_other_numbers(connection, "support", "Phone", 6)
    assert {identity: one.uid for identity, one in found.items()} == {"a": 1, "d": 4}
    store.write(lambda txn: mailboxes.forget_numbers(txn, *NAMED, ["a", "b", "c", "d"]))
    with store.read() as connection:
        assert mailboxes.counted(connection, *NAMED[:2]) == {"stored": 1}
        assert not mailboxes.has_other_numbers(connection, *NAMED)
        assert mailboxes.counted(connection, "support", "Phone") == {"stored": 1}


def test_the_ledger_may_name_an_intake_before_it_is_written_but_none_that_never_is(store: Store):
    def both(txn: Any) -> None:
        mailboxes.enter(txn, [row(1, intake_id="q1")])
        intake.add_many(
            txn,
            [
                {
                    "id": "q1", "channel": "email", "source": "support", "envelope": {}, "raw": b"x", "blob": None,
                    "sha256": "0" * 64, "size": 1, "received_at": 1,
                }
            ],
        )  # fmt: skip
        jobs.add_many(txn, kind="message", lane="mail", intake_ids=["q1"])

    store.write(both)
    with store.read() as connection:
        assert intake.get(connection, "q1").state == "ready"
    with pytest.raises((IntegrityError, StoreError)):
        enter(store, row(2, intake_id="nowhere"))
    with store.read() as connection:
        assert mailboxes.known(connection, *NAMED, 1, 9) == {1}


def test_a_lease_is_one_process_s_until_it_ends(store: Store, open_store: Callable[..., Store]):
    host = this_host()
    ours, other = claimant(), claimant("elsewhere")

    def take(who: str, seconds: float = 60) -> bool:
        return store.write(lambda txn: mailboxes.take_lease(txn, "support", who, seconds, host))

    assert take(ours)
    assert take(ours)
    assert not take(other)
    assert store.write(lambda txn: mailboxes.take_lease(txn, "sales", other, 60, host))
    store.write(lambda txn: mailboxes.drop_lease(txn, "support", other))
    assert not take(other)
    store.write(lambda txn: mailboxes.drop_lease(txn, "support", ours))
    assert take(other, seconds=-1)
    assert take(ours)


def test_the_lease_of_a_process_of_this_host_that_ended_is_free(store: Store):
    host = this_host()
    gone = f"{host}:no-such-boot:1:1:abcd"
    assert store.write(lambda txn: mailboxes.take_lease(txn, "support", gone, 3600, host))
    assert store.write(lambda txn: mailboxes.take_lease(txn, "support", claimant(), 60, host))
