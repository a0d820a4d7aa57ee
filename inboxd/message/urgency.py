"""The urgency that a sender claims, for staff to see. It never sets a priority."""

import re
from typing import Final, get_args

import re2

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
_NOUN: Final = r"(?:priority|urgency|severity|importance|prio)"
_STATED: Final = re.compile(
    rf"\b{_NOUN}\s{{0,3}}(?:is|=|:|-|–)?\s{{0,3}}(?:very\s)?{_SCALE}\b|\b{_SCALE}[\s-]{{1,3}}{_NOUN}\b", re.IGNORECASE
)
_NUMBERED: Final = re.compile(
    r"\b(?:priority|severity|prio|sev)\s{0,3}[:=#-]?\s{0,3}([1-5])\b(?![.,]?\d)|(?<![\w-])p([1-4])(?![\w.-])",
    re.IGNORECASE,
)
_CLAIM: Final = re.compile(
    r"(?<!\w)(urgent(?:ly)?|urgency|asap|a\.s\.a\.p\.?|emergency|critical(?:ly)?|immediately|as\ssoon\sas\spossible|"
    r"right\saway|dringend(?:e[srnm]?)?|eilt|urgente(?:mente)?|urgence|"
    r"spoedig|spoed(?:eisend)?|haster(?!\sikke)|hastesag|brådskande|akut|piln[eaiy]e?|kiireellinen|kiireellisesti|naléhav[éáěý]|acil(?:en)?(?!\sdeğil)|"
    r"срочн(?:о|ый|ая|ое)|термінов(?:о|ий|а|е))(?!\w)|"
    # No blanks stand between these words and their neighbours, and denials stand behind them.
    r"(?<![不非无無])(?:至急|緊急|紧急|加急|急件|긴급)(?!(?:性)?(?:では|じゃ)(?:な|あり)|하지\s?않)",
    re.IGNORECASE,
)
# "not urgent", "isn't really an emergency", "nothing urgent", "non-critical".
_DENIED: Final = re.compile(
    r"(?:\b(?:not|no|non|never|less|nothing|without|hardly|nicht|kein(?:e[nrs]?)?|pas|niet|ikke|inte|ei|nie|není|не)|n['’]t)[\s-]{1,3}"
    r"(?:(?:a|an|at|all|that|very|so|too|really|super|particularly|the|terribly|overly|any|is|yet|sehr|trop|très)"
    r"[\s-]{1,3}){0,5}\Z",
    re.IGNORECASE,
)
# "no need to answer immediately"; and the disclaimers' "notify the sender immediately", which claims nothing.
_NO_HURRY: Final = re.compile(r"(?:\b(?:not|never|no\sneed)\b|n['’]t\b)", re.IGNORECASE)
_FINE_PRINT: Final = re.compile(r"\b(?:notify|notif(?:y|ied)|inform|advise|delete|destroy|return)\b", re.IGNORECASE)
_CLAUSE: Final = re.compile(r"[.!?;,:\n]")
# One of these stands in every claim, in lower case: most mails hold none, and re2 looks for all of them at once.
_HINTS: Final = (
    "urg", "asap", "a.s.a.p", "emergency", "critical", "immediately", "as soon", "right away", "dringend", "eilt",
    "spoed", "haster", "pilne", "priorit", "severity", "importance", "prio", "sev", "p1", "p2", "p3", "p4", "rush",
    "hurry", "whenever you", "when you", "can wait", "at your", "keine eile", "hat zeit",
    "brådskande", "akut", "piln", "kiireelli", "naléhav", "acil", "hastesag", "срочн", "термінов",
    "至急", "緊急", "紧急", "加急", "急件", "긴급",
)  # fmt: skip
_HINT: Final = re2.compile("|".join(map(re2.escape, _HINTS)))
_HURRY: Final = frozenset(("immediately", "right away", "as soon as possible"))
_LOW: Final = re.compile(
    r"\b(?:no (?:rush|hurry)|not in a (?:rush|hurry)|when(?:ever)? you (?:get|have) (?:a (?:chance|moment|minute)|"
    r"time)|"
    r"can wait|at your (?:convenience|leisure)|hat (?:keine eile|zeit)|pas (?:d['’])?urgen(?:t|ce))\b",
    re.IGNORECASE,
)


def claimed(headers: Headers, subject: str, text: str) -> Urgency | None:
    """The strongest claim in the headers, the subject or the beginning of `text`, which is the new text of the mail."""
    claims = _in_headers(headers)
    for where in (subject, text[:MAX_URGENCY_TEXT]):
        claims |= _in_text(where)
    return min(claims, key=_RANK.index, default=None)


def in_words(subject: str, text: str) -> Urgency | None:
    """The strongest claim in subject and body, for a mail of which nothing else is there."""
    return min(_in_text(subject) | _in_text(text[:MAX_URGENCY_TEXT]), key=_RANK.index, default=None)


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
    if _HINT.search(text.lower()) is None:
        return found
    stated: set[int] = set()  # places of words that belong to "priority: urgent" and have been read with it
    for match in _STATED.finditer(text):
        found.add(_NAMES[(match[1] or match[2]).lower()])
        stated.update(range(*match.span()))
    for match in _NUMBERED.finditer(text):
        found.add(_NUMBERS[match[1] or match[2]])
    for match in _CLAIM.finditer(text):
        if match.start() not in stated:
            claim = _one_claim(" ".join(match[0].lower().split()), text[max(0, match.start() - 80) : match.start()])
            if claim is not None:
                found.add(claim)
    if _LOW.search(text):
        found.add("low")
    return found


def _one_claim(word: str, before: str) -> Urgency | None:
    clause = _CLAUSE.split(before)[-1]
    if _DENIED.search(clause):
        return "low"
    if word not in _HURRY:
        return "urgent"
    if _FINE_PRINT.search(before):
        return None
    return "low" if _NO_HURRY.search(clause) else "high"
