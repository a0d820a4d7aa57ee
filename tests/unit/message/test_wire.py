"""There and back as JSON, without loss and without trust."""

import json

import pytest

from inboxd.message import from_json, parse, to_json

CONTRACT = (
    "from_addr", "from_name", "from_all", "sender", "reply_to", "to", "cc", "subject", "message_id", "date",
    "in_reply_to", "references", "text", "reply_text", "attachments", "is_auto_reply", "is_bounce", "is_list",
    "bounce", "voicemail", "defects",
)  # fmt: skip


@pytest.fixture
def rich(multipart) -> bytes:
    raw = multipart(
        "mixed",
        "Content-Type: text/plain; charset=utf-8\n\nGrüße 🖨\n",
        "Content-Type: text/html\n\n<p>x</p>\n",
        "Content-Type: image/png; name=a.png\nContent-ID: <c>\n\nx\n",
    )
    return b"Date: Tue, 3 Jun 2025 12:00:00 +0200\r\nReferences: <a@x> <b@x>\r\nImportance: high\r\n" + raw


@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_message_survives_the_way_through_json(rich, ascii_only):
    message = parse(rich)
    assert from_json(json.dumps(to_json(message), ensure_ascii=ascii_only)) == message


def test_the_object_holds_every_field_of_a_mail_as_it_is_filed(rich):
    body = to_json(parse(rich))
    assert set(CONTRACT) <= set(body)
    assert body["date"] == "2025-06-03T10:00:00Z"
    assert set(body["attachments"][0]) == {
        "filename",
        "content_type",
        "size",
        "sha256",
        "inline",
        "content_id",
        "dangerous",
        "contains",
        "about",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("from_addr", 7), ("from_all", "a@example.com"), ("is_bounce", "yes"), ("is_bounce", 1), ("date", "soon"),
        ("date", "2025-06-03T10:00:00"), ("claimed_urgency", "extreme"), ("extra", 1), ("text", None),
        ("text", "a\x00b"), ("subject", "a\x1bb"),
        ("attachments", [{"filename": "a"}]), ("author", {"address": "a@example.com"}), ("voicemail", {"caller": "x"}),
    ],
)  # fmt: skip
def test_what_no_honest_worker_writes_is_refused(rich, name, value):
    body = to_json(parse(rich)) | {name: value}
    with pytest.raises(ValueError, match=r"."):
        from_json(json.dumps(body))


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", "{", '{"text": "\\ud800"}', b"\xff\xfe"])
def test_text_that_is_no_message_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        from_json(text)


def test_a_missing_field_is_refused(rich):
    body = to_json(parse(rich))
    del body["author"]
    with pytest.raises(ValueError, match="author"):
        from_json(json.dumps(body))
