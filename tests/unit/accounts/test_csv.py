"""A CSV file of accounts, as editors and spreadsheets write it."""

from datetime import date

import pytest

from inboxd.accounts import Account
from inboxd.accounts.reading import form_of, read
from inboxd.errors import ConfigurationWrong

HEADER = "account_id,account_name,plan,contact_name,addresses,numbers,authorized,role,valid_until\n"


def accounts(text: str | bytes, name: str = "customers.csv") -> list[Account]:
    return read(text.encode() if isinstance(text, str) else text, name, None)


def test_one_contact_stands_in_a_row_and_the_rows_of_an_account_need_not_be_neighbours() -> None:
    acme, harbor, empty = accounts(
        HEADER
        + "acme,Acme Widgets,standard,Operations,Ops@ACME.example;ops2@acme.example,+15550100;+15550101,true,primary,\n"
        + "harbor,Harbor Clinic,,Desk,desk@harbor.example,,,,\n"
        + "acme,,,Night,,+15550102,no,,2026-12-31\n"
        + "empty,Empty,,,,,,,\n"
    )
    assert (acme.id, acme.name, acme.plan, acme.line) == ("acme", "Acme Widgets", "standard", 2)
    operations, night = acme.contacts
    assert operations.id == "Ops@acme.example"
    assert operations.addresses == ("Ops@acme.example", "ops2@acme.example")
    assert operations.numbers == ("+15550100", "+15550101")
    assert (operations.authorized, operations.role, operations.valid_until) == (True, "primary", None)
    assert (night.id, night.authorized, night.valid_until, night.line) == ("+15550102", False, date(2026, 12, 31), 4)
    assert (harbor.plan, harbor.contacts[0].authorized) == (None, False)
    assert empty.contacts == ()
    assert str(acme.source).startswith("import customers.csv")


@pytest.mark.parametrize(
    "text",
    [
        "account_id,account_name,contact_name,addresses\nacme,Acme,Desk,a@acme.example;b@acme.example\n",
        "\ufeffaccount_id,account_name,contact_name,addresses\r\nacme,Acme,Desk,a@acme.example;b@acme.example\r\n",
        'account_id;account_name;contact_name;addresses\r\nacme;Acme;Desk;"a@acme.example;b@acme.example"\r\n',
        'sep=;\r\naccount_id;account_name;contact_name;addresses\r\nacme;Acme;Desk;"a@acme.example;b@acme.example"\r\n',
        "account_id\taccount_name\tcontact_name\taddresses\nacme\tAcme\tDesk\ta@acme.example;b@acme.example\n",
        'account_id,account_name,contact_name,addresses\nacme,Acme,Desk,"a@acme.example\nb@acme.example"\n',
        '"Account ID","Account Name","Contact Name","E-Mail"\n'.replace("E-Mail", "Emails")
        + '"acme","Acme","Desk","a@acme.example, b@acme.example"\n',
        "addresses,contact,id,name,source\na@acme.example; b@acme.example,Desk,acme,Acme,import x by y\n,,,,\n",
        "account_id,account_name,contact_name,addresses,,\n acme , Acme ,Desk,a@acme.example;b@acme.example,,\n,,,,,\n",
    ],
    ids=["plain", "bom-crlf", "semicolons", "sep-line", "tabs", "line-break-in-cell", "quoted", "order", "blank"],
)
def test_however_it_is_written_it_says_the_same(text: str) -> None:
    (acme,) = accounts(text)
    (desk,) = acme.contacts
    assert (acme.id, acme.name, desk.name, desk.addresses) == (
        "acme", "Acme", "Desk", ("a@acme.example", "b@acme.example"),
    )  # fmt: skip


def test_an_id_is_one_however_its_accents_are_written() -> None:
    rows = "acm\u00e9,Acm\u00e9,,Ann,ann@acme.example,,,,\nacme\u0301,,,Ben,ben@acme.example,,,,\n"
    (acme,) = accounts(HEADER + rows)
    assert acme.id == "acm\u00e9"
    assert [contact.name for contact in acme.contacts] == ["Ann", "Ben"]


def test_a_quoted_cell_holds_separators_and_doubled_quotes() -> None:
    (acme,) = accounts(HEADER + 'acme,"Acme ""Fine"" Widgets, Inc.",,,,,,,\n')
    assert acme.name == 'Acme "Fine" Widgets, Inc.'


def test_what_a_spreadsheet_would_compute_loses_its_apostrophe_and_nothing_else() -> None:
    (acme,) = accounts(HEADER + "acme,'=Acme,,'Ned,'+a@acme.example,'+15550100;'+15550101,,'-,\n")
    (ned,) = acme.contacts
    assert (acme.name, ned.name, ned.addresses, ned.role) == ("=Acme", "'Ned", ("+a@acme.example",), "-")
    assert ned.numbers == ("+15550100", "+15550101")


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("a.csv", b"accounts: []", "csv"),
        ("a.CSV", b"", "csv"),
        ("a.yml", b"account_id,account_name\n", "yaml"),
        ("stdin", b"\xef\xbb\xbfaccount_id,account_name\n", "csv"),
        ("stdin", b"sep=;\r\nid;name\r\n", "csv"),
        ("stdin", b"# ours\naccounts:\n  - {id: acme, name: Acme}\n", "yaml"),
        ("stdin", b'{"accounts": [{"id": "a", "name": "b"}]}', "yaml"),
    ],
)
def test_the_form_is_told_by_the_ending_else_by_the_first_line(name: str, content: bytes, form: str) -> None:
    assert form_of(content, name) == form


def test_a_file_without_rows_names_no_account() -> None:
    assert accounts(HEADER) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("account_id,account_name" + ",c" * 200_000, "200,002 columns, and 1,000 are the most"),
        ("account_id,account_name" + "," * 200_000, "200,002 columns, and 1,000 are the most"),
        (HEADER + "a,A" + ",c" * 200_000, "a cell beyond the 9 of the first line"),
        (HEADER + "a,A,,Ann," + ";".join(["nobody"] * 15_000) + ",,,,", "nobody"),
        (HEADER + "a,A,,Ann,nobody,,,,\n" * 50_000, "more than 1,000 mistakes stand above"),
        (HEADER + '"a"b,A,,,,,,,\n' * 50_000, "more than 1,000 mistakes stand above"),
    ],
)
def test_a_file_that_is_something_else_altogether_is_refused_without_looking_at_all_of_it(text: str, said: str) -> None:
    with pytest.raises(ConfigurationWrong) as wrong:
        accounts(text)
    assert any(said in mistake.message for mistake in wrong.value.mistakes)
    assert len(wrong.value.mistakes) <= 1001
