"""Address lists as mail really holds them."""

import pytest

from inboxd.message import addresses, parse


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("Jane Doe <jane@Example.COM>", [("Jane Doe", "jane@example.com")]),
        ("jane@example.com (Jane Doe)", [("Jane Doe", "jane@example.com")]),
        ("undisclosed-recipients:;", []),
        (
            "Team: a@x.example, b@y.example;, c@z.example",
            [("", "a@x.example"), ("", "b@y.example"), ("", "c@z.example")],
        ),
        ("Doe, Jane <jane@example.com>, b@y.example", [("Doe, Jane", "jane@example.com"), ("", "b@y.example")]),
        ('"Doe, Jane" <jane@example.com>', [("Doe, Jane", "jane@example.com")]),
        ("a@x.example b@y.example", [("", "a@x.example"), ("", "b@y.example")]),
        ("<a@x.example> <b@y.example>", [("", "a@x.example"), ("", "b@y.example")]),
        ("a@x.example;b@y.example", [("", "a@x.example"), ("", "b@y.example")]),
        ("boss@example.com <jane@example.com>", [("boss@example.com", "jane@example.com")]),
        ("Jane <@relay.example:jane@example.com>", [("Jane", "jane@example.com")]),
        ("jane(home)@example(work).com", [("work", "jane@example.com")]),
        ("Jane Doe jane@example.com", [("Jane Doe", "jane@example.com")]),
        ("'jane@example.com'", [("", "jane@example.com")]),
        ("mailto:jane@example.com", [("", "jane@example.com")]),
        ("Jane <jane@example.com", [("Jane", "jane@example.com")]),
        ("=?utf-8?q?Jane_=3Cjane=40example=2Ecom=3E?=", [("Jane", "jane@example.com")]),
        ("root", [("", "root")]),
        ("<>", []),
        ("", []),
    ],
)
def test_an_address_list_is_read_as_a_person_would(field, expected):
    found = addresses.parse(field.encode())
    assert [(box.name, box.address) for box in found] == expected


def test_an_encoded_comma_does_not_split_a_name():
    (box,) = addresses.parse(b"=?utf-8?q?Doe=2C_J=C3=BCrgen?= <jd@example.com>")
    assert (box.name, box.address) == ("Doe, Jürgen", "jd@example.com")


def test_the_local_part_keeps_its_case():
    assert addresses.lower_domain("Jane.Doe@EXAMPLE.com") == "Jane.Doe@example.com"


@pytest.mark.parametrize("letters", ["(", "<", '"', "[", "\\", "=?", "a@b:", '(<"', "a ,", "=?a?q?"])
def test_hostile_repetition_in_an_address_field_costs_no_more_than_its_length(letters, mail):
    # Quadratic reading of 64 KiB takes minutes and trips the suite's own time limit.
    parsed = parse(mail(f"Cc: {letters * (60_000 // len(letters))}"))
    assert parsed.to == ("support@example.org",)


def test_every_field_of_the_message_carries_its_addresses(mail):
    parsed = parse(mail("Cc: a@x.example, B <b@y.example>\nReply-To: r@example.com\nSender: s@example.com"))
    assert parsed.cc == ("a@x.example", "b@y.example")
    assert parsed.reply_to == ("r@example.com",)
    assert parsed.sender == "s@example.com"
