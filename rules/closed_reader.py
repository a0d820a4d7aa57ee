"""`closed` of a calendar: own closed days, the same each year, and public holidays."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from rules.public_holidays import Holidays, by_codes, by_word
from rules.scope import Scope
from rules.yaml_errors import shown
from rules.yaml_places import Loc
from rules.yaml_source import check_value

MOST_ENTRIES: Final = 500
MOST_REGIONS: Final = 10
LONGEST: Final = 366
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d\Z")
_DAYS: Final = re.compile(r"(\S+) (?:to|-|–) (\S+)\Z")
_YEARLY: Final = re.compile(r"(\d\d)-(\d\d)\Z")
_A_LEAP_YEAR: Final = 2024
_LEAP_YEAR: Final = 366  # days
_FORMS: Final = (
    "a date (2026-12-24), days (2026-12-24 to 2027-01-02), a day of each year (12-24, 12-27 to 12-30) or a region "
    "(us-federal)"
)


@dataclass(slots=True)
class Closed:
    """What is closed, while it is being read."""

    days: list[tuple[date, date]] = field(default_factory=list)
    yearly: set[tuple[int, int]] = field(default_factory=set)
    holidays: list[Holidays] = field(default_factory=list)


class _Region(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    country: str
    subdivision: str | None = None
    observed: bool = True


def read_closed(value: Any, loc: Loc, scope: Scope) -> Closed:
    """Read one entry or a list of them; mistakes are noted."""
    found = Closed()
    if isinstance(value, list) and not value:
        scope.mistake(loc, "expected at least one entry, got an empty list")
    whole = value if isinstance(value, list) else [value]
    if len(whole) > MOST_ENTRIES:
        scope.mistake(loc, f"expected at most {MOST_ENTRIES} entries; days in a row are one (2026-12-24 to 2027-01-02)")
        return found
    for number, entry in enumerate(whole):
        at = (*loc, number) if isinstance(value, list) else loc
        try:
            if isinstance(entry, dict):
                _region(entry, at, scope, found)
            elif (text := scope.text(at, entry)) is not None:
                _add(text, found)
        except ValueError as error:
            scope.mistake(at, str(error))
    long = _longest(found.days)
    if long is not None and (long[1] - long[0]).days > LONGEST:
        scope.mistake(
            loc, f"closed for more than a year, from {long[0]} to {long[1]}; a desk that is gone has no calendar"
        )
    if len(found.holidays) > MOST_REGIONS:
        scope.mistake(loc, f"expected the holidays of at most {MOST_REGIONS} regions")
    return found


def _longest(days: list[tuple[date, date]]) -> tuple[date, date] | None:
    """The longest time without a gap in it; a count that has to pass over it would take as long as it is."""
    joined: list[tuple[date, date]] = []
    for first, last in sorted(days):
        if joined and (first - joined[-1][1]).days <= 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return max(joined, key=lambda span: span[1] - span[0], default=None)


def _region(value: dict[str, Any], loc: Loc, scope: Scope, found: Closed) -> None:
    part, mistakes = check_value(_Region, value, scope.document, at=loc)
    for mistake in mistakes:
        scope.note(mistake)
    if part is not None:
        name = "-".join(each for each in (part.country.lower(), part.subdivision and part.subdivision.lower()) if each)
        found.holidays.append(by_codes(name, part.country, part.subdivision, observed=part.observed))


def _add(text: str, found: Closed) -> None:
    if _DATE.match(text):
        found.days.append((_date(text), _date(text)))
    elif (days := _DAYS.match(text)) and _YEARLY.match(days[1]) and _YEARLY.match(days[2]):
        found.yearly |= _days_of_years(text, _day_of_year(days[1]), _day_of_year(days[2]))
    elif days:
        first, last = _date(days[1]), _date(days[2])
        if last < first:
            raise ValueError(f'"{text}" ends before it begins')
        found.days.append((first, last))
    elif _YEARLY.match(text):
        day = _day_of_year(text)
        found.yearly.add((day.month, day.day))
    elif text[:1].isalpha():
        found.holidays.append(by_word(text))
    else:
        raise ValueError(f"expected {_FORMS}, got {shown(text)}")


def _days_of_years(text: str, first: date, last: date) -> set[tuple[int, int]]:
    """Give the days of each year from one to another, over the turn of the year, too: 12-24 to 01-02."""
    number = (last - first).days % _LEAP_YEAR + 1
    if number > _LEAP_YEAR // 2:
        raise ValueError(f'"{text}" is {number} days of each year; write the first day before the last')
    new_year = date(_A_LEAP_YEAR, 1, 1)
    begins = (first - new_year).days
    days = (new_year + timedelta(days=(begins + each) % _LEAP_YEAR) for each in range(number))
    return {(day.month, day.day) for day in days}


def _day_of_year(text: str) -> date:
    try:
        return date.fromisoformat(f"{_A_LEAP_YEAR}-{text}")  # 02-29 is a day of it
    except ValueError:
        raise ValueError(f'"{text}" is no day of a year; write month and day, such as 12-24') from None


def _date(text: str) -> date:
    if not _DATE.match(text):  # fromisoformat takes week dates and more
        raise ValueError(f"expected {_FORMS}, got {shown(text)}")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"there is no day {text}") from None
