"""No crafted mail has the fingerprint of another: who sends a twin first would make the real one a duplicate."""

import hashlib

import pytest

from inboxd.message import parse

FIELDS = (
    b"From: ops@acme.example\r\nDate: Tue, 3 Jun 2025 12:00:00 +0200\r\nSubject: Fire\r\n"
    b"Message-ID: <1@acme.example>\r\nMIME-Version: 1.0\r\n"
)
PARTS = (
    b"\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThe server burns.\r\n"
    b"--b\r\nContent-Type: text/html\r\n\r\n<p>See the map: room 12</p>\r\n--b--\r\n"
)
REAL = FIELDS + b"Content-Type: multipart/mixed; boundary=b\r\n" + PARTS


def _same(twin: bytes) -> bool:
    return parse(REAL).fingerprint == parse(twin).fingerprint


def test_a_copy_that_shows_another_text_under_another_charset_is_another_mail():
    assert not _same(REAL.replace(b"charset=utf-8", b"charset=utf-16"))


def test_a_charset_that_shows_the_same_text_makes_no_other_mail():
    assert _same(REAL.replace(b"charset=utf-8", b"charset=us-ascii"))
    assert _same(REAL.replace(b"; charset=utf-8", b""))


def test_a_copy_that_hides_a_part_behind_an_alternative_is_another_mail():
    assert not _same(REAL.replace(b"multipart/mixed", b"multipart/alternative"))


@pytest.mark.parametrize("hidden", [b"text/plain; name=notes.txt; charset", b"text/plain; charset"])
def test_a_copy_that_makes_an_attachment_of_the_text_is_another_mail(hidden):
    disposition = b"Content-Disposition: attachment\r\n" if b"name" not in hidden else b""
    assert not _same(REAL.replace(b"Content-Type: text/plain; charset", disposition + b"Content-Type: " + hidden))


def test_an_attachment_under_another_name_is_another_mail():
    real = REAL.replace(b"text/html", b"application/pdf; name=invoice.pdf")
    assert parse(real).fingerprint != parse(real.replace(b"invoice.pdf", b"invoice.exe")).fingerprint


def test_a_field_that_holds_what_would_follow_it_is_another_mail():
    part = b"\0part\0text/plain\0" + hashlib.sha256(b"The server burns.").hexdigest().encode()
    second = b"Content-Type: text/html\r\n\r\n<p>See the map: room 12</p>\r\n"
    assert not _same(FIELDS.replace(b"Subject: Fire", b"Subject: Fire" + part) + second)
    assert not _same(REAL.replace(b"example\r\nDate: ", b"example\0date\0"))
