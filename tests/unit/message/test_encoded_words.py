"""Subjects and names: RFC 2047 in whatever state it comes."""

import pytest

from inboxd.message import encoded_words, parse


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        (b"=?utf-8?Q?a_b?= =?utf-8?Q?c?=", "a bc"),
        (b"=?utf-8?Q?a?= b =?utf-8?Q?c?=", "a b c"),
        (b"=?utf-8?b?w6TDp?= =?utf-8?b?A==?=", "ää"),
        (b"=?utf-8?q?=C3?= =?utf-8?q?=A4?=", "ä"),
        (b"=?utf-8?q?x=?= =?utf-8?q?C3=A?= =?utf-8?q?4y?=", "xäy"),
        (b"=?utf-8?q?=A?= =?utf-8?q?x?=", "=Ax"),
        (b"=?utf-8?b?w6TDpM?= =?utf-8?b?OkxI0?=", "äääč"),
        (b"=?utf-8?b?w6TDp?= =?utf-8?b?MOk?=", "äää"),
        (b"=?utf-8?b?SGVsbG8?= =?utf-8?b?IHlvdQ?=", "Hello you"),
        (b"=?iso-8859-1*de?q?gr=FCn?=", "grün"),
        ("Re: grün =?utf-8?q?=C3=A4?=".encode(), "Re: grün ä"),
        (b"Re: gr\xfcn =?utf-8?q?=C3=A4?=", "Re: grün ä"),
        (b"=?utf-8?q?what??=", "what?"),
        (b"=?utf-8?q?no end", "=?utf-8?q?no end"),
        (b"1+1=?", "1+1=?"),
        (b"=?x-none?q?abc?=", "abc"),
        (b"=?utf-8?b?!!!?=", ""),
        ("件名".encode("iso2022_jp"), "件名"),
    ],
)
def test_a_header_value_is_decoded_as_a_person_reads_it(value, text):
    assert encoded_words.decode(value) == text


def test_a_decoded_subject_cannot_hold_a_line_end_or_a_nul(mail):
    parsed = parse(mail("X: y", "x").replace(b"Subject: Printer", b"Subject: =?utf-8?q?a=0D=0ABcc=3A_b=00c?="))
    assert parsed.subject == "a  Bcc: bc"


def test_a_subject_without_label_takes_the_charset_of_the_body(mail):
    raw = mail("Content-Type: text/plain; charset=koi8-r", "x").replace(b"Printer", "Привет".encode("koi8-r"))
    assert parse(raw).subject == "Привет"


def test_a_subject_of_many_words_costs_no_more_than_its_length(mail):
    parsed = parse(mail("X: y").replace(b"Printer", b"=?utf-8?q?a?= " * 4_000))
    assert parsed.subject == "a" * 4_000
