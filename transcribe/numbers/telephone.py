"""Whether digits are a telephone number, and which."""

from __future__ import annotations

import re

import phonenumbers

_FICTION = re.compile(r"\+1(?:[2-9]\d\d)?55501\d\d")
"""Kept for examples by the North American plan: desks are tried out with them, so they count as numbers."""
_ABROAD = "00"
"""What most of the world dials before a country's code (ITU-T E.164): said by callers from there."""


def e164(digits: str, region: str | None, *, plus: bool = False) -> tuple[str, bool] | None:
    """Return the E.164 form of dialled or dictated digits, and whether such a number is given out to anybody.

    `region`: where it was said, ISO 3166-1 ("US"), None where that is not known. Returns
    None for what has not even a possible length there.
    """
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
