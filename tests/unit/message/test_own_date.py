"""When an old mail is from, and whose word that is."""

from datetime import UTC, datetime, timedelta

import pytest

from inboxd.message import own_date

NOW = datetime(2026, 1, 13, 16, tzinfo=UTC)
KEPT = datetime(2024, 5, 5, tzinfo=UTC)
HOP = b"Received: from a.example by b.example with ESMTP id 1; "


def head(*lines: bytes) -> bytes:
    return b"\r\n".join((*lines, b"From: ops@acme.example", b"", b"body"))


@pytest.mark.parametrize(
    ("lines", "at", "source"),
    [
        ([b"Date: Tue, 12 Mar 2019 10:00:00 +0100"], datetime(2019, 3, 12, 9, tzinfo=UTC), "date"),
        (
            [HOP + b"Tue, 12 Mar 2019 18:00:00 +0000 (UTC)", b"Date: Tue, 12 Mar 2019 10:00:00 +0100"],
            datetime(2019, 3, 12, 9, tzinfo=UTC),
            "date",
        ),
        # A clock that is a year behind: the server knows better.
        (
            [HOP + b"Tue, 12 Mar 2019 18:00:00 +0000", b"Date: Mon, 12 Mar 2018 10:00:00 +0100"],
            datetime(2019, 3, 12, 18, tzinfo=UTC),
            "received",
        ),
        # A spammer's date in the future.
        (
            [HOP + b"Tue, 12 Mar 2019 18:00:00 +0000", b"Date: Mon, 18 Jan 2038 10:00:00 +0000"],
            datetime(2019, 3, 12, 18, tzinfo=UTC),
            "received",
        ),
        ([HOP + b"Tue, 12 Mar 2019 18:00:00 +0000"], datetime(2019, 3, 12, 18, tzinfo=UTC), "received"),
        # The topmost one that can be read: it is the last server's.
        (
            [
                b"Received: by mx.example; someday",
                HOP + b"Tue, 12 Mar 2019 18:00:00 +0000",
                HOP + b"Mon, 11 Mar 2019 18:00:00 +0000",
                b"Date: sometime",
            ],
            datetime(2019, 3, 12, 18, tzinfo=UTC),
            "received",
        ),
        ([b"Date: Thu, 01 Jan 1970 00:00:00 +0000"], KEPT, "kept"),
        ([b"Date: Mon, 18 Jan 2038 10:00:00 +0000"], KEPT, "kept"),
        ([HOP + b"Mon, 18 Jan 2038 10:00:00 +0000", b"Date: Tue, 12 Mar 2019 10:00:00 +0100"],
         datetime(2019, 3, 12, 9, tzinfo=UTC), "date"),
        ([b"Received: from a.example by b.example"], KEPT, "kept"),
        ([], KEPT, "kept"),
    ],
)  # fmt: skip
def test_the_date_field_counts_where_the_servers_bear_it_out(lines, at, source):
    assert own_date.of_head(head(*lines), kept=KEPT, now=NOW) == own_date.OwnDate(at=at, source=source)


def test_nothing_is_from_the_future():
    found = own_date.choose(date=None, received=None, kept=NOW + timedelta(days=1), now=NOW)
    assert found == own_date.OwnDate(at=NOW, source="kept")


@pytest.mark.parametrize("rubbish", [b"", b"\x00\xff" * 5000, b"Date:\r\n" * 2000, b"Received: ;\r\nDate: ;;\r\n\r\n"])
def test_any_bytes_have_a_date(rubbish):
    assert own_date.of_head(rubbish, kept=KEPT, now=NOW).source == "kept"
