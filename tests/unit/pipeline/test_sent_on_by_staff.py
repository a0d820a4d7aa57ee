"""A mail that staff send on is the customer's, and proves nothing about him."""

import json
from datetime import UTC, datetime

import pytest

from inboxd.accounts import Account, Contact, Directory
from inboxd.authentication import Check, Findings
from inboxd.intake.door import milliseconds
from inboxd.judging.judge_message import judge
from inboxd.message import parse
from inboxd.policy.office import Office
from inboxd.policy.policy import Policy
from inboxd.settings import load
from rules import load as rules_load

AT = datetime(2026, 1, 13, 16, 0, tzinfo=UTC)
STAFF = "engineer-1@example.com"
RAW = (
    "From: {sender}\r\nTo: support@example.com\r\nSubject: Fwd: Fax\r\nMessage-ID: <1@example.com>\r\n"
    "Date: Tue, 13 Jan 2026 16:00:00 +0000\r\n\r\nPlease.\r\n\r\n---------- Forwarded message ---------\r\n"
    "From: Operations <{first}>\r\nSubject: Fax\r\n\r\nIt is down.\r\n"
)
PROVEN = Findings(checks=(Check(name="dkim", result="pass", sentence="Signed.", proves=True),))


@pytest.fixture
def policy(tmp_path):
    staff = {"name": "engineer-1", "login": "eng1", "addresses": [STAFF], "queues": ["tech"], "notify": True}
    (tmp_path / "rules.yaml").write_text("")
    (tmp_path / "accounts.yaml").write_text("accounts: []")
    given = {"rules": "rules.yaml", "accounts": "accounts.yaml", "staff": [staff]}
    (tmp_path / "inboxd.yaml").write_text(json.dumps(given))
    contact = Contact(id="ops@acme.example", name="Operations", addresses=("ops@acme.example",), authorized=True)
    return Policy(
        rules=rules_load.loads("", "rules.yaml", zone="Etc/UTC"),
        directory=Directory([Account(id="acme", name="Acme", contacts=(contact,))]),
        zone=UTC,
        office=Office(settings=load(tmp_path / "inboxd.yaml")),
    )


def judged(policy, *, sender=STAFF, first="ops@acme.example", findings=PROVEN):
    message = parse(RAW.format(sender=sender, first=first).encode())
    return judge(message, {"rcpt_tos": ["support@example.com"]}, milliseconds(AT), policy, findings)


def test_a_mail_that_staff_send_on_is_the_customers_and_unproven(policy):
    got = judged(policy)
    assert (got.identity.by, got.identity.address, got.identity.account.id) == (
        "forwarded",
        "ops@acme.example",
        "acme",
    )
    assert got.authentication.verdict == "unverified"
    assert got.facts.forwarded
    assert STAFF in got.identity.evidence[0]


def test_somebody_unknown_stays_unknown(policy):
    got = judged(policy, first="someone@client.example")
    assert (got.identity.by, got.authentication.verdict) == ("forwarded", "unknown")
    assert got.identity.account is None


@pytest.mark.parametrize(
    "case",
    [
        {"findings": Findings()},  # anybody can write staff's address into From
        {"findings": Findings(disowned="The domain disowns it.")},
        {"sender": "someone@client.example"},
        {"sender": "ops@acme.example", "first": "someone@client.example"},
    ],
)
def test_what_is_not_proven_to_come_from_staff_is_a_mail_of_its_author(policy, case):
    got = judged(policy, **case)
    assert got.identity.by != "forwarded"
    assert got.identity.address == case.get("sender", STAFF)
