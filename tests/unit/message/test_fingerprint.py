"""Two copies of the same message have the same fingerprint; another message never does."""

import base64

from inboxd.message import lines, parse

TRACE = (
    b"Return-Path: <front@example.com>\r\nDelivered-To: support@example.org\r\nX-Spam-Status: No\r\n"
    b"Received: by mx.example.org;\r\n Tue, 3 Jun 2025 10:00:00 +0000\r\n"
    b"Authentication-Results: mx.example.org; dkim=pass\r\nARC-Seal: i=1\r\n"
)
MAIL = (
    b"Received: from a by b; Tue, 3 Jun 2025 09:00:00 +0000\r\nFrom: front@example.com\r\nTo: support@example.org\r\n"
    b"Date: Tue, 3 Jun 2025 12:00:00 +0200\r\nSubject: Printer\r\nMessage-ID: <1@example.com>\r\n"
)
BODY = b"\r\nHello\r\nthere\r\n"


def same(first: bytes, second: bytes) -> bool:
    return parse(first).fingerprint == parse(second).fingerprint


def test_trace_headers_do_not_make_another_message():
    assert same(MAIL + BODY, TRACE + MAIL + BODY)


def test_line_ends_do_not_make_another_message():
    assert same(MAIL + BODY, (MAIL + BODY).replace(b"\r\n", b"\n"))


def test_a_line_end_is_one_wherever_a_large_body_is_cut():
    for before in range(2**20 - 3, 2**20 + 1):
        data = b"a" * before + b"\r\r\nb\n"
        assert b"".join(lines.normalised(data, strip=b"")) == b"a" * before + b"\n\nb\n"


def test_a_relay_that_encodes_the_body_anew_does_not_make_another_message():
    encoded = b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(b"Hello\r\nthere\r\n")
    assert same(MAIL + BODY, MAIL + encoded)


def test_the_same_message_id_with_other_content_is_another_message():
    assert not same(MAIL + BODY, MAIL + b"\r\nSomething else\r\n")
    assert not same(MAIL + BODY, MAIL.replace(b"Printer", b"Scanner") + BODY)
    assert not same(MAIL + BODY, MAIL.replace(b"front@", b"back@") + BODY)
    assert not same(MAIL + BODY, MAIL.replace(b"<1@", b"<2@") + BODY)


def test_without_a_message_id_the_bytes_below_the_trace_count():
    bare = MAIL.replace(b"Message-ID: <1@example.com>\r\n", b"")
    assert same(bare + BODY, TRACE + bare + BODY)
    assert same(bare + BODY, (bare + BODY).replace(b"\r\n", b"\n"))
    assert not same(bare + BODY, bare + b"\r\nHello\r\nThere\r\n")
    assert not same(bare + BODY, b"X-Mailer: another\r\n".join(bare.split(b"To: ", 1)) + BODY)


def test_attachments_count(multipart):
    part = "Content-Type: application/pdf; name=a.pdf\n\n{}\n"
    first, second = (multipart("mixed", "\nHello\n", part.format(letter)) for letter in "ab")
    assert not same(first, second)


def test_bytes_that_are_no_mail_have_a_fingerprint_too():
    assert not same(b"\x00\x01", b"\x00\x02")
    assert same(b"\x00\x01", b"\x00\x01")
