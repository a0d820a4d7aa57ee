"""Who first wrote a mail that is sent on, and what its sender says above it."""

import pytest

from inboxd.message import forwards, parse
from inboxd.message.forwards import Forwarded

WHO = Forwarded(address="ops@acme.example", name="Operations")
FORMS = {
    "gmail": (
        "Please.",
        "",
        "---------- Forwarded message ---------",
        "From: Operations <ops@Acme.example>",
        "Date: Tue, Jun 3, 2025",
        "Subject: Fax",
        "To: <engineer-1@example.com>",
        "",
        "It is down.",
        "",
    ),
    "apple": (
        "Please.",
        "",
        "Begin forwarded message:",
        "",
        "From: Operations <ops@acme.example>",
        "Subject: Fax",
        "Date: 3 June 2025",
        "",
        "It is down.",
    ),
    "apple-de": (
        "Bitte.",
        "",
        "Anfang der weitergeleiteten Nachricht:",
        "",
        "Von: Operations <ops@acme.example>",
        "Betreff: Fax",
        "",
        "Aus.",
    ),
    "thunderbird": (
        "Please.",
        "",
        "-------- Forwarded Message --------",
        "Subject: \tFax",
        "Date: \tTue",
        "From: \tOperations <ops@acme.example>",
        "To: \tengineer-1@example.com",
        "",
        "Down.",
    ),
    "thunderbird-fr": (
        "Vois.",
        "",
        "-------- Message transféré --------",
        "Sujet : \tFax",
        "De : \tOperations <ops@acme.example>",
        "",
        "En panne.",
    ),
    "outlook": (
        "FYI",
        "",
        "From: Operations <ops@acme.example>",
        "Sent: Tuesday, June 3, 2025 10:00 AM",
        "To: Engineer",
        "Subject: Fax",
        "",
        "Down.",
    ),
    "outlook-rule": (
        "FYI",
        "________________________________",
        "From: Operations <ops@acme.example>",
        "Sent: Tuesday",
        "To: E",
        "Subject: Fax",
        "",
        "Down.",
    ),
    "outlook-mailto": (
        "FYI",
        "",
        "From: Operations [mailto:ops@acme.example]",
        "Sent: Tuesday",
        "To: E",
        "Subject: Fax",
        "",
        "Down.",
    ),
    "outlook-de": (
        "Siehe unten",
        "",
        "Von: Operations <ops@acme.example>",
        "Gesendet: Dienstag",
        "An: E",
        "Betreff: Fax",
        "",
        "Aus.",
    ),
}
TEXTS = {name: "\n".join(lines) for name, lines in FORMS.items()}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_the_first_author_is_whom_the_forwarding_program_names(text):
    assert forwards.read("Fwd: Fax", text, [], new=text) == WHO


def test_a_mail_sent_on_as_an_attachment_names_its_author():
    inner = b"From: =?utf-8?q?Operations?= <ops@acme.example>\r\nSubject: Fax\r\n\r\nDown.\r\n"
    raw = (
        b"From: engineer-1@example.com\r\nTo: support@example.com\r\nSubject: FW: Fax\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nPlease.\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"--b--\r\n"
    )
    assert parse(raw).forwarded == WHO


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: Fax", TEXTS["outlook"]),  # an answer with its quote
        ("Fax", "Nothing was forwarded here.\n"),
        ("Fwd: Fax", "no header at all\n"),
        ("Fwd: Fax", "---------- Forwarded message ---------\nFrom: Operations\nSubject: Fax\n\nDown."),
        ("Fwd: Fax", "---------- Forwarded message ---------\nFrom: a@x.example, b@y.example\n\nDown."),
    ],
)
def test_what_names_nobody_is_no_forward(subject, text):
    assert forwards.read(subject, text, [], new=text) is None


def test_own_words_end_where_the_forwarded_mail_begins():
    assert forwards.own_words(TEXTS["gmail"]).strip() == "Please."
    assert forwards.own_words("All of it.") == "All of it."
