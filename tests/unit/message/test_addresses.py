"""Address lists as mail really holds them."""

from random import Random

import pytest

from inboxd.message import addresses, parse
from inboxd.message.addresses import _Scanner


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("Front Desk <front@Example.COM>", [("Front Desk", "front@example.com")]),
        ("front@example.com (Front Desk)", [("Front Desk", "front@example.com")]),
        ("Front [Desk] <front@example.com>", [("Front [Desk]", "front@example.com")]),
        ("[front@example.com]", [("", "front@example.com")]),
        (
            "Front &amp; Back <front@example.com>; b@y.example",
            [("Front &amp; Back", "front@example.com"), ("", "b@y.example")],
        ),
        ("Team: root; Front <front@example.com>", [("Front", "front@example.com")]),
        ("=?utf-8?Q?F=C3=BChrung_<front@example.com>?=", [("Führung", "front@example.com")]),
        ("undisclosed-recipients:;", []),
        ("<Undisclosed-Recipient:;>", []),
        ('"Undisclosed-Recipient:;"', []),
        ('"undisclosed-recipients:"', []),
        ('"Front Desk"front@example.com', [("Front Desk", "front@example.com")]),
        ('<"Front Desk" front@example.com>', [("Front Desk", "front@example.com")]),
        ("\u200bfront@example.com\u200b, \u202ab@y.example\u202c", [("", "front@example.com"), ("", "b@y.example")]),
        ("<a@x.example, b@y.example>", [("", "a@x.example"), ("", "b@y.example")]),
        (
            "Team: a@x.example, b@y.example;, c@z.example",
            [("", "a@x.example"), ("", "b@y.example"), ("", "c@z.example")],
        ),
        ("Desk, Front <front@example.com>, b@y.example", [("Desk, Front", "front@example.com"), ("", "b@y.example")]),
        ('"Desk, Front" <front@example.com>', [("Desk, Front", "front@example.com")]),
        ("a@x.example b@y.example", [("", "a@x.example"), ("", "b@y.example")]),
        ('"front@home"@example.com', [("", '"front@home"@example.com')]),
        ('"Not an address: a@x.example" front@example.com', [("Not an address: a@x.example", "front@example.com")]),
        ('"Front Desk" (front@example.com)', [("Front Desk", "front@example.com")]),
        ("Front Desk[front@example.com]", [("Front Desk", "front@example.com")]),
        ("front@[192.0.2.1]", [("", "front@[192.0.2.1]")]),
        ('"front@example.com" <"front@example.com">', [("front@example.com", "front@example.com")]),
        ("Front <front@example.com (home", [("Front", "front@example.com")]),
        ("list:;@example.com", []),
        ("undisclosed-recipients:", []),
        ("Front: a desk <front@example.com>", [("Front: a desk", "front@example.com")]),
        ("front@example.com.", [("", "front@example.com")]),
        ("<a@x.example> <b@y.example>", [("", "a@x.example"), ("", "b@y.example")]),
        ("a@x.example;b@y.example", [("", "a@x.example"), ("", "b@y.example")]),
        ("boss@example.com <front@example.com>", [("boss@example.com", "front@example.com")]),
        ("Front <@relay.example:front@example.com>", [("Front", "front@example.com")]),
        ("front(home)@example(work).com", [("work", "front@example.com")]),
        ("Front Desk front@example.com", [("Front Desk", "front@example.com")]),
        ("'front@example.com'", [("", "front@example.com")]),
        ("mailto:front@example.com", [("", "front@example.com")]),
        ("Front <front@example.com", [("Front", "front@example.com")]),
        ("=?utf-8?q?Front_=3Cfront=40example=2Ecom=3E?=", [("Front", "front@example.com")]),
        ("root", [("", "root")]),
        ('"root"', [("", "root")]),
        ('"Undisclosed recipients"', []),
        ('"front desk"@example.com', [("", '"front desk"@example.com')]),
        ("<>", []),
        ("", []),
    ],
)
def test_an_address_list_is_read_as_a_person_would(field, expected):
    found = addresses.parse(field.encode())
    assert [(box.name, box.address) for box in found] == expected


def test_an_encoded_comma_does_not_split_a_name():
    (box,) = addresses.parse(b"=?utf-8?q?Desk=2C_B=C3=BCro?= <fd@example.com>")
    assert (box.name, box.address) == ("Desk, Büro", "fd@example.com")


def test_the_local_part_keeps_its_case():
    assert addresses.lower_domain("Front.Desk@EXAMPLE.com") == "Front.Desk@example.com"


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


PIECES = [
    b"a",
    b"B-c",
    b" ",
    b", ",
    b",",
    b"<",
    b">",
    b"@",
    b"x.example",
    b".",
    b"a@x.example",
    b"<a@x.Example>",
    b"_",
    b"1",
]


def test_plain_lists_are_read_as_the_scanner_reads_them():
    random = Random(1)
    fields = [b"".join(random.choices(PIECES, k=random.randint(1, 9))) for _ in range(20_000)]
    plain = [field for field in fields if addresses._PLAIN_LIST.fullmatch(field)]
    assert len(plain) > 300
    assert [addresses.parse(field) for field in plain] == [_Scanner(field).run() for field in plain]
