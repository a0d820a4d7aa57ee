"""The urgency that a sender claims, for staff to see. It never sets a priority."""

import re
from typing import Final, get_args

from inboxd.message.headers import Headers
from inboxd.message.limits import MAX_URGENCY_TEXT
from inboxd.message.message import Urgency

_RANK: Final[tuple[Urgency, ...]] = get_args(Urgency)
_NUMBERS: Final[dict[str, Urgency]] = {"1": "urgent", "2": "high", "3": "medium", "4": "low", "5": "low"}
_NAMES: Final[dict[str, Urgency]] = {
    "highest": "urgent", "urgent": "urgent", "critical": "urgent", "emergency": "urgent", "high": "high",
    "medium": "medium", "normal": "medium", "low": "low", "lowest": "low", "non-urgent": "low", "nonurgent": "low",
}  # fmt: skip
_SCALE: Final = r"(highest|urgent|critical|emergency|high|medium|normal|lowest|low)"
_STATED: Final = re.compile(
    rf"\b(?:priority|urgency|severity|importance|prio)\s*(?:is|=|:|-|–)?\s*(?:very\s+)?{_SCALE}\b"
    rf"|\b{_SCALE}[\s-]+(?:priority|urgency|severity|importance|prio)\b",
    re.IGNORECASE,
)
_NUMBERED: Final = re.compile(
    r"\b(?:priority|severity|prio|sev)\s*[:=#-]?\s*([1-5])\b|\b[ps]([1-4])\b(?!\s*[.:]\d)", re.IGNORECASE
)
_NOT: Final = (
    r"(?:not|n't|isnt|isn’t|isn't|no|non|never|less|nothing|without|hardly|nicht|pas|keine?)"
    r"[\s-]+(?:(?:a|an|at|all|all\s+that|that|very|so|too|really|super|particularly|the|terribly|overly|in|any|is|yet)[\s-]+){0,4}"
)
_URGENT: Final = re.compile(
    rf"(\b{_NOT}|\bun)?(?<!\w)(urgent(?:ly)?|urgency|asap|a\.s\.a\.p\.?|emergency|critical(?:ly)?|immediately|as soon as possible|right away|"
    r"dringend(?:e[srnm]?)?|eilt|urgente(?:ment)?|urgence|spoedig|pilne|срочно|至急|紧急|緊急)(?!\w)",
    re.IGNORECASE,
)
_HURRY: Final = frozenset(("immediately", "right away", "as soon as possible", "urgently"))
_LOW: Final = re.compile(
    r"\b(?:no rush|no hurry|not in a hurry|when(?:ever)? you (?:get|have) (?:a (?:chance|moment|minute)|time)|"
    r"low[\s-]+(?:priority|urgency)|can wait|at your (?:convenience|leisure))\b",
    re.IGNORECASE,
)


def claimed(headers: Headers, subject: str | None, text: str) -> Urgency | None:
    """The strongest claim in the headers, the subject or the first 20,000 characters of the (new) text."""
    claims = _in_headers(headers)
    for where in (subject or "", text[:MAX_URGENCY_TEXT]):
        claims |= _in_text(where)
    return min(claims, key=_RANK.index, default=None)


def _in_headers(headers: Headers) -> set[Urgency]:
    found: set[Urgency] = set()
    for name in ("x-priority", "importance", "priority", "x-msmail-priority"):
        for value in headers.all(name)[:5]:
            word = re.match(r"[a-z-]+|[1-5]", value[:100].decode("latin-1").strip().lower())
            claim = (_NUMBERS.get(word[0]) or _NAMES.get(word[0])) if word else None
            # Mailers write "normal" (3) on every mail: it claims nothing.
            if claim is not None and claim != "medium":
                found.add(claim)
    return found


def _in_text(text: str) -> set[Urgency]:
    found: set[Urgency] = set()
    for match in _STATED.finditer(text):
        found.add(_NAMES[(match[1] or match[2]).lower()])
    for match in _NUMBERED.finditer(text):
        found.add(_NUMBERS[match[1] or match[2]])
    stated = [match.span() for match in _STATED.finditer(text)]
    for match in _URGENT.finditer(text):
        if any(start <= match.start(2) < end for start, end in stated):
            continue  # "priority: urgent" and "urgency: low" have been read
        word = match[2].lower()
        if match[1]:
            found.add("low")
        else:
            found.add("high" if word in _HURRY else "urgent")
    if _LOW.search(text):
        found.add("low")
    return found
