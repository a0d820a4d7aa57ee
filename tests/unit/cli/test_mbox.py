"""Where the mails of an mbox begin and end, and what they were before they were put there."""

import io
import os

import pytest

from inboxd.cli import mbox
from inboxd.control.wire import MAX_PAYLOAD
from inboxd.errors import InboxdError

LINE = b"From a@b.example Tue Jan 13 10:00:00 2026\n"


def found(tmp_path, content):
    path = tmp_path / "box"
    path.write_bytes(content)
    return [str(each) if isinstance(each, InboxdError) else each for each in mbox.mails(path)]


SENTENCES = (
    b"\nFrom here on nothing works.\nReally.\n\nFrom 10:00 to 12:00 in 2026\nit was down.\n"
    b"\nFrom the log:\nerror: out of paper\n"
)
ONE, TWO = b"Subject: one\n\none\n", b"Subject: two\n\ntwo\n"


@pytest.mark.parametrize(
    ("content", "mails"),
    [
        (LINE + ONE + b"\n" + LINE + TWO + b"\n", [ONE, TWO]),
        ((LINE + ONE + b"\n" + LINE + TWO + b"\n").replace(b"\n", b"\r\n"),
         [ONE.replace(b"\n", b"\r\n"), TWO.replace(b"\n", b"\r\n")]),
        # Cut off at the end, or without the last empty line.
        (LINE + ONE + b"\n" + LINE + TWO[:-3], [ONE, TWO[:-3]]),
        # A writer that died: no empty line before the next mail.
        (LINE + ONE[:-1] + b"\n" + LINE + TWO, [ONE, TWO]),
        # Thunderbird's, Gmail's, Eudora's and an empty sender's From lines; the last one names no time at all.
        (b"From - Tue Jan 13 10:00:00 2026\n" + ONE + b"\nFrom 17@xxx Tue Jan 13 10:00:00 +0000 2026\n" + TWO
         + b"\nFrom ???@??? Tue Jan 13 10:00:00 2026\n" + ONE + b"\nFrom - Tue Jan 13 10:00:00 2026\n" + TWO
         + b"\nFrom \n" + ONE, [ONE, TWO, ONE, TWO, ONE]),
        # Sentences: without a time, without a header behind them, or inside a paragraph.
        (LINE + ONE + SENTENCES,
         [ONE + SENTENCES]),
        # What mboxrd quotes; a quoted line of mboxo looks the same.
        (LINE + b"Subject: x\n\n>From a\n>>From b\n>from c\n > From d\n",
         [b"Subject: x\n\nFrom a\n>From b\n>from c\n > From d\n"]),
        # A Content-Length that would swallow the next mail.
        (LINE + b"Content-Length: 64\n" + ONE + b"\n" + LINE + TWO, [b"Content-Length: 64\n" + ONE, TWO]),
        (b"", []),
        # The empty lines of a mail are its own; one divides.
        (LINE + ONE + b"\n\n\n" + LINE + TWO, [ONE + b"\n\n", TWO]),
    ],
)  # fmt: skip
def test_each_mail_is_found_as_it_was(tmp_path, content, mails):
    assert found(tmp_path, content) == mails


def test_what_no_mail_is_left_of_is_said(tmp_path):
    assert found(tmp_path, LINE + ONE + b"\n" + LINE) == [
        ONE, "nothing stands below its From line: was the mbox cut off there?",
    ]  # fmt: skip


def test_a_mail_that_is_too_large_does_not_stop_the_others(tmp_path):
    path = tmp_path / "box"
    with path.open("wb") as file:
        file.write(LINE + ONE + b"\n" + LINE + b"Subject: large\n\n")
        file.seek(MAX_PAYLOAD, io.SEEK_CUR)
        file.write(b"\n\n" + LINE + TWO)
    one, large, two = mbox.mails(path)
    assert (one, two) == (ONE, TWO)
    assert "larger than 64 MiB" in str(large)


@pytest.mark.parametrize("shift", range(0, 3000, 37))
def test_a_from_line_is_found_wherever_the_blocks_of_the_file_end(tmp_path, shift, monkeypatch):
    monkeypatch.setattr(mbox, "_BLOCK", 4096)
    padding = b"x" * (4096 - 1500 + shift)
    assert found(tmp_path, LINE + ONE + padding + b"\n\n" + LINE + TWO) == [ONE + padding + b"\n", TWO]


def test_a_file_that_shrinks_under_the_reader_is_said(tmp_path):
    path = tmp_path / "box"
    path.write_bytes(LINE + ONE + b"\n" + LINE + TWO)
    with path.open("rb") as file:
        (first, second) = mbox.places(file)
        os.truncate(path, first.size + 10)
        assert mbox.read(file, first) == ONE
        with pytest.raises(InboxdError, match="changed while it was read"):
            mbox.read(file, second)


@pytest.mark.parametrize(
    ("line", "when"),
    [
        (LINE, "2026-01-13T10:00:00+00:00"),
        (b"From - Tue Jan 13 10:00:00 2026\n", "2026-01-13T10:00:00+00:00"),
        (b"From 17@xxx Tue Jan 13 10:00:00 +0100 2026\r\n", "2026-01-13T09:00:00+00:00"),
        (b"From \n", None),
    ],
)
def test_the_from_line_says_when_the_mail_came(tmp_path, line, when):
    path = tmp_path / "box"
    path.write_bytes(line + ONE)
    with path.open("rb") as file:
        (place,) = mbox.places(file)
        head, at = mbox.head(file, place, 4096)
    assert (head, at and at.isoformat()) == (ONE, when)
