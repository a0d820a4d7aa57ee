"""Who wrote it, strictly: ambiguity is never proof."""

import pytest

from inboxd.message import author as strict
from inboxd.message import parse


@pytest.mark.parametrize(
    "field",
    [
        "front@example.com",
        "Front Desk <front@example.com>",
        '"Desk, Front" <front@EXAMPLE.com>',
        "J. Desk <front@example.com>",
        "=?utf-8?q?B=C3=BCro?= <front@example.com>",
        '"front@example.com" <front@example.com>',
        '"Front @ the desk" <front@example.com>',
        "<front@example.com>",
        "Front\n Desk\n <front@example.com>",
    ],
)
def test_one_plain_address_is_the_author(field, mail):
    author = parse(mail(f"From: {field}\nTo: a@example.org\n", bare=True)).author
    assert (author.address, author.reason) == ("front@example.com", None)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Front Desk ",
        "Büro\u3000'1' ",
        "=?utf-8?q?a=40b?= ",
        "=?utf-8?b?PGFAYi5leGFtcGxlPg==?= ",
        "{a|b} =?x ",
        "-\t",
    ],
)
def test_where_the_second_reader_is_not_asked_it_would_agree(name, monkeypatch):
    text = f"{name}<front@example.com>"
    assert strict._second_reader_agrees(text, "front@example.com")
    monkeypatch.setattr(strict, "_second_reader_agrees", None)
    assert parse(f"From: {text}\r\n\r\n".encode()).author.reason != "two ways of reading the From field do not agree"


@pytest.mark.parametrize(
    "field",
    [
        "front@example.com, other@example.org",
        "Team: front@example.com;",
        "<@relay.example:front@example.com>",
        "front(x)@example.com",
        "front@example.com (Front)",
        "<other@example.org(.example.com)>",
        "front@example.com <other@example.org>",
        "front@example.com\x00.example.org",
        "=?utf-8?q?front=40example=2Ecom?=",
        "=?utf-8?q?front?=@example.com",
        "front@example",
        "front@192.0.2.1",
        "front@[192.0.2.1]",
        '"front"@example.com',
        "front@example.com>",
        "Front <front@example.com> <other@example.org>",
        "front\\@example.com <front@example.com>",
        "\xe9 <front@example.com>",
        "front@-example.com",
        '"ceo@example.org" <front@example.com>',
        '"ceo\uff20example.org" <front@example.com>'.encode().decode("latin-1"),
        "=?utf-8?q?ceo=40example=2Eorg?= <front@example.com>",
        "",
    ],
)
def test_what_two_programs_could_read_in_two_ways_names_no_author(field, mail):
    author = parse(mail(f"From: {field}\nTo: a@example.org\n", bare=True)).author
    assert author.address is None
    assert author.reason


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b"From: a@example.com\r\nFrom: b@example.com\r\n\r\nx", "From"),
        (b"From : a@example.com\r\nFrom: b@example.com\r\n\r\nx", "blanks"),
        (b"From: a@example.com\r\nSubject: x\rFrom: b@example.com\r\n\r\nx", "line ends"),
        (b"From: a@example.com\r\nSubject: x\nTo: b@example.com\r\n\r\nx", "line ends"),
        (b"From: a@example.com\r\nTo: a@example.org\r\nTo: b@example.org\r\n\r\nx", "To"),
        (b"From: a@example.com\r\nno field here\r\nTo: b@example.org\r\n\r\nx", "no header field"),
        (b"From: a@example.com\r\n \r\nTo: b@example.org\r\n\r\nx", "blanks"),
        (b"\xef\xbb\xbfFrom: a@example.com\r\n\r\nx", "above the header"),
        (b"From b@example.com\r\nFrom: a@example.com\r\n\r\nx", "above the header"),
        (b"To: a@example.org\r\n\r\nx", "no From"),
        (b"From: a@example.com\r\nContent-Type: text/plain\r\nContent-Type: text/html\r\n\r\nx", "Content-Type"),
    ],
)
def test_a_header_block_that_can_be_read_in_two_ways_names_no_author(raw, word):
    author = parse(raw).author
    assert author.address is None
    assert word in author.reason


def test_a_file_with_unix_line_ends_throughout_is_not_ambiguous():
    assert parse(b"From: front@example.com\nTo: a@example.org\n\nHello\n").author.address == "front@example.com"


def test_the_kelvin_sign_is_not_the_letter_k(mail):
    # str.lower() folds it to k, and would make the address of a stranger that of a customer.
    raw = "From: front@ban\N{KELVIN SIGN}.example\r\n\r\nx".encode()
    assert parse(raw).author.address is None


def test_a_message_that_could_not_be_read_whole_has_no_author(multipart):
    parsed = parse(multipart("mixed", *["\nx"] * 1_200))
    assert parsed.unreadable is not None
    assert parsed.author.address is None


@pytest.mark.parametrize(
    "field",
    [
        "<@relay.example:front@example.com>",
        "<other@example.org(.example.com)>",
        "front@example.com\x00.example.org",
        "<=?utf-8?q?front=40example.com?=>",
        "=?utf-8?q?front?=@example.com",
        "front@example.com\nFrom: other@example.org",
    ],
)
def test_what_no_mail_program_writes_is_called_deceptive(field, mail):
    author = parse(mail(f"From: {field}\nTo: a@example.org\n", bare=True)).author
    assert (author.address, author.doubt) == (None, "deceptive")


@pytest.mark.parametrize(
    "field", ["front@example.com, other@example.org", "front@example.com (Front)", "Team: a@b.example;"]
)
def test_what_honest_programs_write_though_it_names_no_single_author_is_only_unusual(field, mail):
    author = parse(mail(f"From: {field}\nTo: a@example.org\n", bare=True)).author
    assert (author.address, author.doubt) == (None, "unusual")


def test_the_addresses_that_a_from_field_shows_are_kept_where_it_names_no_author(mail):
    author = parse(mail('From: "ceo@example.org" <front@example.com>\n', bare=True)).author
    assert (author.address, author.shown) == (None, ("ceo@example.org", "front@example.com"))


def test_a_domain_in_its_own_letters_is_the_one_that_the_dns_knows(mail):
    field = "Ops <ops@b\u00fccher.example>".encode().decode("latin-1")
    author = parse(mail(f"From: {field}\nTo: a@example.org\n", bare=True)).author
    assert author.address == "ops@xn--bcher-kva.example"
