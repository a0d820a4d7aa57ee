"""How far a calendar is known: dates go by, and nobody knows holidays for ever."""

from collections.abc import Iterator
from datetime import date

from rules.calendars import Calendar


def ends(calendar: Calendar, today: date) -> Iterator[str]:
    """A sentence for each part of a calendar that has ended, or ends this year."""
    last = max((until for _, until in calendar.closed), default=None)
    if last is not None and last < today:
        yield f"the last of its own closed days was {last}; name those to come, or a day of each year: {last:%m-%d}"
    for holidays in calendar.holidays:
        if holidays.ends <= today.year:
            known = f"public holidays of {holidays.name} are known to the end of {holidays.ends}"
            yield f"{known}; afterwards its days count as open, unless you name them"
