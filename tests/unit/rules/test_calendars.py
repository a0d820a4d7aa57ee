from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendars import Calendar

At = Callable[..., datetime]
CHICAGO = ZoneInfo("America/Chicago")
ALL_DAY = ((0, 1440),)


def calendar(
    *week: tuple[tuple[int, int], ...], zone: str = "America/Chicago", closed: tuple[date, ...] = ()
) -> Calendar:
    return Calendar(name="test", zone=ZoneInfo(zone), week=week, closed=tuple((day, day) for day in closed))


OFFICE = calendar(*[((480, 1020),)] * 5, (), ())
ALWAYS = calendar(*[ALL_DAY] * 7)


def open_time(of: Calendar, day: date) -> timedelta:
    return sum((ends - begins for begins, ends in of.intervals(day)), timedelta())


@pytest.mark.parametrize(
    ("time", "state"),
    [
        ("2026-06-10 07:59:59", "closed"),
        ("2026-06-10 08:00", "open"),
        ("2026-06-10 16:59:59", "open"),
        ("2026-06-10 17:00", "closed"),
        ("2026-06-13 12:00", "closed"),
    ],
)
def test_opening_time_is_open_and_closing_time_is_closed(at: At, time: str, state: str) -> None:
    assert OFFICE.state(at(time)) == state


def test_hours_are_those_of_the_zone_not_of_the_caller() -> None:
    assert OFFICE.state(datetime(2026, 6, 10, 13, 0, tzinfo=UTC)) == "open"
    assert OFFICE.state(datetime(2026, 1, 14, 13, 0, tzinfo=UTC)) == "closed"
    assert OFFICE.state(datetime(2026, 6, 10, 15, 0, tzinfo=ZoneInfo("Europe/Berlin"))) == "open"


def test_a_day_named_closed_is_closed(at: At) -> None:
    closed = calendar(*[((480, 1020),)] * 7, closed=(date(2026, 12, 24),))
    assert closed.state(at("2026-12-24 09:00")) == "closed"
    assert closed.count(at("2026-12-23 16:30"), timedelta(hours=1))[0] == at("2026-12-25 08:30")


def test_a_count_that_ends_exactly_at_closing_time_is_due_at_closing_time(at: At) -> None:
    assert OFFICE.count(at("2026-06-10 16:30"), timedelta(minutes=30))[0] == at("2026-06-10 17:00")


def test_what_is_left_at_closing_time_is_counted_from_the_next_opening(at: At) -> None:
    assert OFFICE.count(at("2026-06-12 16:45"), timedelta(minutes=30))[0] == at("2026-06-15 08:15")


def test_a_count_that_begins_while_closed_begins_at_the_next_opening(at: At) -> None:
    assert OFFICE.count(at("2026-06-12 18:20"), timedelta(minutes=30))[0] == at("2026-06-15 08:30")


def test_two_spans_of_a_day_leave_the_break_between_them_out(at: At) -> None:
    breaks = calendar(*[((480, 720), (780, 1020))] * 7)
    assert breaks.state(at("2026-06-10 12:30")) == "closed"
    assert breaks.count(at("2026-06-10 11:45"), timedelta(minutes=30))[0] == at("2026-06-10 13:15")


def test_the_hour_that_spring_takes_away_is_not_counted(at: At) -> None:
    assert open_time(ALWAYS, date(2026, 3, 8)) == timedelta(hours=23)
    assert ALWAYS.count(at("2026-03-08 01:30"), timedelta(hours=1))[0] == at("2026-03-08 03:30")


def test_the_hour_that_autumn_gives_twice_is_counted_twice(at: At) -> None:
    assert open_time(ALWAYS, date(2026, 11, 1)) == timedelta(hours=25)
    assert ALWAYS.count(at("2026-11-01 00:30"), timedelta(hours=3))[0] == at("2026-11-01 02:30")


def test_an_opening_in_the_hour_that_spring_takes_away_is_the_jump(at: At) -> None:
    night = calendar(*[((150, 300),)] * 7)  # 02:30-05:00
    assert night.intervals(date(2026, 3, 8)) == ((at("2026-03-08 03:00"), at("2026-03-08 05:00")),)
    assert night.state(at("2026-03-08 03:00")) == "open"


def test_a_span_inside_of_the_hour_that_spring_takes_away_is_no_open_time(at: At) -> None:
    night = calendar(*[((120, 180),)] * 7)  # 02:00-03:00
    assert night.intervals(date(2026, 3, 8)) == ()
    assert night.count(at("2026-03-08 00:00"), timedelta(minutes=30))[0] == at("2026-03-09 02:30")


def test_hours_around_the_hour_that_autumn_gives_twice_are_open_without_a_gap() -> None:
    night = calendar(*[((0, 90), (90, 180))] * 7)  # 00:00-01:30, 01:30-03:00
    assert all(
        night.state(datetime(2026, 11, 1, 5, 0, tzinfo=UTC) + timedelta(minutes=m)) == "open" for m in range(240)
    )
    assert night.count(datetime(2026, 11, 1, 5, 0, tzinfo=UTC), timedelta(hours=4))[0] == datetime(
        2026, 11, 1, 9, 0, tzinfo=UTC
    )


def test_a_zone_that_changes_its_clock_at_midnight_loses_no_time() -> None:
    # Beirut goes from 24:00 to 23:00 in autumn, and from 00:00 to 01:00 in spring.
    beirut = calendar(*[ALL_DAY] * 7, zone="Asia/Beirut")
    assert open_time(beirut, date(2026, 10, 24)) == timedelta(hours=25)
    assert open_time(beirut, date(2026, 3, 29)) == timedelta(hours=23)
    start = datetime(2026, 10, 24, 18, 0, tzinfo=UTC)
    assert all(beirut.state(start + timedelta(minutes=10 * step)) == "open" for step in range(60))


def test_a_business_day_is_the_open_hours_of_one_day(at: At) -> None:
    assert OFFICE.business_days(at("2026-06-10 10:00"), 1) == timedelta(hours=9)
    short_friday = calendar(*[((480, 1020),)] * 4, ((480, 720),), (), ())
    assert short_friday.business_days(at("2026-06-12 10:00"), 1) == timedelta(hours=4)
    assert short_friday.business_days(at("2026-06-11 10:00"), 2) == timedelta(hours=13)
    assert short_friday.business_days(at("2026-06-12 13:00"), 1) == timedelta(hours=9)


@pytest.mark.parametrize("year", [1, 9999])
def test_times_at_the_edges_of_the_calendar_are_answered(year: int) -> None:
    edge = datetime(year, 1, 1, tzinfo=UTC) if year == 1 else datetime(year, 12, 31, 23, 59, tzinfo=UTC)
    assert OFFICE.state(edge) in ("open", "closed")
    assert OFFICE.count(edge, timedelta(minutes=30))[0].tzinfo is UTC


SPANS = st.lists(st.integers(0, 48), min_size=2, max_size=6, unique=True).map(
    lambda points: tuple((a * 30, b * 30) for a, b in zip(sorted(points)[::2], sorted(points)[1::2], strict=False))
)


@settings(deadline=None, database=None, max_examples=200)
@given(
    week=st.lists(st.one_of(st.just(()), SPANS), min_size=7, max_size=7).filter(any),
    zone=st.sampled_from(["America/Chicago", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Beirut", "UTC"]),
    start=st.integers(0, 3 * 366 * 24 * 60).map(
        lambda minute: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    ),
    minutes=st.integers(1, 3000),
)
def test_between_start_and_due_exactly_the_counted_time_is_open(
    week: list[tuple[tuple[int, int], ...]], zone: str, start: datetime, minutes: int
) -> None:
    of = calendar(*week, zone=zone)
    due, used = of.count(start, timedelta(minutes=minutes))
    assert sum((piece.ends - piece.begins for piece in used), timedelta()) == timedelta(minutes=minutes)
    assert used[-1].ends == due
    assert all(earlier.ends <= later.begins for earlier, later in pairwise(used))
    assert start <= used[0].begins
    assert all(of.state(piece.begins) == "open" for piece in used)
    if used[0].begins > start:
        assert of.state(start) == "closed"
