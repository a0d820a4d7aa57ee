from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from rules.calendar_ends import ends
from rules.clocks import plan
from rules.load import loads
from rules.public_holidays import by_codes, by_word

At = Callable[..., datetime]
RULES = """
desk: {zone: America/Chicago}
calendars:
  office: {mon-fri: 08:00-17:00, closed: [us-federal, 2026-12-24, 2026-12-28 to 2026-12-30, 12-31]}
clocks:
  callback: {within: 2h, calendar: office}
"""


@pytest.mark.parametrize(
    ("word", "day", "name"),
    [
        ("us-federal", date(2026, 11, 26), "Thanksgiving Day"),
        ("us-federal", date(2026, 7, 3), "Independence Day (observed)"),
        ("us-federal", date(2021, 12, 31), "New Year's Day (observed)"),  # of the year after
        ("us", date(2026, 12, 25), "Christmas Day"),
        ("us-tx", date(2026, 3, 2), "Texas Independence Day"),
        ("us-federal", date(2026, 3, 2), None),
        ("DE-BY", date(2026, 1, 6), "Epiphany"),
        ("us-federal", date(2101, 12, 25), None),  # nobody knows it that far ahead, and `ends` says so
    ],
)
def test_a_region_is_named_in_a_word(word: str, day: date, name: str | None) -> None:
    assert by_word(word).on(day) == name


def test_the_day_kept_for_a_weekends_holiday_may_be_left_out() -> None:
    plain = by_codes("us", "us", None, observed=False)
    assert (plain.on(date(2026, 7, 3)), plain.on(date(2026, 7, 4))) == (None, "Independence Day")


def test_what_is_closed_is_passed_over_and_named(at: At) -> None:
    office = loads(RULES, "rules.yaml").calendars["office"]
    assert [office.closing(date(2026, 12, day)) for day in (24, 25, 28, 30, 31)] == [
        "closed", "Christmas Day", "closed", "closed", "closed",
    ]  # fmt: skip
    assert office.closing(date(2027, 12, 31)) == "closed"
    assert office.count(at("2026-12-23 16:00"), timedelta(hours=2))[0] == at("2027-01-04 09:00")


def test_some_days_of_each_year_may_go_over_its_turn(at: At) -> None:
    office = loads(RULES.replace("12-31]", "12-31 to 01-02, 02-28 to 03-01]"), "rules.yaml").calendars["office"]
    closed = [date(2027, 12, 31), date(2028, 1, 1), date(2028, 1, 2), date(2028, 2, 29), date(2029, 3, 1)]
    assert [office.closing(day) for day in closed if day.weekday() < 5] == ["closed"] * 3
    assert [office.closing(day) for day in (date(2028, 1, 3), date(2028, 3, 2))] == [None, None]


def test_a_region_that_is_always_on_holiday_when_the_desk_would_open_is_a_mistake(
    mistakes: Callable[[str], list[str]],
) -> None:
    days = ", ".join(f"{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 32) if _exists(month, day))
    told = mistakes(f"calendars: {{never: {{zone: UTC, mon-fri: 08:00-17:00, closed: [{days}]}}}}")
    assert told == ['rules.yaml:1:62: "never" is never open: every day that has hours is closed']


def test_a_calendar_that_is_closed_for_years_is_a_mistake(mistakes: Callable[[str], list[str]]) -> None:
    days = "2026-01-01 to 2026-12-31, 2027-01-01 to 2027-06-30, 2020-01-01"
    (told,) = mistakes(f"calendars: {{gone: {{zone: UTC, mon: 08:00-17:00, closed: [{days}]}}}}")
    assert told.startswith("rules.yaml:1:57: closed for more than a year, from 2026-01-01 to 2027-06-30")


@pytest.mark.parametrize(
    ("today", "told"),
    [
        (date(2026, 11, 23), []),
        (date(2027, 1, 1), ["the last of its own closed days was 2026-12-30"]),
        (date(2100, 1, 1), ["the last of its own", "public holidays of us-federal are known to the end of 2100"]),
    ],
)
def test_a_calendar_that_ends_is_named(today: date, told: list[str]) -> None:
    found = list(ends(loads(RULES, "rules.yaml").calendars["office"], today))
    assert len(found) == len(told)
    assert all(begin in sentence for begin, sentence in zip(told, found, strict=True))


def test_a_clock_beyond_what_is_known_says_so(at: At) -> None:
    (clock,) = loads(RULES, "rules.yaml").clocks
    planned = plan(clock, "medium", at("2101-12-23 16:00"))
    assert planned is not None
    assert "holidays are known of us-federal to 2100 alone" in planned.explanation


def _exists(month: int, day: int) -> bool:
    try:
        date(2024, month, day)
    except ValueError:
        return False
    return True
