"""Telephone numbers as people write and say them, in the form in which they are compared: E.164 (ITU-T)."""

import re
from functools import lru_cache
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberFormat

_NUMBER: Final = re.compile(r"\+?[0-9]{4,17}")
_DRESSING: Final = re.compile(r"[\s().\-/]+")


def e164(text: str, *, near: str | None = None) -> str | None:
    """Return a number in E.164 form; None for what cannot be one.

    `near` is a number of the place it was said at (the line called, or the caller), in E.164: its country counts for a
    number that names none. A number with its country may be a test number such as +1 555 0100: what nobody can dial is
    told by the call, not here.
    """
    bare = _DRESSING.sub("", text)
    if _NUMBER.fullmatch(bare) is None:
        return None
    region = region_of(near)
    # "1 555 0111" begins with its country without saying so: read it so where it is no number of the country itself.
    for written in (bare, f"+{bare.lstrip('+')}"):
        try:
            number = phonenumbers.parse(written, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number):
            return phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return None


@lru_cache(maxsize=256)
def region_of(near: str | None) -> str | None:
    """Return the region of an E.164 number (ISO 3166, or `001` for what belongs to none); None where it has none."""
    try:
        code = phonenumbers.parse(near or "").country_code
    except phonenumbers.NumberParseException:
        return None
    return None if code is None else phonenumbers.region_code_for_country_code(code)
