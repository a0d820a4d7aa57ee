from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rules.calendars import Calendar
from rules.clocks import Clock, ClockChange, Length, changed, combined, count, length, plan
from rules.decision import PRIORITIES
from rules.public_holidays import by_word

At = Callable[..., datetime]
OFFICE = Calendar(name="office", zone=ZoneInfo("America/Chicago"), week=(*[((480, 1020),)] * 5, (), ()))
ALWAYS = Calendar(name="always", zone=ZoneInfo("America/Chicago"), week=tuple([((0, 1440),)] * 7))


def due(within: str, received: datetime, calendar: Calendar = OFFICE) -> datetime:
    planned = plan(
        Clock(name="callback", within=dict.fromkeys(PRIORITIES, length(within)), calendar=calendar), "medium", received
    )
    assert planned is not None
    assert planned.started_at == received
    return planned.due_at


@pytest.mark.parametrize(
    ("text", "minutes", "days"),
    [
        ("30m", 30, 0),
        ("2h", 120, 0),
        ("1h 30m", 90, 0),
        ("1h30m", 90, 0),
        ("45 minutes", 45, 0),
        ("1 hour", 60, 0),
        ("1 business day", 0, 1),
        ("3 business days", 0, 3),
    ],
)
def test_lengths_are_read_as_people_write_them(text: str, minutes: int, days: int) -> None:
    assert length(text) == Length(minutes=minutes, days=days)


@pytest.mark.parametrize(
    "text", ["", " ", "30", "1d", "0m", "0 business days", "m", "-5m", "1.5h", "400 business days", "soon"]
)
def test_what_is_no_length_is_refused_with_what_would_be_right(text: str) -> None:
    with pytest.raises(ValueError, match=r"write 30m|at least 1m|longer than a year"):
        length(text)


def test_a_clock_started_fifteen_minutes_before_closing_is_due_fifteen_minutes_after_the_next_opening(at: At) -> None:
    assert due("30m", at("2026-06-10 16:45")) == at("2026-06-11 08:15")


def test_a_clock_that_ends_exactly_at_closing_time_is_due_at_closing_time(at: At) -> None:
    assert due("30m", at("2026-06-10 16:30")) == at("2026-06-10 17:00")


def test_a_message_at_closing_time_is_counted_from_the_next_opening(at: At) -> None:
    assert due("30m", at("2026-06-10 17:00")) == at("2026-06-11 08:30")


def test_a_clock_starts_when_the_message_was_received_open_or_not(at: At) -> None:
    received = at("2026-06-13 12:00")
    clock = Clock(name="c", within={"medium": length("30m")}, calendar=OFFICE)
    planned = plan(clock, "medium", received)
    assert planned is not None
    assert planned.started_at == received
    assert planned.due_at == at("2026-06-15 08:30")


def test_a_business_day_from_the_middle_of_a_day_ends_in_the_middle_of_the_next(at: At) -> None:
    assert due("1 business day", at("2026-06-12 10:00")) == at("2026-06-15 10:00")
    assert due("1 business day", at("2026-06-12 18:00")) == at("2026-06-15 17:00")


def test_around_the_clock_counts_through_both_changes_of_the_clock(at: At) -> None:
    assert due("24h", at("2026-03-07 12:00"), ALWAYS) == at("2026-03-08 13:00")
    assert due("24h", at("2026-10-31 12:00"), ALWAYS) == at("2026-11-01 11:00")


def test_a_priority_without_a_length_has_no_clock(at: At) -> None:
    clock = Clock(name="c", within={"urgent": length("30m")}, calendar=OFFICE)
    assert plan(clock, "low", at("2026-06-10 09:00")) is None


def test_the_explanation_tells_each_stretch_of_open_time(at: At) -> None:
    clock = Clock(name="c", within={"medium": length("30m")}, calendar=OFFICE)
    planned = plan(clock, "medium", at("2026-06-12 16:45"))
    assert planned is not None
    assert planned.explanation == (
        "30m of office (America/Chicago), received Fri 2026-06-12 16:45 (open): "
        "15m from Fri 2026-06-12 16:45 to Fri 2026-06-12 17:00, 15m from Mon 2026-06-15 08:00 to Mon 2026-06-15 08:15"
    )


def test_the_explanation_names_the_days_that_are_closed_and_why(at: At) -> None:
    calendar = Calendar(
        name="office", zone=ZoneInfo("America/Chicago"), week=OFFICE.week, yearly=frozenset({(12, 24)}),
        holidays=(by_word("us-federal"),),
    )  # fmt: skip
    planned = plan(
        Clock(name="c", within={"medium": length("2h")}, calendar=calendar), "medium", at("2026-12-23 16:00")
    )
    assert planned is not None
    assert planned.due_at == at("2026-12-28 09:00")
    assert planned.explanation.endswith("; closed: Thu 2026-12-24 (closed), Fri 2026-12-25 (Christmas Day)")


def test_a_clock_warns_when_a_quarter_of_it_is_left_or_as_the_rules_say(at: At) -> None:
    quarter = plan(Clock(name="c", within={"low": length("2h")}, calendar=OFFICE), "low", at("2026-06-12 16:00"))
    assert quarter is not None
    assert quarter.warn_at == at("2026-06-15 08:30")
    named = Clock(name="c", within={"low": length("2h")}, calendar=OFFICE, warn=length("90m"))
    planned = plan(named, "low", at("2026-06-12 16:00"))
    assert planned is not None
    assert planned.warn_at == at("2026-06-12 16:30")


def test_what_lies_in_a_pause_does_not_count(at: At) -> None:
    pauses = ((at("2026-06-12 16:30"), at("2026-06-15 09:00")),)
    counted = count(OFFICE, length("1 business day"), at("2026-06-12 10:00"), pauses=pauses)
    assert counted.due_at == at("2026-06-15 11:30")
    assert OFFICE.elapsed(at("2026-06-12 10:00"), at("2026-06-15 11:30"), pauses) == timedelta(hours=9)


def test_the_explanation_of_a_long_clock_leaves_the_middle_out(at: At) -> None:
    clock = Clock(name="c", within={"medium": length("10 business days")}, calendar=OFFICE)
    planned = plan(clock, "medium", at("2026-06-10 10:00"))
    assert planned is not None
    assert planned.explanation.startswith("10 business days = 90h of office")
    assert "… 8 more stretches of open hours …" in planned.explanation


def test_a_received_time_beyond_all_calendars_still_gives_a_clock() -> None:
    clock = Clock(name="c", within={"medium": length("366 business days")}, calendar=OFFICE)
    planned = plan(clock, "medium", datetime(9999, 12, 31, 23, 59, tzinfo=UTC))
    assert planned is not None
    assert planned.due_at.tzinfo is UTC


def test_a_rule_changes_what_it_names_and_leaves_the_rest() -> None:
    clock = Clock(name="c", within={"medium": length("30m")}, calendar=OFFICE)
    assert changed(clock, None) == clock
    assert changed(clock, ClockChange(off=True)) is None
    moved = changed(clock, ClockChange(calendar=ALWAYS))
    assert moved is not None
    assert (moved.within, moved.calendar) == (clock.within, ALWAYS)


def test_of_two_changes_the_later_one_stands_where_it_says_something() -> None:
    shorter = ClockChange(within={"medium": length("10m")})
    both = combined(shorter, ClockChange(calendar=ALWAYS))
    assert both == ClockChange(within=shorter.within, calendar=ALWAYS)
    assert combined(both, ClockChange(off=True)).off
    assert not combined(ClockChange(off=True), shorter).off
