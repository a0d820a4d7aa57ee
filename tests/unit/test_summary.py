"""The line by which people know a voicemail in a list."""

from typing import Any

import pytest

from inboxd import summary

ACME = {"id": "acme", "name": "Acme Widgets", "plan": None}


@pytest.mark.parametrize(
    ("caller", "account", "by", "line"),
    [
        ("+15550100", ACME, "caller-id", "+1 555 0100 (Acme Widgets, by caller ID)"),
        ("+15550100", ACME, "spoken-account", "+1 555 0100 (Acme Widgets, by caller ID and what was said)"),
        ("+15550100", ACME, None, "+1 555 0100 (Acme Widgets)"),  # staff settled it
        ("+19525550142", None, None, "+1 952 555 0142"),
        ("+493023125014", None, None, "+493023125014"),
        ("anonymous", None, None, "number withheld"),
        (None, None, None, "number unknown"),
    ],
)
def test_it_says_who_and_how_that_is_known(caller: str | None, account: Any, by: str | None, line: str) -> None:
    words = "fax server is down since this morning"
    assert summary.subject(caller, account, by=by, words=words, duration=42.9) == f"Voicemail, 0:42, {line}: {words}"


@pytest.mark.parametrize(
    ("seconds", "length"),
    [(None, ""), (0, ""), (0.4, ", 0:01"), (59.9, ", 0:59"), (60, ", 1:00"), (3725, ", 62:05")],
)
def test_a_length_is_shown_where_there_is_one(seconds: float | None, length: str) -> None:
    assert summary.subject("anonymous", None, by=None, duration=seconds) == f"Voicemail{length}, number withheld"


def test_a_persons_words_take_the_place_of_the_machines_or_of_its_excuse() -> None:
    head = "Voicemail, 0:42, +1 555 0100"
    heard = {"text": "Facts over is town.", "note": None}
    assert (
        summary.corrected(f"{head}: Facts over is town", heard, "fax server is down") == f"{head}: fax server is down"
    )
    unheard = f"{head}: the file is empty"
    excuse = {"text": "", "note": "the file is empty"}
    assert summary.corrected(unheard, excuse, "fax server is down") == f"{head}: fax server is down"
    assert summary.corrected("another line", heard, "fax server is down") == "another line"
