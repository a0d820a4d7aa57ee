"""Random bytes and mutated real mails: never an exception, never a text that could not be stored."""

import base64
import hashlib
import json
import random
from pathlib import Path

import pytest

from inboxd.message import attachment, clean, from_json, parse_with_html, to_json
from tests.harness.winmail import winmail

PIECES = [
    b"\x00", b"\r", b"\n", b"\r\n\r\n", b"=?utf-8?q?", b"?=", b'"', b"(", b"<", b">", b"--", b";", b"\xff\xfe",
    b"\x1b$B",
    b"Content-Type: multipart/mixed; boundary=x\r\n", b"charset=utf-16", b"base64", b"From: a@example.com\r\n",
    b"&#0;", b"<div>", b"=\n",
]  # fmt: skip
STRUCTURE = (
    b"From: A <a@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n--b\r\n"
    b"Content-Type: text/html\r\n\r\n<p>Hello <a href=x>there</a></p>\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
    b"Subject: x\r\n\r\ny\r\n--b\r\n"
    b"Content-Disposition: attachment; filename*0*=utf-8''a%20; filename*1=b\r\n\r\nz\r\n--b\r\n"
    b"Content-Type: text/plain\r\n\r\nbegin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\n--b\r\n"
    b"Content-Type: text/calendar\r\n\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\nDTSTART:20250603T100000Z\r\nEND:VEVENT\r\n--b\r\n"
    b"Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes(winmail(("a.pdf", b"x"), text="t", rtf=rb"{\rtf1 \'e4 \par}"))
    + b"\r\n--b--\r\n"
)


def mutated(raw: bytes, rng: random.Random) -> bytes:
    data = bytearray(raw[:100_000])
    for _ in range(rng.randint(1, 40)):
        place = rng.randrange(len(data) + 1)
        choice = rng.random()
        if choice < 0.4 and place < len(data):
            data[place] = rng.randrange(256)
        elif choice < 0.6:
            del data[place : place + rng.randrange(40)]
        elif choice < 0.8:
            data[place:place] = rng.choice(PIECES)
        else:
            source = rng.randrange(len(data) + 1)
            data[place : place + 10] = data[source : source + rng.randrange(60)]
    return bytes(data)


def assert_whole(raw: bytes) -> None:
    message, html = parse_with_html(raw)
    assert html is None or html == clean.body(html)
    # The way back refuses control characters and lone surrogates in any text.
    assert from_json(json.dumps(to_json(message))) == message
    for index, each in enumerate(message.attachments):
        assert hashlib.sha256(attachment(raw, index)).hexdigest() == each.sha256
        for place, file in enumerate(each.contains):
            assert hashlib.sha256(attachment(raw, index, place)).hexdigest() == file.sha256


def test_a_thousand_random_byte_strings_are_read_without_an_exception():
    rng = random.Random(3)
    alphabet = b'\r\n\r\n:;<>"=?()abc -\x00\xe4'
    for number in range(1_000):
        size = rng.randrange(4_000)
        raw = rng.randbytes(size) if number % 2 else bytes(rng.choice(alphabet) for _ in range(size))
        assert_whole(raw)


def test_a_thousand_mutations_of_one_structure_are_read_without_an_exception():
    rng = random.Random(4)
    for _ in range(1_000):
        assert_whole(mutated(STRUCTURE, rng))


def test_a_thousand_mutated_real_mails_are_read_without_an_exception(corpus: Path):
    rng = random.Random(5)
    files = sorted(corpus.glob("*/*.eml"))
    if not files:
        pytest.fail(f"{corpus} holds no mails")
    for _ in range(1_000):
        assert_whole(mutated(rng.choice(files).read_bytes(), rng))
