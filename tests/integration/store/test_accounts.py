"""Accounts that commands put on file: changed on what was seen, read by what changed."""

from typing import Any

import pytest

from store import accounts
from store.accounts import AccountRow, AccountsChanged, Changes, ContactRow, NewEvent
from store.open import Store

MADE: dict[str, Any] = {"source": "import", "file": "customers.csv", "changed_at": 1_000, "changed_by": "eng1"}


def account(account_id: str, **changes: Any) -> AccountRow:
    return AccountRow(id=account_id, name=account_id.title(), plan=None, **{**MADE, **changes})


def contact(account_id: str, contact_id: str, **changes: Any) -> ContactRow:
    return ContactRow(account_id=account_id, contact_id=contact_id, body={"name": "B\u00fcro"}, **{**MADE, **changes})


def event(account_id: str, what: str = "added") -> NewEvent:
    return NewEvent(account_id=account_id, at=1_000, actor="eng1", what=what, why=None)


def write(store: Store, expected: int, **changes: Any) -> int:
    store.write(lambda txn: accounts.write(txn, Changes(**changes), expected=expected))
    with store.read() as connection:
        return accounts.revision(connection)


def test_what_is_written_is_read_and_each_change_has_its_number(store: Store):
    with store.read() as connection:
        assert accounts.revision(connection) == 0
    rows = {"accounts": [account("acme")], "contacts": [contact("acme", "b@x.example"), contact("acme", "a@x.example")]}
    first = write(store, 0, **rows, events=[event("acme")])
    second = write(store, first, accounts=[account("harbor")], events=[event("harbor")])
    assert 0 < first < second
    with store.read() as connection:
        found, contacts = accounts.read(connection)
        assert sorted(found, key=lambda each: each.id) == [account("acme"), account("harbor")]
        assert contacts == [contact("acme", "b@x.example"), contact("acme", "a@x.example")]
        assert accounts.changed_since(connection, first) == {"harbor"}
        assert accounts.changed_since(connection, second) == set()
        assert accounts.read(connection, ["harbor", "nobody"]) == ([account("harbor")], [])
        assert [each.what for each in accounts.events(connection, "acme")] == ["added"]


def test_a_change_that_was_decided_on_an_older_state_is_refused_and_leaves_nothing(store: Store):
    first = write(store, 0, accounts=[account("acme")], events=[event("acme")])
    with pytest.raises(AccountsChanged) as refused:
        write(store, 0, without_accounts=["acme"], accounts=[account("harbor")], events=[event("acme")])
    assert refused.value.temporary
    with store.read() as connection:
        assert accounts.revision(connection) == first
        assert accounts.read(connection) == ([account("acme")], [])


def test_what_changes_goes_and_comes_in_one(store: Store):
    rows = {"accounts": [account("acme")], "contacts": [contact("acme", "a@x.example"), contact("mill", "a@x.example")]}
    first = write(store, 0, **rows, events=[event("acme"), event("mill")])
    renamed = account("acme", source="command", file=None)
    write(
        store,
        first,
        without_accounts=["acme"],
        without_contacts=[("acme", "a@x.example")],
        accounts=[renamed],
        contacts=[contact("acme", "n@x.example")],
        events=[event("acme", "changed")],
    )
    with store.read() as connection:
        found, contacts = accounts.read(connection)
    assert found == [renamed]
    assert {(each.account_id, each.contact_id) for each in contacts} == {
        ("acme", "n@x.example"), ("mill", "a@x.example"),
    }  # fmt: skip


def test_more_ids_than_a_statement_takes_are_asked_for_in_pieces(store: Store):
    ids = [f"a{number}" for number in range(12_000)]
    first = write(store, 0, accounts=[account(each) for each in ids], events=[event(each) for each in ids])
    with store.read() as connection:
        assert len(accounts.read(connection, ids)[0]) == len(ids)
    write(store, first, without_accounts=ids, events=[event("a0")])
    with store.read() as connection:
        assert accounts.read(connection) == ([], [])
