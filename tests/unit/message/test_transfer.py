"""Transfer encodings in whatever state they come."""

import base64

import pytest

from inboxd.message import parse, transfer


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"SGVsbG8=", b"Hello"),
        (b"SGVs\r\nbG8=\r\n", b"Hello"),
        (b"SGVsbG8", b"Hello"),
        (b"SGVs!bG8=", b"Hello"),
        (b"SGVsbG8=\r\nSGVsbG8=\r\n", b"HelloHello"),
        (b"SGVsbG8gV29ybGQK\r\n", b"Hello World\n"),
        (b"SGV*sbG8gV29!ybGQK\r\n", b"Hello World\n"),
        (b"JVBE*Ri0xLjQK\r\n", b"%PDF-1.4\n"),
        (b"<p>Hello</p>\n", b"<p>Hello</p>\n"),
        (b"https://example.com/a?b=c\n", b"https://example.com/a?b=c\n"),
        (b"A", b""),
        (b"", b""),
    ],
)
def test_base64_gives_what_can_be_had(data, expected):
    assert bytes(transfer.decode(memoryview(data), "base64")[0]) == expected


def test_text_that_a_list_put_behind_base64_is_not_lost(mail):
    body = b"SGVsbG8gV29ybGQ=\n\n-- \nA footer of the list\n"
    assert "A footer of the list" in parse(mail("Content-Transfer-Encoding: base64", body)).text


@pytest.mark.parametrize("lines", [1, 2, 3])
def test_text_that_a_gateway_put_above_base64_is_not_lost_nor_what_stands_below(mail, lines):
    note = "This mail is from outside.\n" * lines
    words = "The printer in room 12 prints nothing since this morning, whatever we try."
    parsed = parse(mail("Content-Transfer-Encoding: base64", f"{note}\n".encode() + base64.b64encode(words.encode())))
    assert parsed.text.split("\n") == [*note.splitlines(), "", words]
    assert "plain text stands before base64" in parsed.defects


def test_many_short_lines_where_base64_should_be_are_text_and_cost_no_more_than_others(mail):
    """An expression for a note of several lines took longer than the universe for these."""
    assert parse(mail("Content-Transfer-Encoding: base64", b"! a\n" * 1_000)).text.startswith("! a\n! a")


def test_text_that_only_calls_itself_base64_stays_text(mail):
    parsed = parse(mail("Content-Transfer-Encoding: base64", b"The printer is on fire.\n\nPlease come at once!\n"))
    assert parsed.text == "The printer is on fire.\n\nPlease come at once!"
    assert "named as base64, and plain text" in parsed.defects


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a=20b", b"a b"),
        (b"a=\r\nb", b"ab"),
        (b"a= \r\nb", b"ab"),
        (b"a=\rb\rc= \rd\r\ne", b"ab\ncd\ne"),
        (b"a=\r\r\nb", b"ab"),
        (b"a=zzb", b"a=zzb"),
        (b"100%=", b"100%"),
        (b"=c3=A4", b"\xc3\xa4"),
    ],
)
def test_quoted_printable_gives_what_can_be_had(data, expected):
    assert transfer.quoted_printable(data) == expected


def test_uuencode_is_undone(mail):
    parsed = parse(mail("Content-Transfer-Encoding: x-uuencode", b"begin 644 a.txt\n%2&5L;&\\\n`\nend\n"))
    assert parsed.text == "Hello"


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("BASE64", "base64"), ("quoted-printable;", "quoted-printable"), ("7-bit", "7bit"), ("8bits", "8bit"),
        ("quoted printable", "quoted-printable"), ('"base64"', "base64"), ("base64 (sic)", "base64"), ("", ""),
    ],
)  # fmt: skip
def test_an_encoding_is_known_by_any_of_its_spellings(value, name):
    assert transfer.encoding_of(value) == (name, True)


def test_an_unknown_encoding_leaves_the_bytes_and_says_so(mail):
    parsed = parse(mail("Content-Transfer-Encoding: x-rot13", "Uryyb"))
    assert parsed.text == "Uryyb"
    assert any("transfer encoding" in defect for defect in parsed.defects)
