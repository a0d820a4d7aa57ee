"""An item as a mail: well-formed whatever stands in it, the same bytes each time, and read back as it was meant."""

import email
import email.policy
from email.header import decode_header, make_header
from email.utils import parseaddr
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inboxd.message import parse
from inboxd.send.carrier import Never
from inboxd.send.compose import Attached, Composed, ascii_domain, compose
from store.outbox import OutboxItem

FIELDS = {
    "Date", "From", "To", "Cc", "Reply-To", "Subject", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
    "X-Auto-Response-Suppress", "Content-Language", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
}  # fmt: skip


def item(**changes: Any) -> OutboxItem:
    fields: dict[str, Any] = {
        "id": 1, "kind": "reply", "to_address": "ops@acme.example", "to_key": "ops@acme.example",
        "message_id": "<inboxd.1@example.com>", "subject": "Printer [#48213-7]", "text": "Hello.\n", "created_at": 0,
        "automatic": False, "ticket_ref": None, "sent_at": None, "attempts": 0, "job_id": None, "next_try_at": None,
        "dated_at": None, "held_at": None, "released_at": None, "bounce": None, "acknowledged_at": None,
        "acknowledged_by": None,
    }  # fmt: skip
    return OutboxItem(**(fields | changes))


def composed(*attached: Attached, **changes: Any) -> Composed:
    return compose(item(**changes), "support@example.com", attached, dated_at=1_700_000_000_000)


def read(mail: Composed) -> Any:
    return email.message_from_bytes(mail.raw, policy=email.policy.default)


TEXT = st.text(st.characters(codec="utf-8"), max_size=120) | st.sampled_from(
    ["a\r\nBcc: all@example.com", "a\rX: y", "\n\nbody", "a\0b", "x" * 2000, "=?utf-8?q?=0d=0aBcc:_x?=", "\u2028Bcc: x"]
)
IDS = st.sampled_from(["<1@acme.example>", f"<{'x' * 400}@acme.example>", "<2@b.example>"])


@settings(max_examples=60, deadline=None)
@given(subject=TEXT, to_name=TEXT, from_name=TEXT, text=TEXT, html=st.none() | TEXT, filename=TEXT, language=TEXT,
       thread=st.lists(IDS, max_size=20), kind=TEXT)  # fmt: skip
def test_nothing_in_an_item_makes_a_header_field_or_a_line_that_breaks_the_format(
    subject, to_name, from_name, text, html, filename, language, thread, kind
):
    mail = composed(
        Attached(filename=filename, content_type=kind, data=b"\0\xff"),
        subject=subject, to_name=to_name, from_name=from_name, text=text, html=html, thread=tuple(thread),
        language=language, cc=("a@example.com", "почта@example.org"), automatic=True,
    )  # fmt: skip
    assert not mail.utf8
    assert mail.raw.isascii()
    lines = mail.raw.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert not any(b"\r" in line or b"\n" in line or b"\0" in line for line in lines)
    message = read(mail)
    assert set(message.keys()) <= FIELDS
    assert len(set(message.keys())) == len(message.keys())
    assert message.get_content_type() == "multipart/mixed"
    # As our own strict reader has it: one author, one recipient, no defect of form.
    seen = parse(mail.raw)
    assert seen.from_addr == "support@example.com"
    assert list(seen.to) == ["ops@acme.example"]


@pytest.mark.parametrize(
    "text",
    [
        "plain\nlines\n",
        "Grüße aus Köln, und zwar " + "sehr " * 60 + "lange",
        "日本語の本文です。\n" * 20,
        "From here\n.dot\n",
        "",
    ],
)
def test_the_text_arrives_as_it_was_written(text: str):
    message = read(composed(text=text))
    assert message.get_content().replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")
    assert message.get_content_charset() in {"us-ascii", "utf-8"}


def test_plain_html_and_files_stand_in_their_order():
    mail = composed(
        Attached(filename="отчёт за год.pdf", content_type="application/pdf", data=b"%PDF" * 1000),
        Attached(filename="mail.eml", content_type="message/rfc822", data=b"Subject: x\r\n\r\nbody"),
        html="<p>Hello.</p>",
    )
    message = read(mail)
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/pdf",
        "application/octet-stream",
    ]  # fmt: skip
    files = list(message.iter_attachments())
    assert [part.get_filename() for part in files] == ["отчёт за год.pdf", "mail.eml"]
    assert files[0].get_payload(decode=True) == b"%PDF" * 1000
    assert composed(html="<p>x</p>").raw == composed(html="<p>x</p>").raw


def test_the_thread_ends_with_what_is_answered_and_no_long_id_is_broken():
    long = f"<{'x' * 300}@acme.example>"
    message = read(composed(in_reply_to=long, thread=("<1@a.example>", long, "<2@a.example>")))
    assert message["In-Reply-To"] == long
    assert str(message["References"]).split() == ["<1@a.example>", "<2@a.example>", long]


@pytest.mark.parametrize(
    ("kind", "automatic", "mark"),
    [
        ("acknowledgement", True, "auto-replied"),
        ("confirmation", True, "auto-replied"),
        ("notice", True, "auto-generated"),
        ("page", True, "auto-generated"),
        ("reply", False, None),
    ],
)
def test_automatic_mail_says_so_and_a_person_s_does_not(kind: str, automatic: bool, mark: str | None):
    message = read(composed(kind=kind, automatic=automatic))
    assert (message["Auto-Submitted"], message["Precedence"]) == (mark, None)


def test_a_domain_of_other_letters_is_written_in_ascii_and_a_name_of_them_as_an_encoded_word():
    name = "Иван Петров из отдела снабжения и сбыта"
    raw = composed(to_address="ops@пример.example", to_name=name).raw
    # The email package's new reader doubles a blank between two encoded words; the old one and ours do not.
    shown, address = parseaddr(str(make_header(decode_header(email.message_from_bytes(raw)["To"]))))
    assert (shown, address) == (name, "ops@xn--e1afmkfd.example")
    with pytest.raises(Never, match="no form in ASCII"):
        ascii_domain("ops@\u212a\u3002example")


def test_a_header_that_would_be_no_header_is_never_written():
    with pytest.raises(Never):
        composed(message_id="<1@example.com>\r\nBcc: all@example.com")
    with pytest.raises(Never):
        composed(message_id=f"<{'x' * 1200}@example.com>")
