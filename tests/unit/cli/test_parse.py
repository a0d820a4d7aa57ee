"""`inboxd parse`."""

import pytest

from inboxd.cli.parse import _FIELDS

MAIL = b"From: A <a@B.example>\r\nTo: s@example.com\r\nSubject: Slow \x1b[2J fax\r\n\r\nbody\r\n\x1b[31mred\r\n"


@pytest.fixture
def mail(tmp_path):
    path = tmp_path / "a.eml"
    path.write_bytes(MAIL)
    return path


def test_an_object_has_every_field_in_the_order_of_the_contract(call, mail):
    (result,) = call("parse", "--json", mail).json
    assert tuple(result) == _FIELDS
    assert (result["path"], result["from_addr"], result["error"]) == (str(mail), "a@b.example", None)


def test_a_path_that_cannot_be_read_has_the_same_fields_and_the_others_go_on(call, mail, tmp_path):
    ended = call("parse", "--json", tmp_path / "missing", mail, tmp_path)
    assert ended.code == 1
    assert [tuple(each) for each in ended.json] == [_FIELDS] * 3
    assert [each["error"] for each in ended.json] == [
        "cannot be read: No such file or directory",
        None,
        "cannot be read: Is a directory",
    ]
    assert ended.json[0]["path"] == str(tmp_path / "missing")
    assert len(ended.err.splitlines()) == 2


def test_a_broken_mail_has_defects_and_no_error(call, tmp_path):
    path = tmp_path / "broken"
    path.write_bytes(b"\x00\xff\xfe not a mail at all")
    ended = call("parse", "--json", path)
    assert ended.code == 0
    (result,) = ended.json
    assert result["error"] is None
    assert result["defects"]


def test_the_page_drives_no_terminal(call, mail):
    page = call("parse", mail).out
    assert "\x1b" not in page
    assert "  | body" in page


def test_each_mail_of_an_mbox_is_shown(call, tmp_path):
    path = tmp_path / "box"
    path.write_bytes(
        b"From a@b.example Tue Jan 13 10:00:00 2026\nSubject: one\n\n>From here on\n>>From quoted\nFrom the sea\n\n"
        b"From a@b.example Tue Jan 13 11:00:00 2026\nSubject: two\n\ntwo\n"
    )
    found = call("parse", "--json", path).json
    assert [(each["path"], each["subject"]) for each in found] == [(f"{path}#1", "one"), (f"{path}#2", "two")]
    assert found[0]["text"].splitlines()[:3] == ["From here on", ">From quoted", "From the sea"]


def test_what_is_named_a_mail_is_one_line_even_where_it_looks_like_an_mbox(call, tmp_path, mail):
    path = tmp_path / "saved.EML"
    path.write_bytes(
        b"From a@b.example Tue Jan 13 10:00:00 2026\nSubject: one\n\nOne.\n\n"
        b"From a@b.example Tue Jan 13 11:00:00 2026\nSubject: two\n\nTwo.\n"
    )
    found = call("parse", "--json", path, mail).json
    assert [(each["path"], each["subject"]) for each in found] == [(str(path), "one"), (str(mail), "Slow [2J fax")]
    assert "Two." in found[0]["text"]


def test_two_hundred_paths_are_one_call(call, mail):
    ended = call("parse", "--json", *([mail] * 200))
    assert ended.code == 0
    assert len(ended.json) == 200


def test_no_configuration_is_needed(call, mail, monkeypatch):
    monkeypatch.setenv("INBOXD_CONFIG", "/nowhere/inboxd.yaml")
    assert call("parse", mail).code == 0
