"""The accounts file becomes a directory."""

import gc
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from inboxd import accounts
from inboxd.errors import ConfigurationWrong

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "accounts.yaml"
        path.write_text(text, "utf-8")
        return path

    return write


@pytest.mark.parametrize("text", ["", "# nobody yet\n", "accounts:\n", "accounts: []", "accounts: null", "{}"])
def test_a_file_without_accounts_is_an_empty_directory(write: Write, text: str) -> None:
    assert len(accounts.load(write(text), None)) == 0


def test_no_file_is_an_empty_directory() -> None:
    assert len(accounts.load(None, frozenset({"standard"}))) == 0


def test_every_key_of_the_file_reaches_the_directory(write: Write) -> None:
    directory = accounts.load(
        write("""\
accounts:
  - id: acme
    name: Acme Widgets
    plan: 24x7
    contacts:
      - {name: Operations, addresses: [Ops@ACME.example, night@acme.example], numbers: [+15550100],
         authorized: true, role: primary, valid_until: 2026-12-31}
      - {name: Server room, numbers: [+15550101, +15550102]}
"""),
        frozenset({"standard", "24x7"}),
    )
    account = directory.get("acme")
    assert account is not None
    assert (account.name, account.plan) == ("Acme Widgets", "24x7")
    operations, room = account.contacts
    assert operations.id == "Ops@acme.example"
    assert operations.addresses == ("Ops@acme.example", "night@acme.example")
    assert operations.numbers == ("+15550100",)
    assert operations.authorized
    assert operations.role == "primary"
    assert operations.valid_until == date(2026, 12, 31)
    assert room.id == "+15550101"
    assert not room.authorized
    assert (room.role, room.valid_until) == (None, None)


def test_bare_numbers_are_texts_as_they_are_written(write: Write) -> None:
    directory = accounts.load(write("accounts: [{id: 048, name: 1.10, plan: 24}]"), frozenset({"24"}))
    account = directory.get("048")
    assert account is not None
    assert (account.name, account.plan) == ("1.10", "24")


def test_the_file_may_be_json(write: Write) -> None:
    contact = {"name": "B\u00fcro", "addresses": ["ops@acme.example"], "numbers": ["+15550100"], "valid_until": None}
    data = {"accounts": [{"id": "acme", "name": "Acme", "plan": "24x7", "contacts": [contact]}]}
    directory = accounts.load(write(json.dumps(data, indent=1)), None)
    assert directory.by_number("+15550100")[0].contact.name == "B\u00fcro"


def test_one_address_on_two_accounts_is_an_ambiguity_and_no_mistake(write: Write) -> None:
    directory = accounts.load(
        write("""\
accounts:
  - {id: acme, name: Acme, contacts: [{name: A, addresses: [it@agency.example], numbers: [+15550100]}]}
  - {id: harbor, name: Harbor, contacts: [{name: B, addresses: [IT@agency.example], numbers: [+15550100]}]}
"""),
        None,
    )
    assert [match.account.id for match in directory.by_address("it@agency.example")] == ["acme", "harbor"]
    assert [match.account.id for match in directory.by_number("+15550100")] == ["acme", "harbor"]


def test_one_number_on_two_contacts_of_an_account_is_a_switchboard_and_no_mistake(write: Write) -> None:
    directory = accounts.load(
        write("""\
accounts:
  - {id: acme, name: Acme, contacts: [{name: A, numbers: [+15550100]}, {name: B, numbers: [+15550100]}]}
"""),
        None,
    )
    assert [match.contact.name for match in directory.by_number("+15550100")] == ["A", "B"]


def test_any_plan_goes_where_the_rules_declare_none(write: Write) -> None:
    path = write("accounts: [{id: acme, name: Acme, plan: gold}]")
    assert len(accounts.load(path, None)) == 1
    with pytest.raises(ConfigurationWrong, match='unknown plan "gold"; the rules file declares: none'):
        accounts.load(path, frozenset())


def test_a_missing_file_is_wrong_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationWrong, match=r"the accounts file .*accounts\.yaml is not there") as refused:
        accounts.load(tmp_path / "accounts.yaml", None)
    assert refused.value.exit_code == 78


def test_twenty_thousand_accounts_are_past_the_limits_of_other_files_and_load(tmp_path: Path) -> None:
    path = tmp_path / "accounts.yaml"
    with path.open("w") as file:
        file.write("accounts:\n")
        file.writelines(
            f"  - {{id: a{each}, name: Account {each}, contacts: [{{name: Ops, addresses: [ops@a{each}.example], "
            f"numbers: [+1555{each:07}]}}]}}\n"
            for each in range(20_000)
        )
    assert path.stat().st_size > 1 << 20
    directory = accounts.load(path, None)
    assert directory.by_number("+15550019999")[0].account.id == "a19999"
    assert gc.isenabled()


def test_the_collector_runs_again_after_a_file_with_mistakes(write: Write) -> None:
    with pytest.raises(ConfigurationWrong):
        accounts.load(write("accounts: [{id: acme}]"), None)
    assert gc.isenabled()


def test_an_id_that_is_taken_is_found_in_a_file_of_one_line(write: Write) -> None:
    twice = json.dumps({"accounts": [{"id": "acme", "name": "Acme"}, {"id": "acme", "name": "Acme"}]})
    with pytest.raises(ConfigurationWrong, match=r'1:\d+: account id "acme" is taken'):
        accounts.load(write(twice), None)


def test_mistakes_around_and_within_the_accounts_are_told_together(write: Write) -> None:
    with pytest.raises(ConfigurationWrong) as refused:
        accounts.load(write("acounts: []\naccounts:\n  - {id: acme}\n  -\naccounts: [x]\n"), None)
    assert [(mistake.line, mistake.message) for mistake in refused.value.mistakes] == [
        (1, 'unknown key "acounts"; did you mean "accounts"?'),
        (3, 'the key "name" is missing'),
        (4, "expected keys with values ({key: value}), got nothing"),
        (5, 'duplicate key "accounts": it stands on line 2 already; keep one of the two'),
        (5, 'expected keys with values ({key: value}), got text "x"'),
    ]


def test_each_account_and_contact_knows_its_line(write: Write) -> None:
    (acme,) = accounts.load(
        write(
            "accounts:\n  - id: acme\n    name: Acme\n    contacts:\n      - name: A\n        numbers: [+15550100]\n"
        ),
        None,
    )
    assert (acme.line, acme.contacts[0].line, str(acme.source)) == (2, 5, "accounts.yaml")
