"""Public holidays of a country or of a part of one, by the `holidays` package (vacanza/holidays).

A rules file names them in a word: `us-federal`, `us-ny`, `de`, `de-by`, `gb-eng` (ISO 3166-1 country, ISO 3166-2
subdivision).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from rules.mistakes import short
from rules.yaml_errors import suggest

# A name that says more than its codes: federal holidays are those of the country, without any state's.
_NAMED: Final = {"us-federal": "us"}
_WORD: Final = re.compile(r"[A-Za-z]{2}(?:-[A-Za-z0-9]{1,12})?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holidays:
    """The public holidays of one region.

    name: as the rules file writes it. country, subdivision: codes of ISO 3166; subdivision None is the country alone.
    observed: where a holiday falls on a weekend and another day is kept for it, that day counts, too. ends: the last
    year for which the holidays are known.
    """

    name: str
    country: str
    subdivision: str | None = None
    observed: bool = True
    ends: int

    def on(self, day: date) -> str | None:
        """The name of the holiday on a day; None where it is none, and for every day after the year `ends`."""
        return _days(self.country, self.subdivision, day.year, observed=self.observed).get(day)


@cache
def by_word(word: str) -> Holidays:
    """The holidays that a word such as `us-ny` names; ValueError says what is wrong and what would be right."""
    if not _WORD.match(word):
        raise ValueError(f'"{short(word)}" is no region; write a country (us-federal, de) or a part of one (us-ny)')
    country, _, subdivision = _NAMED.get(word.lower(), word).partition("-")
    return by_codes(word, country, subdivision or None)


@cache
def by_codes(name: str, country: str, subdivision: str | None, *, observed: bool = True) -> Holidays:
    """The holidays of a country and its part; ValueError for codes that the package does not know."""
    known = _countries()
    parts = known.get(country.upper())
    if parts is None:
        near = suggest(country.lower(), [each.lower() for each in known])
        near = near if "did you mean" in near else "; write two letters of ISO 3166, such as us or de"
        raise ValueError(f'no public holidays are known for the country "{short(country)}"{near}')
    part = None
    if subdivision is not None:
        part = next((each for each in parts if each.lower() == subdivision.lower()), None)
        if part is None:
            near = suggest(subdivision.lower(), [each.lower() for each in parts]) if parts else "; it has no parts"
            raise ValueError(f'no public holidays are known for "{short(subdivision)}" in {country.lower()}{near}')
    import holidays

    ends = holidays.country_holidays(country.upper(), subdiv=part).end_year
    return Holidays(name=name, country=country.upper(), subdivision=part, observed=observed, ends=ends)


@cache
def _countries() -> Mapping[str, tuple[str, ...]]:
    import holidays  # by need: 80 ms that only a desk with public holidays pays

    known = holidays.list_supported_countries(include_aliases=False)
    return {country: tuple(parts) for country, parts in known.items()}


@cache
def _days(country: str, subdivision: str | None, year: int, *, observed: bool) -> Mapping[date, str]:
    """The holidays of one year: a table of its own, for the package's grow while they are read, and many threads read.

    The day that is kept for a holiday may lie in the year before or after it (New Year's Day on a Saturday).
    """
    import holidays

    # Names in English where there are any; without a language they would follow the locale of this process.
    whole = holidays.country_holidays(country, subdiv=subdivision)
    language = "en_US" if "en_US" in whole.supported_languages else whole.default_language
    found = holidays.country_holidays(
        country,
        subdiv=subdivision,
        observed=observed,
        years=range(year - 1, year + 2),
        expand=False,
        language=language,
    )
    return {day: name for day, name in found.items() if day.year == year}
