"""Header blocks in every state, and the ids in them."""

import pytest

from inboxd.message import parse


def test_folded_lines_are_one_value(mail):
    assert parse(
        mail("X: y").replace(b"Printer", b"Printer\r\n is\r\n\tbroken")
    ).subject == "Printer is\tbroken".replace("\t", " ")


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r", b"\r\r\n"])
def test_any_line_end_separates_fields_and_body(end):
    raw = end.join([b"From: a@example.com", b"Subject: x", b"", b"one", b"two"])
    parsed = parse(raw)
    assert (parsed.from_addr, parsed.subject, parsed.text) == ("a@example.com", "x", "one\ntwo")


def test_an_mbox_line_a_byte_order_mark_and_blank_lines_above_the_header_are_passed_over():
    for above in (b"From front Tue Jun  3 10:00:00 2025\n", b"\xef\xbb\xbf", b"\r\n\r\n", b">From front\n"):
        assert parse(above + b"From: a@example.com\nSubject: x\n\nbody").subject == "x"


@pytest.mark.parametrize("above", [" ", "\t"])
def test_a_blank_before_the_first_field_folds_nothing(above):
    parsed = parse(f"{above}From: front@example.com\nSubject: x\n\nwords\n".encode())
    assert (parsed.from_addr, parsed.subject, parsed.text) == ("front@example.com", "x", "words")
    assert parsed.author.address is None  # others see no From


def test_a_body_without_a_blank_line_before_it_is_the_body():
    parsed = parse(b"From: a@example.com\r\nSubject: x\r\nHello there,\r\nall is well.\r\n")
    assert parsed.text.startswith("Hello there,")
    assert "no blank line stands between header and body" in parsed.defects


def test_a_boundary_that_looks_like_a_field_ends_the_header_that_names_it():
    parts = b"--1:2\nContent-Type: text/plain\n\nwords\n--1:2--\n"
    assert parse(b'Content-Type: multipart/mixed; boundary="1:2"\n' + parts).text == "words"
    parsed = parse(b"--1:3: a field\nContent-Type: multipart/mixed; boundary=1\n--2:3: another\nSubject: x\n\n" + parts)
    assert parsed.subject == "x"


def test_an_address_whose_fold_was_lost_belongs_to_the_line_above():
    parsed = parse(
        b"From: front@example.com\nTo: a@x.example,\nBack <b@x.example>,\nc@x.example\nSubject: x\n\nwords\n"
    )
    assert (parsed.to, parsed.subject) == (("a@x.example", "b@x.example", "c@x.example"), "x")
    assert "a line in the header is no header field" in parsed.defects


def test_a_damaged_line_does_not_end_the_header():
    parsed = parse(b"From: a@example.com\r\nthis is no field\r\nSubject: x\r\n\r\nbody")
    assert (parsed.subject, parsed.text) == ("x", "body")


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("<a@example.com>", "<a@example.com>"),
        ("a@example.com", "<a@example.com>"),
        ("<a b@example.com>", "<ab@example.com>"),  # as References are read: answers must find it
        ("<<a@example.com>>", "<a@example.com>"),
        ("<>", None),
    ],
)
def test_a_message_id_keeps_its_brackets(field, expected):
    assert parse(f"Message-ID: {field}\r\n\r\nx".encode()).message_id == expected


def test_blanks_in_a_reference_are_a_folds_but_in_quotes():
    raw = b'Message-ID: <"a b"@x.example>\r\nReferences: <"a b"@x.example> <c\r\n d@x.example>\r\n\r\nx'
    parsed = parse(raw)
    assert parsed.references == (parsed.message_id, "<cd@x.example>")


def test_a_reply_names_a_folded_message_id_as_it_is_read():
    folded = parse(b"Message-ID: <a.long.name.of.a.mail\r\n @x.example>\r\n\r\nx")
    reply = parse(b"In-Reply-To: <a.long.name.of.a.mail@x.example>\r\n\r\nx")
    assert reply.in_reply_to == (folded.message_id,)


def test_an_address_in_a_comment_is_no_message_id():
    raw = b"Message-ID: (front <front@x.example>) <a@x.example>\r\nIn-Reply-To: <b@x.example> (of Front <f@x.example>)"
    parsed = parse(raw + b"\r\nReferences: (<c@x.example>)\r\n\r\nx")
    assert parsed.message_id == "<a@x.example>"
    assert parsed.in_reply_to == ("<b@x.example>",)
    assert parsed.references == ("<c@x.example>",)


def test_references_are_a_list_in_order_each_once(mail):
    parsed = parse(
        mail("References: <a@x.example> <b@x.example>\n\t<a@x.example>\nIn-Reply-To: <b@x.example> (Front's mail)")
    )
    assert parsed.references == ("<a@x.example>", "<b@x.example>")
    assert parsed.in_reply_to == ("<b@x.example>",)


def test_bytes_that_are_no_mail_say_so():
    for raw in (b"", b"\r\n\r\n", b"\x00\x01\x02"):
        assert parse(raw).unreadable is not None


def test_a_header_over_the_limits_is_read_as_far_as_it_goes():
    raw = b"From: a@example.com\r\nSubject: x\r\n" + b"X-A: b\r\n" * 5_000 + b"\r\nbody"
    parsed = parse(raw)
    assert (parsed.from_addr, parsed.subject, parsed.text) == ("a@example.com", "x", "body")
    assert "header is larger" in (parsed.unreadable or "")
