"""The arithmetic of calendars against a slow one that looks at each minute of the wall clock and nothing else."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendars import Calendar, Interval
from rules.public_holidays import by_word

MINUTE = timedelta(minutes=1)
LONGEST = 20 * 24 * 60

# No span begins or ends in an hour that a zone gives twice or takes away: there the wall clock alone does not say what
# is meant, and tests of their own say what we do. Around them, and through them, everything is counted.
SPAN = st.lists(st.integers(8, 48), min_size=2, max_size=4, unique=True).map(
    lambda points: tuple((a * 30, b * 30) for a, b in zip(sorted(points)[::2], sorted(points)[1::2], strict=False))
)
DAY = st.one_of(st.just(()), st.just(((0, 1440),)), SPAN)
# Clocks go forward and back within a week of each of these; the last has public holidays and days of its own.
MONTHS = ("2026-03-05", "2026-10-22", "2026-10-29", "2026-04-02", "2026-12-21")
STARTS = st.builds(
    lambda day, minute: datetime.fromisoformat(day).replace(tzinfo=UTC) + minute * MINUTE,
    st.sampled_from(MONTHS),
    st.integers(0, 6 * 24 * 60),
)
CALENDARS = st.builds(
    lambda week, zone, closed: Calendar(
        name="test",
        zone=ZoneInfo(zone),
        week=tuple(week),
        closed=((date(2026, 3, 9), date(2026, 3, 10)),) if closed else (),
        yearly=frozenset({(12, 24)}) if closed else frozenset(),
        holidays=(by_word("us-federal"), by_word("de-by")) if closed else (),
    ),
    st.lists(DAY, min_size=7, max_size=7).filter(lambda week: sum(map(bool, week)) > 1),
    st.sampled_from(["America/Chicago", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
    st.booleans(),
)
KEPT = {(2026, 12, 24), (2026, 12, 25), (2026, 12, 26), (2026, 3, 9), (2026, 3, 10), (2026, 4, 3), (2026, 4, 6)}
KEPT |= {(2026, 11, 1), (2026, 11, 11), (2027, 1, 1), (2027, 1, 6)}


def is_open(of: Calendar, at: datetime) -> bool:
    """The definition, for the minute that begins now: what the wall shows, in what hangs beside the door."""
    wall = at.astimezone(of.zone)
    if of.holidays and (wall.year, wall.month, wall.day) in KEPT:
        return False
    return any(begins <= wall.hour * 60 + wall.minute < ends for begins, ends in of.week[wall.weekday()])


def is_paused(at: datetime, pauses: tuple[Interval, ...]) -> bool:
    return any(begins <= at < ends for begins, ends in pauses)


def slow_count(of: Calendar, start: datetime, minutes: int, pauses: tuple[Interval, ...]) -> datetime | None:
    """When so many open minutes have gone; None when they have not within the longest that is looked at."""
    at = start
    for _ in range(LONGEST):
        if is_open(of, at) and not is_paused(at, pauses):
            minutes -= 1
            if minutes == 0:
                return at + MINUTE
        at += MINUTE
    return None


@settings(deadline=None, database=None, max_examples=60)
@given(
    of=CALENDARS,
    start=STARTS,
    minutes=st.integers(1, 1200),
    gaps=st.lists(st.integers(1, 900), max_size=6),
)
def test_a_count_ends_where_counting_minute_by_minute_ends(
    of: Calendar, start: datetime, minutes: int, gaps: list[int]
) -> None:
    pauses, at = [], start
    for first, second in zip(gaps[::2], gaps[1::2], strict=False):
        pauses.append((at + first * MINUTE, at + (first + second) * MINUTE))
        at = pauses[-1][1]
    expected = slow_count(of, start, minutes, tuple(pauses))
    due, _ = of.count(start, minutes * MINUTE, pauses)
    if expected is None:
        assert due > start + LONGEST * MINUTE
    else:
        assert due == expected
        assert of.elapsed(start, due, pauses) == minutes * MINUTE
        assert of.elapsed(start, due + timedelta(seconds=1), pauses) <= minutes * MINUTE + timedelta(seconds=1)


@settings(deadline=None, database=None, max_examples=100)
@given(of=CALENDARS, start=STARTS)
def test_it_is_open_when_the_wall_clock_says_so(of: Calendar, start: datetime) -> None:
    assert (of.state(start) == "open") is is_open(of, start)
