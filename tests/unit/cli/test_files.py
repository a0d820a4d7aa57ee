"""What lies at a path."""

import os

import pytest

from inboxd.cli import files
from inboxd.control.wire import MAX_PAYLOAD
from inboxd.errors import InboxdError


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "voicemail"),
        (b"RIFF\x24\x00\x00\x00AVI LIST", "mail"),
        (b"FORM\x00\x00\x00\x10AIFFCOMM", "voicemail"),
        (b"OggS\x00\x02", "voicemail"),
        (b"fLaC\x00", "voicemail"),
        (b"ID3\x03\x00", "voicemail"),
        (b"ID3-Tag: a header", "mail"),
        (b"\xff\xfb\x90\x64", "voicemail"),
        (b"\xff\xf3\x40\xc4", "voicemail"),
        (b"\xff\xfeF\x00r\x00", "mail"),
        (b"\x00\x00\x00\x20ftypM4A ", "voicemail"),
        (b"#!AMR\n", "voicemail"),
        (b"From: a@b.example", "mail"),
        (b"From a@b.example T", "mbox"),
        (b"Received: from x", "mail"),
        (b"", "mail"),
        (b"\x7fELF", "mail"),
    ],
)
def test_the_first_bytes_tell_the_kind(tmp_path, head, kind):
    path = tmp_path / "file"
    path.write_bytes(head)
    assert files.kind(path) == kind


def test_folders_are_told_apart(tmp_path):
    assert files.kind(tmp_path) == "folder"
    for name in ("cur", "new", "tmp"):
        (tmp_path / name).mkdir()
    assert files.kind(tmp_path) == "maildir"


@pytest.mark.parametrize("ask", [files.kind, files.read])
def test_a_missing_file_is_said_in_words(tmp_path, ask):
    with pytest.raises(InboxdError, match="cannot be read: No such file or directory"):
        ask(tmp_path / "missing.eml")


def test_a_file_larger_than_can_be_handed_over_is_refused(tmp_path):
    path = tmp_path / "large"
    path.touch()
    os.truncate(path, MAX_PAYLOAD + 1)
    with pytest.raises(InboxdError, match="larger than 64 MiB"):
        files.read(path)
    os.truncate(path, MAX_PAYLOAD)
    assert len(files.read(path)) == MAX_PAYLOAD
