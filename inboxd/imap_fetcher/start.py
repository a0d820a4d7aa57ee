"""What becomes of the mail that lay in a folder at the first look (`start`)."""

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from inboxd.intake.door import milliseconds, now_ms
from inboxd.settings import Start

_DAY_MS = 24 * 3600 * 1000

Verdict = Literal["old", "history", "new"]


def verdict(start: Start, internal_date: datetime | None, *, first_at: int, zone: ZoneInfo) -> Verdict:
    """Say what a mail is whose UID was given out before the first look, at `first_at` (milliseconds).

    A server may show a mail late, after others with higher UIDs: one that came after the first look is new. A time in
    the future is some importer's, not one of arrival.
    """
    if internal_date is not None and first_at < milliseconds(internal_date) <= now_ms() + _DAY_MS:
        return "new"
    match start.what:
        case "now":
            return "old"
        case "history":
            return "history"
        case "all":
            return "new"
        case "date":
            assert start.since is not None
            # Without a date nobody can tell; a mail too many is better than one too few.
            return "old" if internal_date and internal_date.astimezone(zone).date() < start.since else "new"
