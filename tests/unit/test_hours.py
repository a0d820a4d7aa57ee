"""Open hours as a line for customers."""

from zoneinfo import ZoneInfo

import pytest

from inboxd.letters.compose import hours
from inboxd.templates import Words, load
from rules.calendars import Calendar

NINE_TO_FIVE = ((540, 1020),)


def calendar(*week: tuple[tuple[int, int], ...]) -> Calendar:
    return Calendar(name="office", zone=ZoneInfo("America/Chicago"), week=week)


@pytest.mark.parametrize(
    ("week", "told"),
    [
        ([NINE_TO_FIVE] * 5 + [(), ()], "Monday to Friday 09:00-17:00 (America/Chicago)"),
        ([NINE_TO_FIVE] * 4 + [((540, 720),), ((600, 720),), ()],
         "Monday to Thursday 09:00-17:00; Friday 09:00-12:00; Saturday 10:00-12:00 (America/Chicago)"),
        ([((540, 720), (780, 1020))] + [()] * 6, "Monday 09:00-12:00, 13:00-17:00 (America/Chicago)"),
        ([()] * 6 + [((0, 1440),)], "Sunday 00:00-24:00 (America/Chicago)"),
        ([((0, 1440),)] * 7, "around the clock"),
    ],
)  # fmt: skip
def test_a_week(week, told: str) -> None:
    assert hours(calendar(*week), Words()) == told


def test_another_language_and_no_calendar() -> None:
    german = load(None, "de").words_of("de-AT")
    assert hours(calendar(*[NINE_TO_FIVE] * 5, (), ()), german).startswith("Montag bis Freitag 09:00")
    assert hours(None, german) == ""
