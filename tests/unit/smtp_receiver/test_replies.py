"""The table of replies, and the page that lists it."""

import errno
import re
from pathlib import Path

import pytest

from inboxd.errors import Deferred
from inboxd.smtp_receiver import replies

ALL = {name: text for name, text in vars(replies).items() if name.isupper() and isinstance(text, str)}
PAGE = Path(__file__).parents[3] / "docs" / "smtp.md"


@pytest.mark.parametrize("text", [text for name, text in ALL.items() if name != "SEND_BODY"])
def test_code_and_enhanced_code_are_of_one_class(text):
    code, enhanced, _ = text.split(" ", 2)
    # RFC 2034 4; 3yz replies carry none.
    assert re.fullmatch(r"[245]\.\d{1,3}\.\d{1,3}", enhanced)
    assert code[0] == enhanced[0]
    assert text.isascii()
    assert len(text) <= 510


@pytest.mark.parametrize("text", ALL.values())
def test_the_page_lists_every_reply(text):
    code, rest = text[:3], text[4:]
    enhanced, _, words = rest.partition(" ") if rest[0].isdigit() else ("", "", rest)
    row = f"| {code} | {enhanced} | {words} |"
    assert row.replace("  ", " ") in re.sub(r" +", " ", PAGE.read_text("utf-8"))


def test_the_page_lists_every_word_of_the_log():
    package = Path(replies.__file__).parent
    source = "".join(file.read_text("utf-8") for file in package.glob("*.py"))
    words = set(re.findall(r"log\.(?:debug|info|warning|error)\(\s*\"(\w+)\"", source))
    assert len(words) > 10
    page = PAGE.read_text("utf-8")
    assert [word for word in sorted(words) if f"`{word}" not in page] == []


@pytest.mark.parametrize(
    "error",
    [
        Deferred("a"),
        Deferred("a", enhanced="4.3.1"),
        Deferred("two\r\nlines \x1b and \u20ac"),
        OSError(errno.ENOSPC, "secret"),
        OSError("secret"),
        RuntimeError("secret"),
        MemoryError("secret"),
    ],
)
def test_every_fault_of_ours_is_temporary_and_keeps_its_text(error):
    reply = replies.fault(error)
    assert re.fullmatch(r"4\d\d 4\.\d\.\d [ -~]+", reply)
    assert "secret" not in reply
