"""Times as people write and read them; inside they are aware, on the wire RFC 3339 in UTC."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from inboxd.errors import UsageWrong

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DURATION = re.compile(r"(\d{1,5})([mhd])", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_YEAR = 365 * 86400


def read(text: str) -> datetime:
    """Read a time of RFC 3339 (section 5.6), in UTC. Raises UsageWrong."""
    if not _RFC3339.fullmatch(text):
        raise UsageWrong(f"{text!r} is not a time of RFC 3339; write it like 2026-01-13T16:00:00Z")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageWrong(f"{text!r} is not a time that exists ({error}); write it like 2026-01-13T16:00:00Z") from None


def write(moment: datetime) -> str:
    """Write an aware time as RFC 3339 in UTC, to the millisecond where it has one."""
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="milliseconds" if utc.microsecond else "seconds") + "Z"


def shown(text: str | None, zone: tzinfo) -> str:
    """Write a time of our JSON for a person of the desk: `2026-01-13 10:00:00 CST`; nothing for None."""
    return f"{read(text).astimezone(zone):%Y-%m-%d %H:%M:%S %Z}" if text else ""


def ahead(text: str, now: datetime) -> datetime:
    """Read a time, or a duration from now such as 30m, 4h or 2d; an empty text is now. Raises UsageWrong."""
    if not text:
        return now
    match = _DURATION.fullmatch(text)
    if match:
        return now + timedelta(**{_UNITS[match[2]]: int(match[1])})
    if not _RFC3339.fullmatch(text):
        raise UsageWrong(f"{text!r} is neither a duration (30m, 4h, 2d) nor a time (2026-01-13T16:00:00Z)")
    return read(text)


def back(text: str, now: datetime, zone: tzinfo) -> datetime:
    """Read a time, a day of the desk, or how long ago: 2026-01-13, 30d, 12h. Raises UsageWrong."""
    match = _DURATION.fullmatch(text)
    if match:
        return now - timedelta(**{_UNITS[match[2]]: int(match[1])})
    if _DAY.fullmatch(text):
        try:
            return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
        except (ValueError, OverflowError):
            raise UsageWrong(f"there is no day {text!r}") from None
    if not _RFC3339.fullmatch(text):
        raise UsageWrong(f"{text!r} is no time: write 2026-01-13, 30d, or 2026-01-13T16:00:00Z")
    return read(text)


def age(seconds: float) -> str:
    """Say a length of time in its largest unit: 45s, 12m, 5h, 3d, 6y; days up to two years."""
    if seconds >= 2 * _YEAR:
        return f"{int(seconds // _YEAR)}y"
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{max(int(seconds), 0)}s"


def duration(seconds: int | None) -> str:
    """Say open time for a person: `45s`, `12m`, `3h 20m`; nothing for None."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds}s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours}h {minutes:02}m" if hours else f"{minutes}m"
