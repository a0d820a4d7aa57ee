"""Accounts by command and by import, on both databases: what holds at once, what stays, what is refused."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import structlog
from structlog.testing import LogCapture

from inboxd.errors import ConfigurationWrong, InboxdError, UsageWrong
from inboxd.policy import on_file
from inboxd.policy.load_policy import load_policy
from inboxd.settings import load
from inboxd.wiring.local_backend import open_backend
from tests.harness.mails import mail

HEADER = "account_id,account_name,plan,contact_name,addresses,numbers,authorized,role,valid_until\n"
TWO = HEADER + "plain,Plain Foods,standard,Kitchen,kitchen@plain.example,+15550150,true,primary,\nbrook,Brook,,,,,,,\n"


def imported(desk, text, operation="accounts.import", **arguments):
    """Import and give the counts, what is said of each difference, and the warnings."""
    found = desk.call(operation, text.encode(), name="customers.csv", **arguments)
    items, more = [], found["result"] is not None
    while more:
        page = desk.call("accounts.differences", result=found["result"], start=len(items))
        items += page["items"]
        more = page["more"]
    warnings = [item["warning"] for item in items if "warning" in item]
    return found["changes"], [f"{item['account']}: {item['said']}" for item in items if "said" in item], warnings


def account(desk, account_id):
    return desk.call("accounts.show", id=account_id)


def sources(desk, account_id):
    return {each["id"]: each["source"].split(" by ")[0] for each in account(desk, account_id)["contacts"]}


def add_contact(desk, account_id, **contact):
    given = {"name": "Night", "addresses": ["night@acme.example"], **contact}
    return desk.call("accounts.add-contact", account=account_id, contact=given, because="asked for on the phone")


def test_an_imported_account_is_known_to_the_next_mail_and_its_events_say_who_and_why(desk):
    assert imported(desk, TWO)[0] == {"added": 3}
    ticket = desk.mail(mail(sender="kitchen@plain.example"))["ticket"]
    assert ticket["account"] == {"id": "plain", "name": "Plain Foods", "plan": "standard"}
    (event,) = account(desk, "plain")["events"]
    assert (event["actor"], event["why"]) == ("engineer", "import of customers.csv")
    assert event["what"].startswith("account added: Plain Foods, plan standard; contact kitchen@plain.example added")
    assert account(desk, "plain")["source"].startswith("import customers.csv by engineer on 20")


def test_the_same_file_again_changes_nothing_and_a_dry_run_changes_nothing_either(desk):
    changes, said, _ = imported(desk, TWO, "accounts.preview")
    assert (changes, len(said)) == ({"added": 3}, 3)
    with pytest.raises(InboxdError, match='no account "plain"'):
        account(desk, "plain")
    imported(desk, TWO)
    assert imported(desk, TWO) == ({}, [], [])
    assert len(account(desk, "plain")["events"]) == 1


def test_an_import_says_the_whole_of_what_it_names_and_what_a_command_added_stays(desk):
    imported(desk, TWO)
    add_contact(desk, "plain", addresses=["night@plain.example"])
    moved = HEADER + "plain,Plain Foods,standard,Office,office@plain.example,,true,primary,\n"
    assert imported(desk, moved)[1] == [
        "plain: contact office@plain.example added: Office, office@plain.example, authorized, role primary",
        (
            "plain: contact kitchen@plain.example removed: Kitchen, kitchen@plain.example, +15550150, authorized, "
            "role primary"
        ),
    ]
    assert sources(desk, "plain") == {"night@plain.example": "command", "office@plain.example": "import customers.csv"}
    assert account(desk, "brook")["name"] == "Brook"
    imported(desk, moved, complete=True)
    with pytest.raises(InboxdError, match='no account "brook"'):
        account(desk, "brook")


def test_a_complete_import_of_nothing_is_refused(desk):
    imported(desk, TWO)
    with pytest.raises(ConfigurationWrong, match="would remove every imported one"):
        imported(desk, HEADER, complete=True)
    assert account(desk, "brook")


def test_the_accounts_file_rules_over_an_import(desk):
    text = HEADER + "acme,Acme Ltd,24x7,Ops,ops@acme.example,,false,,\nacme,,,Lab,lab@acme.example,,true,,\n"
    changes, said, _ = imported(desk, text)
    assert changes == {"file-rules": 2, "added": 1}
    assert "stays as accounts.yaml, line 1, has it" in said[0]
    found = account(desk, "acme")
    assert (found["name"], found["plan"]) == ("Acme Widgets", "standard")
    assert sources(desk, "acme") == {
        "ops@acme.example": "accounts.yaml",
        "standin@acme.example": "accounts.yaml",
        "lab@acme.example": "import customers.csv",
    }


def test_an_address_on_two_accounts_is_said_with_both_and_imported(desk):
    text = HEADER + "plain,Plain Foods,,Kitchen,OPS@acme.example,,true,,\n"
    _, _, (warning,) = imported(desk, text)
    assert "ops@acme.example is on file for acme (Operations, accounts.yaml) and plain (Kitchen, import" in warning
    ticket = desk.mail(mail(sender="ops@acme.example"))["ticket"]
    assert ticket["account"] is None


def test_a_contact_by_command_is_known_at_once_and_outlives_a_reload(desk):
    shown = add_contact(desk, "acme", authorized=True, valid_until="2099-12-31", role="night")["account"]
    assert shown["contacts"][-1]["source"].startswith("command by engineer on 20")
    assert (shown["events"][-1]["actor"], shown["events"][-1]["why"]) == ("engineer", "asked for on the phone")
    desk.reload()
    ticket = desk.mail(mail(sender="night@acme.example"))["ticket"]
    assert ticket["contact"] == {"id": "night@acme.example", "name": "Night", "authorized": True}
    desk.call("accounts.remove-contact", account="acme", contact="NIGHT@acme.example")
    assert desk.mail(mail(sender="night@acme.example", Message_ID="<2@acme.example>"))["ticket"]["account"] is None


def test_temporary_access_ends_with_its_day(desk):
    done = add_contact(desk, "acme", authorized=True, valid_until="2020-01-31")
    assert done["warnings"] == ["2020-01-31 is over already: Night may not ask for changes"]
    ticket = desk.mail(mail(sender="night@acme.example"))["ticket"]
    assert ticket["contact"]["authorized"] is False


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("accounts.set", {"id": "acme", "plan": "24x7"}),
        ("accounts.remove", {"id": "acme"}),
        ("accounts.remove-contact", {"account": "acme", "contact": "ops@acme.example"}),
        ("accounts.add-contact", {"account": "acme", "contact": {"name": "X", "addresses": ["OPS@acme.example"]}}),
    ],
)
def test_what_the_accounts_file_names_is_changed_there_and_the_refusal_says_where(desk, operation, arguments):
    with pytest.raises(InboxdError, match=rf"{desk.folder}/accounts\.yaml, line 1.*inboxd reload"):
        desk.call(operation, **arguments)
    assert account(desk, "acme")["events"] == []


@pytest.mark.parametrize(
    ("contact", "message"),
    [
        ({"name": "X"}, "needs an address or a number"),
        ({"name": " ", "numbers": ["+15550100"]}, "name: must not be empty"),
        ({"name": "X", "addresses": ["nobody"]}, "is not a mail address"),
        ({"name": "X", "numbers": ["0555"]}, "E.164"),
        ({"name": "X", "numbers": ["+15550100"], "valid_until": "tomorrow"}, "write it like 2026-12-31"),
        ({"name": "X", "numbers": ["+15550100"], "vip": True}, "vip"),
    ],
)
def test_a_contact_that_says_nothing_true_is_wrong_usage(desk, contact, message):
    with pytest.raises(UsageWrong, match=message):
        desk.call("accounts.add-contact", account="acme", contact=contact)


def test_accounts_are_added_changed_and_removed_by_command(desk):
    desk.call("accounts.add", id="tmp", name="Temporary", plan="standard")
    with pytest.raises(InboxdError, match="on file already"):
        desk.call("accounts.add", id="tmp", name="Again")
    add_contact(desk, "tmp", addresses=["a@tmp.example"])
    changed = desk.call("accounts.set", id="tmp", plan=None, name="Temp")["account"]
    assert (changed["name"], changed["plan"], len(changed["contacts"])) == ("Temp", None, 1)
    assert [each["what"] for each in changed["events"]][
        -1
    ] == "account changed: name Temporary → Temp, plan standard → none"
    gone = desk.call("accounts.remove", id="tmp")["account"]
    assert gone["name"] == "Temp"
    with pytest.raises(InboxdError, match='no account "tmp"'):
        account(desk, "tmp")
    with pytest.raises(InboxdError, match='no account "tmp"'):
        desk.call("accounts.remove", id="tmp")


def test_a_plan_that_the_rules_do_not_name_is_wrong_configuration(make_desk):
    desk = make_desk("plans: [standard, 24x7]\n")
    with pytest.raises(ConfigurationWrong, match=r'customers\.csv:2:19: plan: unknown plan "gold"'):
        imported(desk, HEADER + "plain,Plain Foods,gold,,,,,,\n")
    with pytest.raises(ConfigurationWrong, match='unknown plan "gold"'):
        desk.call("accounts.add", id="a", name="A", plan="gold")
    desk.call("accounts.add", id="a", name="A", plan="standard")


def test_contacts_of_an_account_that_left_the_file_count_for_nothing(desk):
    add_contact(desk, "acme")
    (desk.folder / "accounts.yaml").write_text("accounts: []\n")
    desk.reload()
    assert desk.mail(mail(sender="night@acme.example"))["ticket"]["account"] is None
    with pytest.raises(InboxdError, match='no account "acme" is on file'):
        desk.call("accounts.remove-contact", account="acme", contact="nobody@acme.example")
    assert desk.call("accounts.remove-contact", account="acme", contact="night@acme.example")["account"] is None


def test_two_imports_at_once_are_one_after_the_other(desk, store_url):
    """Both are decided on the same state; the second is refused by the store and decided again."""
    texts = [HEADER + f"plain,Plain {number},,Desk,desk@plain.example,,no,,\n" for number in range(8)]
    start = threading.Barrier(len(texts))

    def run(text):
        start.wait(30)
        return imported(desk, text)

    desk.call("accounts.add", id="first", name="First")
    with ThreadPoolExecutor(len(texts)) as threads:
        outcomes = list(threads.map(run, texts))
    assert sorted(next(iter(changes)) for changes, _, _ in outcomes) == ["added", *["changed"] * 7]
    found = account(desk, "plain")
    assert len(found["contacts"]) == 1
    assert len(found["events"]) == 8


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)  # SQLite has one daemon
def test_another_node_hears_of_a_change_on_its_next_look(desk):
    with open_backend(load(desk.folder / "inboxd.yaml"), actor="other") as other:
        desk.call("accounts.add", id="first", name="First")
        other.call("accounts.list", {})
        add_contact(desk, "acme")
        (house,) = other.houses()
        house.on_file.look()
        assert house.policy.current.directory.by_address("night@acme.example")
        desk.call("accounts.remove-contact", account="acme", contact="night@acme.example")
        house.on_file.look()
        assert not house.policy.current.directory.by_address("night@acme.example")


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # a file can be moved away
def test_while_the_store_is_away_the_last_known_directory_holds_and_that_is_said_once(desk, monkeypatch):
    said = LogCapture()
    monkeypatch.setattr(on_file, "log", structlog.wrap_logger(None, processors=[said]))
    add_contact(desk, "acme")
    house = desk.backend.houses()[-1]
    database = desk.folder / "inboxd.db"
    database.rename(desk.folder / "away")
    house.on_file.look()
    house.on_file.look()
    house.policy.current = load_policy(house.settings)
    assert house.policy.current.directory.by_address("night@acme.example")
    (desk.folder / "away").rename(database)
    house.on_file.look()
    add_contact(desk, "acme", addresses=["day@acme.example"])
    assert house.policy.current.directory.by_address("day@acme.example")
    assert [line["event"] for line in said.entries].count("accounts_not_refreshed") == 1
