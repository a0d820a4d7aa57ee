"""A calendar invitation (RFC 5545, 5546) in a few lines of text: what, when, where, by whom. Bounded, never raises."""

import re
from datetime import date, timedelta
from typing import Final

from inboxd.message import clean

_LOOKED_AT: Final = 200_000  # characters
_FOLD: Final = re.compile(r"\n[ \t]")
_LINE: Final = re.compile(r"([A-Za-z-]{1,60})((?:;[A-Za-z-]{1,60}=(?:\"[^\"]*\"|[^;:\"]*))*):(.*)")
_PARAMETER: Final = re.compile(r";([A-Za-z-]{1,60})=(?:\"([^\"]*)\"|([^;:\"]*))")
_TIME: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?")
_ESCAPED: Final = re.compile(r"\\([\\;,nN])")
_LONGEST: Final = 2_000
_METHODS: Final = {
    "REQUEST": "Invitation", "CANCEL": "Cancelled", "REPLY": "Answer to an invitation", "COUNTER": "Another proposal",
    "PUBLISH": "Event",
}  # fmt: skip
_EVERY: Final = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
_DAYS: Final = {"MO": "Mon", "TU": "Tue", "WE": "Wed", "TH": "Thu", "FR": "Fri", "SA": "Sat", "SU": "Sun"}
_ANSWERS: Final = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "perhaps", "DELEGATED": "delegated"}

_Line = tuple[str, dict[str, str], str]


def summary(text: str) -> str:
    """The first event of a calendar as text, its description below; "" where there is none."""
    told, description = _read(text)
    return clean.body("\n".join([*told, "", description])).strip()


def about(text: str) -> str | None:
    """The first event of a calendar in a few lines, without its description; None where there is none."""
    told, _ = _read(text)
    return clean.body("\n".join(told)).strip() or None


def _read(text: str) -> tuple[list[str], str]:
    lines = _lines(text[:_LOOKED_AT])
    method = next((value.strip().upper() for name, _, value in lines if name == "METHOD"), "")
    event = _event(lines)
    if not event:
        return [], ""
    first = {name: (parameters, value) for name, parameters, value in reversed(event)}
    out = [f"{_METHODS.get(method, 'Event')}: {_words(first, 'SUMMARY') or '(without a title)'}"]
    begins, ends = _moment(first, "DTSTART"), _moment(first, "DTEND", last=True)
    when = begins if begins == ends else " to ".join(filter(None, (begins, ends)))
    told = (("When", when), ("Repeated", _repeated(_words(first, "RRULE"))), ("Where", _words(first, "LOCATION")))
    out += [f"{title}: {value}" for title, value in told if value]
    if "ORGANIZER" in first:
        out.append(f"By: {_person(*first['ORGANIZER'])}")
    if method == "REPLY":
        out += [f"{_person(given, value)}: {_answer(given)}" for name, given, value in event if name == "ATTENDEE"][:20]
    return out, _words(first, "DESCRIPTION", keep_lines=True)


def _lines(text: str) -> list[_Line]:
    found = []
    for written in _FOLD.sub("", clean.body(text)).split("\n"):
        match = _LINE.fullmatch(written[: 10 * _LONGEST])
        if match is not None:
            given = {name.upper(): quoted or bare for name, quoted, bare in _PARAMETER.findall(match[2])}
            found.append((match[1].upper(), given, match[3]))
    return found


def _event(lines: list[_Line]) -> list[_Line]:
    """The lines of the first event itself, without those of its alarms."""
    found: list[_Line] = []
    opened: list[str] = []
    for name, given, value in lines:
        if name == "BEGIN":
            opened.append(value.strip().upper())
        elif name == "END":
            if opened and opened.pop() == "VEVENT":
                break
        elif opened[-1:] == ["VEVENT"]:
            found.append((name, given, value))
    return found


def _words(first: dict[str, tuple[dict[str, str], str]], name: str, *, keep_lines: bool = False) -> str:
    text = first.get(name, ({}, ""))[1][:_LONGEST]
    text = _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], text)
    return text.strip() if keep_lines else clean.line(text)


def _moment(first: dict[str, tuple[dict[str, str], str]], name: str, *, last: bool = False) -> str:
    given, value = first.get(name, ({}, ""))
    match = _TIME.match(value)
    if match is None:
        return ""
    day = f"{match[1]}-{match[2]}-{match[3]}"
    if match[4] is None:
        return _day_before(day) if last else day  # a whole day that ends it is the first one after it (RFC 5545 3.6.1)
    zone = "UTC" if match[6] else given.get("TZID", "")
    return f"{day} {match[4]}:{match[5]}" + (f" ({clean.line(zone)})" if zone else "")


def _day_before(day: str) -> str:
    try:
        return str(date.fromisoformat(day) - timedelta(days=1))
    except (ValueError, OverflowError):
        return day


def _repeated(rule: str) -> str:
    """A rule of repetition in words (RFC 5545 3.3.10); as it stands where it says more than these have."""
    parts = dict(part.split("=", 1) for part in rule.upper().split(";") if "=" in part)
    every, times = _EVERY.get(parts.pop("FREQ", "")), parts.pop("INTERVAL", "1")
    parts.pop("WKST", None)
    count, until, days = parts.pop("COUNT", ""), parts.pop("UNTIL", ""), parts.pop("BYDAY", "")
    named = [_DAYS.get(day) for day in days.split(",")] if days else []
    end = _TIME.match(until)
    if every is None or parts or None in named or (until and end is None):
        return rule
    said = f"every {every}" if times == "1" else f"every {times} {every}s"
    said += f" on {', '.join(filter(None, named))}" if named else ""
    said += f", {count} times" if count else ""
    return said + (f", until {end[1]}-{end[2]}-{end[3]}" if end else "")


def _person(given: dict[str, str], value: str) -> str:
    address = re.sub(r"^mailto:", "", value.strip(), flags=re.IGNORECASE)[:320]
    name = given.get("CN", "").strip()
    return clean.line(f"{name} <{address}>" if name and name != address else address)


def _answer(given: dict[str, str]) -> str:
    return _ANSWERS.get(given.get("PARTSTAT", "").upper(), "no answer")
