"""A name that is said chooses among the accounts that the caller ID matches, and identifies nobody else."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from inboxd.accounts import Account, Contact, Directory
from inboxd.call_story.process_voicemail import _learnt
from inboxd.identity import heard_names
from inboxd.identity.identify import by_caller

TODAY = date(2026, 11, 23)
NUMBER = "+15550100"


def _account(name: str, account_id: str) -> Account:
    contact = Contact(id=f"ops@{account_id}.example", name="Operations", numbers=(NUMBER,), authorized=True)
    return Account(id=account_id, name=name, contacts=(contact,))


@pytest.fixture
def directory() -> Directory:
    other = Account(id="zephyr", name="Zephyr Cranes", contacts=())
    return Directory([_account("Acme Widgets, Inc.", "acme"), _account("Borealis Foods", "4711"), other])


@pytest.mark.parametrize(
    ("words", "account"),
    [
        ("Hello, this is acne widgets, our fax server is down.", "acme"),
        ("It's Boreal Is Foods calling.", "4711"),
        ("We are account number four seven one one.", "4711"),
    ],
)
def test_a_name_or_number_that_is_said_chooses(directory: Directory, words: str, account: str) -> None:
    identity = by_caller(directory, NUMBER, TODAY, words=words)
    assert identity.account is not None
    assert (identity.by, identity.account.id) == ("spoken-account", account)
    assert "is on file for several accounts" in identity.evidence[0]
    assert "The words name" in identity.evidence[-1]


@pytest.mark.parametrize(
    "words", ["", "The fax server is down.", "This is Zephyr Cranes.", "I speak for Acme Widgets and Borealis Foods."]
)
def test_no_name_a_foreign_one_and_two_choose_nothing(directory: Directory, words: str) -> None:
    identity = by_caller(directory, NUMBER, TODAY, words=words)
    assert (identity.by, identity.account) == (None, None)


@pytest.mark.parametrize(
    ("name", "words", "chosen"),
    [
        ("Delta", "We dealt with it yesterday.", False),
        ("Delta", "It is Delta, it is down.", True),
        ("Now, Inc.", "Call me back now.", False),
        ("Sound Ltd", "It is going round and round.", False),
    ],
)
def test_a_short_name_is_not_guessed_from_a_word_like_it(name: str, words: str, chosen: bool) -> None:
    directory = Directory([_account(name, "first"), _account("Borealis Foods", "4711")])
    assert (by_caller(directory, NUMBER, TODAY, words=words).account is not None) is chosen


def test_a_name_alone_identifies_nobody(directory: Directory) -> None:
    assert by_caller(directory, "+15550199", TODAY, words="This is Acme Widgets.").by is None
    assert by_caller(directory, "anonymous", TODAY, words="This is Acme Widgets.").by is None


def _ticket(account: dict[str, str] | None, *staff_set: str) -> Any:
    identity = {"by": None, "evidence": ["On file for several accounts."]}
    return SimpleNamespace(
        account=account, requester={"phone": NUMBER}, identity=identity, created_at=1_795_000_000_000,
        staff_set=staff_set,
    )  # fmt: skip


def test_what_a_recording_names_goes_onto_its_ticket(directory: Directory) -> None:
    def learnt(ticket: Any, words: str) -> dict[str, Any]:
        identity = by_caller(directory, NUMBER, TODAY, words=words)
        return _learnt(ticket, identity, heard_names.told(words, directory, identity.account, {"acme", "4711"}))

    named = learnt(_ticket(None), "This is Acme Widgets.")
    assert named["account"]["id"] == "acme"
    assert named["contact"]["id"] == "ops@acme.example"
    assert named["identity"]["by"] == "spoken-account"
    assert named["identity"]["evidence"][0] == "On file for several accounts."
    assert learnt(_ticket(None), "Nothing to say.") == {}
    # Evidence, and nothing that a person has settled.
    settled = learnt(_ticket(None, "account"), "This is Zephyr Cranes.")
    assert settled.keys() == {"identity"}
    assert settled["identity"]["by"] is None
    assert "Zephyr Cranes" in settled["identity"]["evidence"][-1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            "Hi, this is Acne Widgets, our fax is down.",
            'The words name Acme Widgets, Inc. (acme): "acne widgets" was said; the number called from is not on file',
        ),
        ("hello zefir cranes here", 'Zéphyr Cranes (zephyr): "zefir cranes" was said'),
        ("We are account number four seven one one.", "The account number 4711 of Borealis Foods was said"),
        (
            "My name is Engineer Sevan and I cannot log in.",
            'Engineer Seven of Zéphyr Cranes (zephyr): "engineer sevan"',
        ),
    ],
)
def test_names_of_companies_and_people_are_evidence_whoever_calls(words: str, sentence: str) -> None:
    seven = Contact(id="seven@zephyr.example", name="Engineer Seven")
    file = Directory([
        _account("Acme Widgets, Inc.", "acme"), _account("Borealis Foods", "4711"),
        Account(id="zephyr", name="Zéphyr Cranes", contacts=(seven,)),
    ])  # fmt: skip
    (told,) = heard_names.told(words, file, None, ())
    assert sentence in told
    assert "proves nothing" in told
    assert by_caller(file, "+15550199", TODAY, words=words).by is None


@pytest.mark.parametrize(
    "words",
    [
        "",
        "The fax server is down.",
        "Please call the operations team.",  # a role of many, and no name
        "Ask Engineer Seven, she knows.",  # who is spoken of is not who speaks
        "acme",
        "Those widgets of ours act me up.",
        "word " * 100_000,
    ],
)
def test_what_is_no_name_says_nothing(directory: Directory, words: str) -> None:
    seven = Contact(id="seven@zephyr.example", name="Engineer Seven")
    file = Directory([*directory, Account(id="tundra", name="Tundra Mills", contacts=(seven,))])
    assert heard_names.told(words, file, None, ()) == ()


def test_the_name_of_the_account_that_the_number_says_is_no_news(directory: Directory) -> None:
    acme = directory.get("acme")
    assert heard_names.told("This is Acme Widgets.", directory, acme, {"acme"}) == ()
    (told,) = heard_names.told("This is Borealis Foods.", directory, acme, {"acme", "4711"})
    assert "not on file" not in told


def test_a_name_that_many_have_says_nothing() -> None:
    file = Directory([Account(id=f"a{n}", name="Mercury Logistics", contacts=()) for n in range(20)])
    assert heard_names.told("This is Mercury Logistics.", file, None, ()) == ()


@pytest.mark.parametrize(("words", "count"), [("There is a coffee shop here.", 0), ("I call from Shop Company.", 1)])
def test_a_short_name_is_one_only_where_it_is_said_to_be(words: str, count: int) -> None:
    file = Directory([Account(id="shopco", name="Shop Company", contacts=())])
    assert len(heard_names.told(words, file, None, ())) == count
