"""Whether digits are a telephone number, and which."""

from __future__ import annotations

import re
from functools import cache

import phonenumbers

_FICTION = re.compile(r"\+1(?:[2-9]\d\d)?55501\d\d")
"""Kept for examples by the North American plan: desks are tried out with them, so they count as numbers."""
_SHORTEST = 4
"""Figures of a number with its country: none has fewer."""
_SHORTEST_DIALLED = 7
"""At most so many are asked of one without: what is dialled for abroad has them, and the shortest of `_FICTION`."""
_ABROAD = "00"
"""What most of the world dials before a country's code (ITU-T E.164): said by callers from there."""


def e164(digits: str, region: str | None, *, plus: bool = False) -> tuple[str, bool] | None:
    """Return the E.164 form of dialled or dictated digits, and whether such a number is given out to anybody.

    `region`: where it was said, ISO 3166-1 ("US"), None where that is not known. Returns
    None for what has not even a possible length there.
    """
    if len(digits) < (_SHORTEST if plus else shortest(region)):
        return None
    # "1 555 0142" begins with its country without saying so: read it so where it is no number of the country itself.
    own = str(phonenumbers.country_code_for_region(region)) if region else ""
    forms = [f"+{digits}"] if plus else [digits, *([f"+{digits}"] if digits.startswith(own) else [])]
    if digits.startswith(_ABROAD):
        forms.append(f"+{digits.removeprefix(_ABROAD)}")
    for written in forms:
        try:
            number = phonenumbers.parse(written, region)
        except phonenumbers.NumberParseException:
            continue
        text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if _FICTION.fullmatch(text):
            return text, True
        # With an area code: a local number cannot be called from elsewhere.
        if phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE:
            return text, phonenumbers.is_valid_number(number)
    return None


@cache
def shortest(region: str | None) -> int:
    """Return how many figures a number has at least that was said in a region without a plus before it."""
    if region is None:
        return _SHORTEST
    # Whether a length is possible is asked of the first of the regions that share a country's code. Some islands dial
    # without the area code that is part of each of their numbers: those lengths count, too.
    first = phonenumbers.region_code_for_country_code(phonenumbers.country_code_for_region(region))
    known = [phonenumbers.PhoneMetadata.metadata_for_region(each, None) for each in (region, first)]
    numbers = [each.general_desc for each in known if each is not None and each.general_desc is not None]
    lengths = {length for each in numbers for length in (*each.possible_length, *each.possible_length_local_only)}
    return min(lengths | {_SHORTEST_DIALLED}) if lengths else _SHORTEST
