"""What an import changes."""

from dataclasses import replace

from inboxd.accounts import Account, Contact, Directory, Kept, Layer
from inboxd.accounts.changes import Maker, changes_of
from inboxd.accounts.compare import compare
from inboxd.accounts.differences import said
from inboxd.accounts.directory import Source

IMPORT = Source(kind="import", file="customers.csv", by="eng1")
COMMAND = Source(kind="command", by="eng1")
MAKER = Maker(actor="eng1", at=1, source="import", file="customers.csv", why="import of customers.csv")


def contact(*on_file: str, name: str = "Desk", source: Source = IMPORT, **fields: object) -> Contact:
    addresses = tuple(each for each in on_file if "@" in each)
    numbers = tuple(each for each in on_file if "@" not in each)
    return Contact(id=on_file[0], name=name, addresses=addresses, numbers=numbers, source=source, **fields)  # type: ignore[arg-type]


def account(*contacts: Contact, id: str = "harbor", **fields: object) -> Account:  # noqa: A002
    return Account(**{"id": id, "name": "Harbor", "contacts": contacts, "source": IMPORT, **fields})  # type: ignore[arg-type]


def stored(made: Account) -> Kept:
    return Kept(id=made.id, account=replace(made, contacts=()), contacts=made.contacts)


def told(directory: Directory, *imported: Account, complete: bool = False) -> list[str]:
    return [f"{each.account_id}: {said(each)}" for each in compare(directory, imported, complete=complete)]


A, B = contact("a@harbor.example"), contact("b@harbor.example")


def test_the_same_again_changes_nothing() -> None:
    harbor = account(A, contact("+15550100", name="Phone"))
    assert told(Directory(kept=Layer([stored(harbor)])), replace(harbor, line=7)) == []


def test_a_new_account_and_its_contacts_are_added() -> None:
    found = compare(Directory(), [account(A, plan="gold")])
    assert [(each.how, said(each)) for each in found] == [
        ("added", "account added: Harbor, plan gold"),
        ("added", "contact a@harbor.example added: Desk, a@harbor.example, not authorized"),
    ]
    changes = changes_of(found, MAKER)
    assert [(row.id, row.plan, row.file) for row in changes.accounts] == [("harbor", "gold", "customers.csv")]
    (event,) = changes.events
    assert event.what == "; ".join(map(said, found))


def test_what_changed_is_said_field_by_field() -> None:
    before = account(contact("a@harbor.example", "+15550100", authorized=True))
    after = account(contact("a@harbor.example", "c@harbor.example", role="primary"), name="Harbor Clinic")
    assert told(Directory(kept=Layer([stored(before)])), after) == [
        "harbor: account changed: name Harbor → Harbor Clinic",
        (
            "harbor: contact a@harbor.example changed: addresses a@harbor.example → "
            "a@harbor.example; c@harbor.example, "
            "numbers +15550100 → none, authorized yes → no, role none → primary"
        ),
    ]


def test_a_contact_that_is_known_by_another_of_its_addresses_is_changed_not_doubled() -> None:
    before = account(contact("a@harbor.example", "b@harbor.example"))
    after = account(contact("B@harbor.example", "n@harbor.example"))
    (found,) = compare(Directory(kept=Layer([stored(before)])), [after])
    changes = changes_of([found], MAKER)
    assert found.how == "changed"
    assert changes.without_contacts == [("harbor", "a@harbor.example")]
    assert [row.contact_id for row in changes.contacts] == ["B@harbor.example"]


def test_two_contacts_that_become_one_leave_one() -> None:
    after = account(contact("a@harbor.example", "b@harbor.example"))
    found = compare(Directory(kept=Layer([stored(account(A, B))])), [after])
    assert [each.how for each in found] == ["changed", "removed"]


def test_an_imported_contact_that_is_not_named_goes_and_one_of_a_command_stays() -> None:
    before = account(A, B, replace(contact("c@harbor.example"), source=COMMAND))
    assert told(Directory(kept=Layer([stored(before)])), account(A)) == [
        "harbor: contact b@harbor.example removed: Desk, b@harbor.example, not authorized"
    ]


def test_a_contact_of_a_command_becomes_the_imports_when_that_names_it_otherwise() -> None:
    before = account(replace(A, source=COMMAND))
    (found,) = compare(Directory(kept=Layer([stored(before)])), [account(replace(A, role="night"))])
    assert (found.how, changes_of([found], MAKER).contacts[0].source) == ("changed", "import")


def test_what_the_accounts_file_names_stays_and_is_said() -> None:
    file = account(A, plan="gold", source=Source(kind="file", file="accounts.yaml"), line=3)
    directory = Directory([file])
    found = compare(directory, [account(replace(A, authorized=True), B, plan="silver")])
    assert [each.how for each in found] == ["file-rules", "file-rules", "added"]
    assert "the import says otherwise: plan gold → silver" in said(found[0])
    changes = changes_of(found, MAKER)
    assert (list(changes.accounts), [row.contact_id for row in changes.contacts]) == ([], ["b@harbor.example"])
    assert told(directory, file) == []


def test_accounts_that_the_import_does_not_name_stay_unless_it_is_complete() -> None:
    by_command = account(id="mill", name="Mill", source=COMMAND)
    directory = Directory(kept=Layer([stored(account(A)), stored(by_command)]))
    new = account(id="new", name="New")
    assert told(directory, new) == ["new: account added: New, no plan"]
    assert told(directory, new, complete=True) == [
        "new: account added: New, no plan",
        "harbor: account removed: Harbor, no plan",
        "harbor: contact a@harbor.example removed: Desk, a@harbor.example, not authorized",
    ]
