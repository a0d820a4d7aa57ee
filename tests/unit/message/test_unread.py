"""Messages that killed their worker."""

from inboxd.message import from_json, parse, to_json, unread

RAW = b"From: Front <front@example.com>\r\nTo: support@example.org\r\nSubject: Printer\r\n\r\nHello"


def test_a_message_that_could_not_be_read_says_what_its_header_says_plainly():
    message = unread(RAW, "its worker took too long")
    assert (message.from_addr, message.subject, message.to) == (
        "front@example.com",
        "Printer",
        ("support@example.org",),
    )
    assert message.unreadable == "its worker took too long"
    assert message.author.address is None
    assert message.text == ""


def test_it_can_be_read_from_a_file_and_is_the_same(tmp_path):
    path = tmp_path / "mail"
    path.write_bytes(RAW)
    assert unread(path, "x") == unread(RAW, "x")


def test_it_goes_through_json_like_any_other():
    import json

    message = unread(b"\x00\xff" * 5_000, "x")
    assert from_json(json.dumps(to_json(message))) == message


def test_other_bytes_have_another_fingerprint():
    assert unread(RAW, "x").fingerprint != unread(RAW + b"!", "x").fingerprint
    assert unread(RAW, "x").fingerprint != parse(RAW).fingerprint
