"""Addresses that name a ticket: made with a key, read only with it, and ours wherever an address of ours is."""

import pytest

from inboxd import reply_token
from inboxd.message import headers
from inboxd.message.defects import Defects
from inboxd.signatures.policy import addressed_to
from inboxd.smtp_receiver.recipients import Recipients

KEY = bytes(range(32))
REF = "48213-5"


@pytest.fixture
def address():
    named = reply_token.address("support@example.com", REF, KEY)
    assert named is not None
    return named


def test_what_was_made_with_the_key_is_read_with_it_alone(address):
    assert address.startswith("support+t482135.")
    assert reply_token.refs([address, "support@example.com", address.upper()], KEY) == [REF]
    assert reply_token.refs([address], bytes(32)) == []
    assert reply_token.refs([address.replace("t482135", "t482143")], KEY) == []
    assert reply_token.refs([address[:-14] + "a" + address[-13:]], KEY) == []


@pytest.mark.parametrize("desk", ["a+b@example.com", '"a b"@example.com', "é@example.com", f"{'x' * 60}@example.com"])
def test_an_address_that_leaves_no_room_for_a_token_gets_none(desk):
    assert reply_token.address(desk, REF, KEY) is None


def test_the_receiver_takes_it_for_the_address_it_stands_for_and_no_other_plus(address):
    recipients = Recipients(["support@example.com"], "mail.example.com")
    assert recipients.find(address) == "support@example.com"
    assert recipients.find(address.upper()) == "support@example.com"
    assert recipients.find("support+other@example.com") is None
    assert recipients.find(address.replace("support", "stranger")) is None


def test_a_signed_to_with_a_token_is_addressed_to_us(address):
    top = headers.read(f"To: Support <{address}>\r\n\r\n".encode(), 0, Defects())
    assert addressed_to(top, ("support@example.com",))
    assert not addressed_to(top, ("sales@example.com",))
