"""The accounts file over what the store keeps."""

from inboxd.accounts import Account, Contact, Directory, Kept, Layer
from inboxd.accounts.directory import Source

IMPORT = Source(kind="import", file="customers.csv", by="eng1")
COMMAND = Source(kind="command", by="eng1")


def contact(*on_file: str, name: str = "Somebody", source: Source = COMMAND, authorized: bool = True) -> Contact:
    addresses = tuple(each for each in on_file if "@" in each)
    numbers = tuple(each for each in on_file if "@" not in each)
    return Contact(id=on_file[0], name=name, addresses=addresses, numbers=numbers, authorized=authorized, source=source)


OPS = contact("ops@acme.example", "+15550100", name="Operations", authorized=False)
ACME = Account(id="acme", name="Acme Widgets", plan="standard", contacts=(OPS,), line=2)


def directory(*kept: Kept) -> Directory:
    return Directory([ACME], Layer(kept))


def names(matches: object) -> list[tuple[str, str]]:
    return [(match.account.id, match.contact.name) for match in matches]  # type: ignore[attr-defined]


def test_the_fields_of_an_account_that_the_file_names_are_the_files() -> None:
    other = Account(id="acme", name="Another name", plan="24x7", source=IMPORT)
    found = directory(Kept(id="acme", account=other)).get("acme")
    assert found is ACME


def test_a_contact_that_the_file_does_not_name_stands_beside_its_own() -> None:
    night = contact("night@acme.example", name="Night")
    whole = directory(Kept(id="acme", account=None, contacts=(night,)))
    assert [each.name for each in whole.get("acme").contacts] == ["Operations", "Night"]  # type: ignore[union-attr]
    assert names(whole.by_address("NIGHT@acme.example")) == [("acme", "Night")]
    assert len(whole) == 1


def test_a_contact_that_shares_an_address_with_one_of_the_file_counts_for_nothing() -> None:
    other = contact("OPS@acme.example", "more@acme.example", "+15550199", name="Taken over", authorized=True)
    whole = directory(Kept(id="acme", account=None, contacts=(other,)))
    assert names(whole.by_address("ops@acme.example")) == [("acme", "Operations")]
    assert whole.by_address("more@acme.example") == ()
    assert whole.by_number("+15550199") == ()


def test_a_number_is_shared_by_contacts_of_both_and_makes_them_no_one_contact() -> None:
    desk = contact("desk@acme.example", "+15550100", name="Desk")
    whole = directory(Kept(id="acme", account=None, contacts=(desk,)))
    assert names(whole.by_number("+15550100")) == [("acme", "Operations"), ("acme", "Desk")]


def test_contacts_of_an_account_that_is_gone_count_for_nothing() -> None:
    whole = directory(Kept(id="gone", account=None, contacts=(contact("ops@gone.example"),)))
    assert whole.get("gone") is None
    assert whole.by_address("ops@gone.example") == ()
    assert [each.id for each in whole] == ["acme"]


def test_accounts_of_the_store_come_behind_those_of_the_file_by_id() -> None:
    kept = [
        Kept(id=each, account=Account(id=each, name=each, source=IMPORT), contacts=(contact(f"ops@{each}.example"),))
        for each in ("mill", "harbor")
    ]
    whole = directory(*kept)
    assert [each.id for each in whole] == ["acme", "harbor", "mill"]
    assert len(whole) == 3
    assert names(whole.by_address("ops@mill.example")) == [("mill", "Somebody")]


def test_an_address_of_the_file_and_of_the_store_is_an_ambiguity() -> None:
    own = Account(id="harbor", name="Harbor Clinic", source=IMPORT)
    whole = directory(Kept(id="harbor", account=own, contacts=(contact("Ops@acme.example"),)))
    assert names(whole.by_address("ops@acme.example")) == [("acme", "Operations"), ("harbor", "Somebody")]
    ((text, matches),) = whole.shared()
    assert text == "ops@acme.example"
    assert [match.account.id for match in matches] == ["acme", "harbor"]


def test_an_address_that_only_a_ruled_contact_shares_is_no_ambiguity() -> None:
    own = Account(id="harbor", name="Harbor Clinic", source=IMPORT)
    whole = directory(
        Kept(id="acme", account=None, contacts=(contact("ops@acme.example", "it@agency.example"),)),
        Kept(id="harbor", account=own, contacts=(contact("it@agency.example"),)),
    )
    assert list(whole.shared()) == []


def test_a_layer_with_other_entries_leaves_the_old_one_as_it_was() -> None:
    one = Layer([Kept(id="a", account=None, contacts=(contact("x@a.example", "+15550100"),))])
    two = one.replaced(
        {
            "a": Kept(id="a", account=None, contacts=(contact("y@a.example"),)),
            "b": Kept(id="b", account=None, contacts=(contact("y@a.example", "+15550101"),)),
        }
    )
    three = two.replaced({"a": None})
    assert [one.with_address("x@a.example"), two.with_address("x@a.example")] == [("a",), ()]
    assert [each.with_address("y@a.example") for each in (one, two, three)] == [(), ("a", "b"), ("b",)]
    assert [each.with_number("+15550100") for each in (one, two, three)] == [("a",), (), ()]
    assert [len(each) for each in (one, two, three)] == [1, 2, 1]
