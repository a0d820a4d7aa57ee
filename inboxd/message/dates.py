"""The Date field: RFC 5322 and the forms that real mailers write instead; always aware, in UTC."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
} | {
    # Webmailers that write the date in the language of their user.
    "mär": 3, "mrz": 3, "mrt": 3, "avr": 4, "abr": 4, "mai": 5, "mei": 5, "maj": 5, "mag": 5, "giu": 6, "lug": 7,
    "aoû": 8, "ago": 8, "set": 9, "okt": 10, "ott": 10, "out": 10, "dez": 12, "déc": 12, "dic": 12,
    "fév": 2, "ene": 1, "gen": 1, "juin": 6, "juil": 7,
    "янв": 1, "фев": 2, "мар": 3, "апр": 4, "май": 5, "мая": 5, "июн": 6, "июл": 7, "авг": 8, "сен": 9, "окт": 10,
    "ноя": 11, "дек": 12,
}  # fmt: skip
_RFC: Final = re.compile(
    r"(?:[^\W\d_]{2,12}\.?(?:,\s*|\s+))?(\d{1,2})\.?[\s/-]+([^\W\d_]{3,10})\.?,?[\s/-]+(\d{2,4})(?:[\s,]+(?:at\s+)?(\d{1,2})\s*[:.]\s*(\d{1,2})(?:\s*[:.]\s*(\d{1,2}))?"
    r"(?:\.\d+)?|\s*\Z)\s*([AaPp][Mm])?\s*(?:(?:GMT|UTC)?\s*([+-]\d{1,2}:?\d{2}|[+-]\d{1,2}|[01]\d{3})(?!\d)|([A-Za-z]{1,5}(?:\sDST\b)?))?"
)
# `Fri Nov 21 09:55:06 1997 +0100`, as asctime writes it; Gmail's mbox has the offset before the year.
_ASCTIME: Final = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?([A-Za-z]{3})[A-Za-z]{0,6}\s+(\d{1,2}),?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s+(?:([A-Za-z]{1,5})\s+|([+-]\d{4})\s+)?(\d{4})(?:\s+([+-]\d{4}))?"
)
_ISO: Final = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:[.,]\d+)?\s*(Z|UTC|GMT|"
    r"[+-]\d{2}(?::?\d{2})?)?|\Z)"
)
_MONTH_FIRST: Final = re.compile(r"(?:[A-Za-z]{3,9},?\s+)?([A-Za-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})(.*)", re.DOTALL)
_DAY_FIRST: Final = re.compile(r"(\d{1,2})([.-])(\d{1,2})\2(\d{4})(.*)", re.DOTALL)
# RFC 5322 4.3; a military letter or an unknown name says nothing: -0000.
_ZONES: Final = {
    "UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360,
    "PST": -480, "PDT": -420, "CET": 60, "CEST": 120, "MET": 60, "MEST": 120, "BST": 60, "JST": 540, "WET": 0,
    "EET": 120, "EEST": 180, "MSK": 180, "IST": 330, "AKST": -540, "AKDT": -480, "HST": -600, "AEST": 600,
    "AEDT": 660, "KST": 540, "AST": -240, "ADT": -180, "NST": -210, "NDT": -150, "BRT": -180, "BRST": -120, "ART": -180,
    "WEST": 60, "MEZ": 60, "MESZ": 120, "WAT": 60, "CAT": 120, "SAST": 120, "EAT": 180, "IDT": 180, "TRT": 180,
    "MSD": 240, "PKT": 300, "ICT": 420, "WIB": 420, "HKT": 480, "SGT": 480, "MYT": 480, "PHT": 480, "AWST": 480,
    "ACST": 570, "ACDT": 630, "NZST": 720, "NZDT": 780,
}  # fmt: skip
_LONGEST: Final = 200


def parse(value: str) -> datetime | None:
    """A Date field as an instant in UTC; None where nothing in it can be taken for one. Never raises."""
    text = _usual_order(re.sub(r"\s+,", ",", _without_comments(value[:_LONGEST])).strip(' \t\r\n"<>'))
    return _rfc(text) or _asctime(text) or _iso(text)


def _usual_order(text: str) -> str:
    """`June 3, 2025 10:00` and `03.06.2025 10:00` as the day, the month and the year."""
    if match := _MONTH_FIRST.fullmatch(text):
        return f"{match[2]} {match[1]} {match[3]}{match[4]}"
    if match := _DAY_FIRST.fullmatch(text):
        return f"{match[4]}-{match[3]}-{match[1]}{match[5]}"
    return text


def _without_comments(text: str) -> str:
    while "(" in text:
        shorter = re.sub(r"\([^()]*\)", " ", text)
        if shorter == text:
            break
        text = shorter
    return text


def _rfc(text: str) -> datetime | None:
    match = _RFC.match(text)
    if match is None:
        return None
    day, month, year, hour, minute, second, half, offset, name = match.groups()
    hours = int(hour or 0)  # a day without a time
    if half:
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    return _build(
        _year(year), _month(month), int(day), hours, int(minute or 0), int(second or 0), _offset(offset, name)
    )


def _asctime(text: str) -> datetime | None:
    match = _ASCTIME.match(text)
    if match is None:
        return None
    month, day, hour, minute, second, name, before, year, behind = match.groups()
    offset = _offset(before or behind, name)
    return _build(int(year), _month(month), int(day), int(hour), int(minute), int(second or 0), offset)


def _iso(text: str) -> datetime | None:
    match = _ISO.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    offset = zone if zone and zone[0] in "+-" else None
    return _build(
        int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), _offset(offset, None)
    )


def _month(name: str) -> int | None:
    # Juin and juillet are the same in three letters.
    lowered = name.lower()
    return _MONTHS.get(lowered[:4]) or _MONTHS.get(lowered[:3])


def _year(text: str) -> int:
    # RFC 5322 4.3: two digits are of this century below 50, three count from 1900.
    year = int(text)
    if len(text) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(text) == 3 else year


def _offset(numeric: str | None, name: str | None) -> int:
    if numeric:
        digits = numeric.lstrip("+-").replace(":", "")  # (The sign of `0200` was forgotten.)
        minutes = int(digits) * 60 if len(digits) < 3 else int(digits[:-2]) * 60 + int(digits[-2:])
        return -minutes if numeric[0] == "-" else minutes
    zone, _, summer = (name or "").upper().partition(" ")  # `MET DST`
    return _ZONES.get(zone, 0) + (60 if summer else 0)


def _build(year: int, month: int | None, day: int, hour: int, minute: int, second: int, offset: int) -> datetime | None:
    if month is None or abs(offset) >= 24 * 60:
        return None
    try:
        # A leap second (RFC 5322 allows 60) and an hour of 24 are the next second and the next day.
        moment = datetime(year, month, day, tzinfo=timezone(timedelta(minutes=offset)))
        if hour > 24 or minute > 59 or second > 60:
            return None
        return (moment + timedelta(hours=hour, minutes=minute, seconds=second)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
