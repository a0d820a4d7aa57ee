"""Inputs that make parsers super-linear: each has to come back as a message, in bounded time and memory."""

import base64
import json
import os
import random
import subprocess
import sys
from typing import Any

import pytest

from inboxd.message import parse

HEADER = b"From: a@example.com\r\nTo: b@example.com\r\nSubject: s\r\nMessage-ID: <1@example.com>\r\n"
NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2_000))
HUNDRED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(100))
NINETEEN = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(19))
MIXED = HEADER + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
CASES = {
    "semicolons": HEADER + b"Content-Type: text/plain" + b";" * 32_000 + b"\r\n\r\nx",
    "continuations": HEADER + b"Content-Type: a/x;" + b"".join(b" a*%d=x;" % n for n in range(16_000)) + b"\r\n\r\nx",
    "parameters": HEADER + b"Content-Type: a/x;" + b"".join(b" a%d=x;" % n for n in range(8_000)) + b"\r\n\r\nx",
    "encoded words": HEADER.replace(b": s", b": " + b"=?utf-8?q?a?= " * 48_000) + b"\r\nx",
    "open encoded words": HEADER.replace(b": s", b": " + b"=?utf-8?q?a " * 6_000) + b"\r\nx",
    "addresses": HEADER.replace(b"b@example.com", b", ".join(b"u%d@example.com" % n for n in range(20_000))) + b"\r\nx",
    "dotted local part": HEADER.replace(b"a@example.com", b"a." * 100_000 + b"a@example.com") + b"\r\nx",
    "punycode": HEADER + b"Content-Type: text/plain; charset=punycode\r\n\r\n" + b"a-b" * 140_000,
    "punycode in base64": HEADER
    + b"Content-Type: text/plain; charset=punycode\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes(b"a-b" * 140_000),
    "open multiparts around many lines": HEADER + HUNDRED + b"\r\n" + b"x\r\n" * 500_000,
    "open multiparts around many dashes": HEADER + NINETEEN + b"\r\n" + b"--x\r\n" * 1_000_000,
    "parts": MIXED + b"--b\r\n\r\nx\r\n" * 100_000 + b"--b--\r\n",
    "fields": HEADER + b"".join(b"X-%d: a\r\n" % n for n in range(100_000)) + b"\r\nx",
    "nesting": HEADER + NESTED + b"\r\nx",
    "guessed boundaries": MIXED
    + (b"--b\r\nContent-Type: multipart/mixed; boundary=z\r\n\r\n" + (b"--" + b"a" * 20 + b"\r\n") * 500) * 900,
    "parentheses": HEADER.replace(b"a@example.com", b"a@example.com" + b"(" * 1_800) + b"\r\nx",
    "HTML parts": MIXED + (b"--b\r\nContent-Type: text/html\r\n\r\n" + b"<p>a</p>" * 1_000 + b"\r\n") * 900,
    "blank lines": HEADER + b"\r\n" * 3_000_000,
    "carriage returns": b"\r" * 5_000_000,
    "padding": HEADER + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"QQ==\r\n" * 1_000_000,
    "uuencode": HEADER + b"Content-Transfer-Encoding: x-uue\r\n\r\nbegin 644 x\r\n" + b"M\r\n" * 2_000_000,
    "report": HEADER
    + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
    + b"Content-Type: message/delivery-status\r\n\r\n"
    + b"Final-Recipient: rfc822;a@b\r\n\r\n" * 300_000,
    "message id": HEADER.replace(b"<1@example.com>", b"<[[[") + b"\r\nx",
    "references": HEADER + b"References: " + b"<" * 60_000 + b"\r\n\r\nx",
    "references without an @": HEADER + (b"References: " + b"a" * 60_000 + b"\r\n") * 4 + b"\r\nx",
    "year": HEADER + b"Date: Tue, 3 Jun " + b"9" * 5_000 + b" 10:00:00 +0000\r\n\r\nx",
    "NUL in the charset": HEADER + b'Content-Type: text/plain; charset="a\x00b"\r\n\r\nx\xff',
}


# Reads a mail from standard input in 512 MB of address space, as a worker does, and makes its HTML safe to show.
READER = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))
from inboxd.message import parse_with_html, to_json
message, _ = parse_with_html(sys.stdin.buffer.read())
body = to_json(message)
# Not ru_maxrss: it remembers the process that forked this one.
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
json.dump({"message": body, "peak": peak}, sys.stdout)
"""


def read_apart(raw: bytes) -> dict[str, Any]:
    """Read a mail in a process of its own; its message as JSON, and its peak of memory in KiB."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", READER], input=raw, capture_output=True, check=False, timeout=60, env=environment
    )
    assert done.returncode == 0, done.stderr.decode()[-2_000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", CASES)
def test_an_abusive_message_comes_back_as_a_message_in_512_mb(name):
    body = read_apart(CASES[name])["message"]
    assert len(body["text"]) <= 1_000_000
    assert len(body["fingerprint"]) == 64


@pytest.mark.parametrize("name", ["parts", "nesting", "fields"])
def test_structure_over_the_limits_is_named_as_unreadable(name):
    parsed = parse(CASES[name])
    assert parsed.unreadable is not None
    assert parsed.unreadable in parsed.defects
    assert parsed.subject == "s"


def test_twenty_levels_of_nesting_are_read():
    levels = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(20))
    parsed = parse(HEADER + levels + b"\r\nHello\r\n")
    assert (parsed.text, parsed.unreadable) == ("Hello", None)


@pytest.mark.timeout(120)
def test_25_mb_of_soft_breaks_with_blanks_behind_them_are_read_in_256_mib():
    line = b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    answer = read_apart(HEADER + line + b"a= \n" * 6_000_000 + b"Hello\n")
    assert answer["message"]["text"].startswith("aaaa")
    assert answer["peak"] <= 256 * 1024


@pytest.mark.timeout(120)
def test_a_25_mb_mail_is_read_in_256_mib():
    encoded = base64.encodebytes(random.Random(1).randbytes(18_500_000)).replace(b"\n", b"\r\n")
    part = b"--b\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded
    answer = read_apart(MIXED + b"--b\r\n\r\nHello\r\n" + part + b"--b--\r\n")
    assert answer["message"]["text"] == "Hello"
    assert answer["message"]["attachments"][0]["size"] == 18_500_000
    assert answer["peak"] <= 256 * 1024
