"""The words of a recording beside their times."""

from datetime import UTC

from inboxd.cli import ticket_page, timed_words
from tests.unit.cli.conftest import ticket


def spoken(*words):
    return [{"text": text, "start": start, "end": start + 0.3, "confidence": 0.9} for text, start in words]


WORDS = spoken(("Hello.", 1.2), ("The", 1.6), ("fax", 2.0), ("is", 2.4), ("down", 2.8), ("call", 64.9), ("me", 65.3))


def test_each_sentence_and_what_follows_a_pause_has_its_start():
    assert timed_words.lines({"words": WORDS}) == ["0:01  Hello.", "0:01  The fax is down", "1:04  call me"]


def test_without_times_nothing_is_made_up():
    assert timed_words.lines({"text": "hello", "words": []}) == []
    assert timed_words.lines({}) == []


def test_a_ticket_shows_them_and_what_is_probably_meant():
    transcript = {
        "text": " ".join(word["text"] for word in WORDS),
        "engine": "moonshine",
        "confidence": 0.9,
        "words": WORDS,
        "duration": 66.0,
        "note": None,
        "probably": [{"heard": "fax", "meant": "RightFax"}],
        "corrected_by": None,
        "machine": None,
    }
    entry = {
        "kind": "voicemail",
        "at": "2026-01-13T16:00:00Z",
        "author": "+15550100",
        "text": None,
        "authentication": None,
        "attachments": [],
        "transcript": transcript,
    }
    page = ticket_page.render(ticket("10010-1", entries=[entry]), UTC).splitlines()
    start = next(number for number, line in enumerate(page) if line.endswith("0:01  The fax is down"))
    assert page[start + 1].endswith("1:04  call me")
    assert page[start + 3] == "  heard 'fax', probably 'RightFax'"
