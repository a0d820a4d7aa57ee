"""The ledger held against the store: what it calls kept must be there, row and bytes."""

import io

import pytest
from sqlalchemy import delete, insert

from store import mailbox_audit
from store.mailbox_audit import FolderCount
from store.schema import intake_raw, mailbox_folders, mailbox_messages


@pytest.fixture
def enter(store):
    """Write rows of the ledger; each keyword beside uid, state, intake_id replaces a default."""

    def entered(uid, state, intake_id=None, **changes):
        row = {"mailbox": "support", "folder": "INBOX", "uidvalidity": 7, "at": 1_000, "after": None, "reason": None}
        row |= {"uid": uid, "state": state, "intake_id": intake_id, "identity": None, **changes}
        store.write(lambda txn: txn.execute(insert(mailbox_messages).values(**row)))

    return entered


def test_counts_stand_by_mailbox_and_folder(store, accept, enter):
    enter(1, "old")
    enter(2, "stored", accept(), after="seen")
    enter(3, "stored", accept())
    enter(4, "partial", accept())
    enter(5, "unreadable")
    enter(1, "old", folder="Alarms")
    enter(1, "old", mailbox="billing")
    none = {"stored": 0, "old": 1, "partial": 0, "unreadable": 0, "owed": 0}
    with store.read() as connection:
        assert mailbox_audit.counts(connection) == [
            FolderCount(mailbox="billing", folder="INBOX", **none),
            FolderCount(mailbox="support", folder="Alarms", **none),
            FolderCount(mailbox="support", folder="INBOX", stored=2, old=1, partial=1, unreadable=1, owed=1),
        ]


def test_states_are_those_of_one_numbering_in_the_order_of_uids_over_many_pages(store, enter, monkeypatch):
    monkeypatch.setattr(mailbox_audit, "_PAGE", 3)
    for uid in (9, 2, 5, 7, 1, 3, 4):
        enter(uid, "old")
    enter(100, "old", uidvalidity=8)
    enter(101, "old", folder="Alarms")
    found = list(mailbox_audit.states(store, "support", "INBOX", 7, 2, 8))
    assert found == [(uid, "old", None) for uid in (2, 3, 4, 5, 7)]
    assert list(mailbox_audit.states(store, "support", "INBOX", 7, 10, 20)) == []


def test_what_is_kept_is_not_lost_however_it_is_kept(store, accept, enter, monkeypatch):
    monkeypatch.setattr(mailbox_audit, "_PAGE", 2)
    blob = store.blobs.put(io.BytesIO(b"large"))
    enter(1, "stored", accept())
    enter(2, "stored", accept(raw=None, blob=blob))
    enter(3, "partial", accept())
    enter(4, "old")
    enter(5, "unreadable")
    assert list(mailbox_audit.lost(store, "support")) == []


def test_a_mail_whose_bytes_are_gone_is_lost(store, accept, enter):
    kept, emptied = accept(), accept()
    enter(1, "stored", kept)
    enter(2, "stored", emptied, uidvalidity=6, folder="Alarms")
    store.write(lambda txn: txn.execute(delete(intake_raw).where(intake_raw.c.intake_id == emptied)))
    (found,) = mailbox_audit.lost(store, "support")
    assert (found.row.folder, found.row.uidvalidity, found.row.uid, found.gone) == ("Alarms", 6, 2, "bytes")
    assert list(mailbox_audit.lost(store, "billing")) == []


def test_a_mail_that_points_nowhere_is_lost(store, enter):
    enter(1, "stored")
    (found,) = mailbox_audit.lost(store, "support")
    assert (found.row.uid, found.gone) == (1, "row")


def test_a_mail_whose_blob_is_gone_is_lost(store, accept, enter):
    enter(1, "stored", accept(raw=None, blob="0" * 64))
    (found,) = mailbox_audit.lost(store, "support")
    assert (found.row.uid, found.gone) == (1, "bytes")


def test_owed_are_those_that_wait_since_before_a_time(store, accept, enter):
    enter(1, "stored", accept(), after="delete", at=10)
    enter(2, "stored", accept(), after="delete", at=20)
    enter(3, "stored", accept(), at=10)
    with store.read() as connection:
        assert [row.uid for row in mailbox_audit.owed(connection, "support", before=20)] == [1]
        assert [row.uid for row in mailbox_audit.owed(connection, "support", before=21)] == [1, 2]


def test_it_says_when_each_folder_was_first_looked_into(store):
    row = {"mailbox": "support", "folder": "INBOX", "uidvalidity": 7, "old_below": 1, "first_at": 1_000}
    store.write(lambda txn: txn.execute(insert(mailbox_folders).values(**row)))
    with store.read() as connection:
        assert mailbox_audit.begun(connection) == {("support", "INBOX"): 1_000}
