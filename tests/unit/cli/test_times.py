"""Times on the command line."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from inboxd.cli import times
from inboxd.errors import UsageWrong

NOW = datetime(2026, 1, 13, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-01-13T16:00:00Z", "2026-01-13T16:00:00Z"),
        ("2026-01-13t16:00:00z", "2026-01-13T16:00:00Z"),
        ("2026-01-13 10:00:00-06:00", "2026-01-13T16:00:00Z"),
        ("2026-01-13T16:00:00.25+00:00", "2026-01-13T16:00:00.250Z"),
    ],
)
def test_rfc_3339_is_read_and_written_in_utc(text, utc):
    assert times.write(times.read(text)) == utc


@pytest.mark.parametrize(
    "text",
    ["", "now", "2026-01-13", "2026-01-13T16:00:00", "2026-01-13T16:00Z",
     "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
     "2026-W03-2T00:00:00Z", "20260113T160000Z", "٢٠٢٦-01-13T16:00:00Z", "0001-01-01T00:00:00+10:00"],
)  # fmt: skip
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(UsageWrong, match="2026-01-13T16:00:00Z"):
        times.read(text)


@pytest.mark.parametrize(
    ("text", "ahead"), [("", 0), ("30m", 1800), ("4h", 14400), ("2d", 172800), ("2026-01-13T17:00:00Z", 3600)]
)
def test_a_point_ahead_is_a_duration_or_a_time(text, ahead):
    assert times.ahead(text, NOW) == NOW + timedelta(seconds=ahead)


@pytest.mark.parametrize("text", ["soon", "4", "h", "-4h", "4w", "4 h"])
def test_a_point_ahead_of_another_form_is_refused(text):
    with pytest.raises(UsageWrong, match="duration"):
        times.ahead(text, NOW)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0s"),
        (0, "0s"),
        (59, "59s"),
        (60, "1m"),
        (7199, "1h"),
        (200000, "2d"),
        (63071999, "729d"),
        (63072000, "2y"),
    ],
)
def test_ages_are_said_in_their_largest_unit(seconds, said):
    assert times.age(seconds) == said


@pytest.mark.parametrize(
    ("stored", "zone", "expected"),
    [
        ("2026-01-13T16:00:00Z", "America/Chicago", "2026-01-13 10:00:00 CST"),
        ("2026-07-13T16:00:00Z", "America/Chicago", "2026-07-13 11:00:00 CDT"),
        ("2026-01-13T20:00:00.250Z", "Asia/Tokyo", "2026-01-14 05:00:00 JST"),
        (None, "UTC", ""),
    ],
)
def test_people_read_times_in_the_zone_of_their_desk(stored, zone, expected):
    assert times.shown(stored, ZoneInfo(zone)) == expected
