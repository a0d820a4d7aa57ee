"""The envelope as it is given on the command line."""

import pytest

from inboxd.cli.envelope_options import envelope, to_json
from inboxd.errors import UsageWrong
from inboxd.intake.envelope import Envelope

NOTHING = {
    "mailbox": None, "client_ip": None, "helo": None, "mail_from": None, "rcpt_to": (), "caller": None, "called": None,
}  # fmt: skip


def given(**options):
    return envelope(**{**NOTHING, **options})


def test_nothing_given_says_nothing():
    assert given() == Envelope()


@pytest.mark.parametrize(
    ("option", "text", "field", "value"),
    [
        ("mail_from", "", "mail_from", ""),
        ("mail_from", "<>", "mail_from", ""),
        ("mail_from", "<a@b.example>", "mail_from", "a@b.example"),
        ("rcpt_to", ("<s@example.com>", "t@example.com"), "rcpt_tos", ("s@example.com", "t@example.com")),
        ("client_ip", "192.0.2.7", "client_ip", "192.0.2.7"),
        ("client_ip", "2001:DB8::0:7", "client_ip", "2001:db8::7"),
        ("caller", "+1 (555) 01-00", "caller", "+15550100"),
        ("caller", "Anonymous", "caller", "anonymous"),
        ("called", "+1 555 0190", "called", "+15550190"),
        ("helo", "mx.example.org", "helo", "mx.example.org"),
        ("mailbox", "support", "mailbox", "support"),
    ],
)
def test_each_option_is_one_field(option, text, field, value):
    assert given(**{option: text}) == Envelope(**{field: value})


@pytest.mark.parametrize(
    ("option", "text", "right"),
    [
        ("client_ip", "192.0.2", "not an IP address"),
        ("caller", "5550100", r"\+15550100"),
        ("caller", "+1555abc", r"\+15550100"),
        ("caller", "+１５５５", r"\+15550100"),
        ("called", "anonymous", r"\+15550100"),
        ("mail_from", "a@b\r\nRCPT TO:<x>", "control character"),
        ("rcpt_to", ("a\0b",), "control character"),
    ],
)
def test_a_wrong_value_is_refused_and_says_what_would_be_right(option, text, right):
    with pytest.raises(UsageWrong, match=right):
        given(**{option: text})


def test_it_travels_as_json_with_every_field():
    said = to_json(given(rcpt_to=("s@example.com",), caller="anonymous"))
    assert said["rcpt_tos"] == ["s@example.com"]
    assert said["caller"] == "anonymous"
    assert set(said) == set(Envelope.__dataclass_fields__)
