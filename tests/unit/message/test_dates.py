"""The Date field in the forms that mailers write."""

from datetime import UTC, datetime

import pytest

from inboxd.message import dates, parse


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Tue, 3 Jun 2025 12:00:00 +0200", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("Tue, 3 Jun 2025 22:00:00 NZST", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("Tue, 3 Jun 2025 12:00:00 MESZ", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("Tue, 3 Jun 2025 12:00:00 MET DST", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("2025-06-03T12:00:00+02", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("2025-06-03 12.00.00 +0200", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("Tue, 3 Jun 2025 12:00:00 +02", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("Tue, 3 Jun 2025 12:00:00 GMT+2", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("3 Jun 2025 12:00 +0200 (CEST)", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("Tue, 3 Jun 25 10:00:00 GMT", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("Tue, 03 Jun 2025 06:00:00 EDT", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("Tue Jun  3 10:00:00 2025", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("2025-06-03T10:00:00Z", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("Tue, 3 Jun 2025 10:00:60 +0000", datetime(2025, 6, 3, 10, 1, tzinfo=UTC)),
        ("Tue, 3 Jun 2025 10:00:00 AM +0000", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("3-Jun-2025 10:00:00 UT", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("Tue, 3 Juin 2025 12:00:00 +0200", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("3 juillet 2025 10:00:00", datetime(2025, 7, 3, 10, tzinfo=UTC)),
        ("Tue Jun 3 2025 12:00:00 GMT+0200 (CEST)", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("3-6-2025 10:00:00", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("Tue, 3 Jun 2025 12:00:00 0200", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("Tue, 3 Jun 2025 10:00:00 -1234567890", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ('"Tue, 3 Jun 2025 10:00:00 +0000"', datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("вт, 3 июн 2025 13:00:00 +0300", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("<Tue, 3 Jun 2025 10:00:00 +0000>", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("Tue, Jun 3, 2025 at 10:00:00 AM", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("3/Jun/2025 10:00:00 +0000", datetime(2025, 6, 3, 10, tzinfo=UTC)),
        ("2025-06-03", datetime(2025, 6, 3, tzinfo=UTC)),
        ("Tue, 3 Jun 2025", datetime(2025, 6, 3, tzinfo=UTC)),
        ("Tue, 31 Feb 2025 10:00:00 +0000", None),
        ("Tue, 3 Jun 9999999 10:00:00 +0000", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_date_is_an_instant_in_utc_or_none(value, expected):
    assert dates.parse(value) == expected


def test_a_date_that_cannot_be_read_is_a_defect(mail):
    parsed = parse(mail("Date: soon"))
    assert parsed.date is None
    assert "the date cannot be read" in parsed.defects
