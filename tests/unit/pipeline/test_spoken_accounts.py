"""A name that is said chooses among the accounts that the caller ID matches, and identifies nobody else."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from inboxd.accounts import Account, Contact, Directory
from inboxd.call_story.process_voicemail import _named
from inboxd.identity.identify import by_caller
from transcribe.transcript import Transcript

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


def _ticket(account: dict[str, str] | None) -> Any:
    identity = {"by": None, "evidence": ["On file for several accounts."]}
    return SimpleNamespace(
        account=account, requester={"phone": NUMBER}, identity=identity, created_at=1_795_000_000_000
    )


def _heard(text: str) -> Transcript:
    return Transcript(text=text, engine="x", model="x", language="en", confidence=None, duration=3.0)


def test_what_a_recording_names_goes_onto_its_ticket(directory: Directory) -> None:
    policy: Any = SimpleNamespace(directory=directory, day_of=lambda _: TODAY)
    named = _named(policy, _ticket(None), _heard("This is Acme Widgets."))
    assert named["account"]["id"] == "acme"
    assert named["contact"]["id"] == "ops@acme.example"
    assert named["identity"]["by"] == "spoken-account"
    assert named["identity"]["evidence"][0] == "On file for several accounts."
    assert _named(policy, _ticket(None), _heard("Nothing to say.")) == {}
    assert _named(policy, _ticket({"id": "zephyr"}), _heard("This is Acme Widgets.")) == {}
