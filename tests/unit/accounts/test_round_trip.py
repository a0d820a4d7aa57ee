"""What is exported can be imported again, and says the same."""

import json
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inboxd.accounts import Account, Contact, values
from inboxd.accounts.directory import Kept, Source
from inboxd.accounts.guard import guarded, unguarded
from inboxd.accounts.kept_json import as_json, kept_from_json
from inboxd.accounts.reading import read
from inboxd.cli.account_files import WRITERS
from inboxd.desk.accounts import view

LETTERS = st.characters(categories=["L", "N", "P", "S", "Zs"]).filter(str.isprintable)
TEXTS = st.one_of(
    st.text(LETTERS, min_size=1, max_size=12).filter(str.strip).map(values.text),
    st.sampled_from(["=cmd|' /C calc'!A0", "+1", "-2", "@x", "'", "'=", "''+", "a;=b", "a,@b", '"', "null", "#", ":"]),
)
LOCALS = st.from_regex(r"[a-z=+'-][a-z0-9=+'-]{0,8}", fullmatch=True)
NUMBERS = st.from_regex(r"\+1555[0-9]{4}", fullmatch=True)


@st.composite
def directories(draw: Any) -> list[Account]:
    """Accounts that the forms allow; an address stands once."""
    addresses = iter(f"{local}@{number}.example" for number, local in enumerate(draw(st.lists(LOCALS, max_size=12))))
    made = []
    for account_id in draw(st.lists(TEXTS, max_size=4, unique=True)):
        contacts = []
        for name in draw(st.lists(TEXTS, max_size=3)):
            theirs = tuple(filter(None, (next(addresses, None) for _ in range(draw(st.integers(0, 2))))))
            numbers = tuple(draw(st.lists(NUMBERS, min_size=0 if theirs else 1, max_size=2, unique=True)))
            contacts.append(
                Contact(
                    id=(theirs or numbers)[0],
                    name=name,
                    addresses=theirs,
                    numbers=numbers,
                    authorized=draw(st.booleans()),
                    role=draw(st.none() | TEXTS),
                    valid_until=draw(st.none() | st.dates(date(1900, 1, 1))),
                )
            )
        plan = draw(st.none() | TEXTS)
        made.append(Account(id=account_id, name=draw(TEXTS), plan=plan, contacts=tuple(contacts)))
    return made


@pytest.mark.parametrize("form", ["yaml", "csv"])
@settings(deadline=None, max_examples=50)
@given(accounts=directories())
def test_an_export_reads_as_what_was_exported(form: str, accounts: list[Account]) -> None:
    written = "\n".join(WRITERS[form](view(each, []) for each in accounts)) + "\n"
    assert read(written.encode(), f"export.{form}", None) == accounts


@given(cell=st.text(st.sampled_from("'=+-@a;,\t \uff1d"), max_size=10))
def test_a_guarded_cell_comes_back_and_no_part_of_it_is_computed(cell: str) -> None:
    written = guarded(cell)
    assert unguarded(written) == cell
    for separator in (";", ",", "\t"):
        assert not any(part[:1] in tuple("=+-@\uff1d") and part for part in written.split(separator))


@settings(deadline=None, max_examples=50)
@given(accounts=directories())
def test_what_the_store_keeps_survives_its_way_through_json(accounts: list[Account]) -> None:
    for account in accounts:
        own = Account(id=account.id, name=account.name, plan=account.plan, source=Source(kind="command", by="eng1"))
        kept = Kept(id=account.id, account=own, contacts=account.contacts)
        again = kept_from_json(json.loads(json.dumps(as_json(kept))))
        assert again == kept
        assert [str(each.source) for each in again.contacts] == [str(each.source) for each in kept.contacts]


def test_an_event_of_an_account_is_shown_with_its_time() -> None:
    event = SimpleNamespace(at=0, actor="eng1", what="account added", why=None)
    (shown,) = view(Account(id="a", name="A"), [event])["events"]
    assert shown == {"at": "1970-01-01T00:00:00Z", "actor": "eng1", "what": "account added", "why": None}
