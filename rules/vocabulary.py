"""The tests that `when` and `needs` know, one row each: what a file may write, and what is looked at in a message."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from typing import Any, Final, get_args

from rules.conditions import Test
from rules.decision import PRIORITIES, Shown, TicketType
from rules.facts import BounceKind, TranscriptState
from rules.matchers import Reader, bare, number, row, truth, word
from rules.matchers_of_text import author, files, matches, only, says
from rules.matchers_of_time import DAY, HOURS, day, earlier, hours
from rules.mistakes import short
from rules.scope import Scope
from rules.view import View
from rules.yaml_errors import suggest
from rules.yaml_places import Loc

CHANNELS = ("email", "voicemail")
VERDICTS = ("authenticated", "unverified", "failed", "unknown", "none")
TYPES: tuple[str, ...] = get_args(TicketType)
TRANSCRIPTS: tuple[str, ...] = get_args(TranscriptState)
BOUNCES: tuple[str, ...] = get_args(BounceKind)
RESULTS = ("pass", "fail", "softfail", "neutral", "none", "temperror", "permerror", "policy")  # RFC 8601 2.7
IDENTIFIED_BY = (
    "from-address", "caller-id", "reference", "spoken-account", "spoken-reference", "forwarded", "staff",
)  # fmt: skip
GROUPS = ("all", "any", "not")
_E164 = re.compile(r"\+[1-9][0-9]{2,14}\Z")
_TIMES = ("time", "hour", "hours", "day", "days", "date", "weekday", "weekend", "holiday", "open", "closed", "calendar")
_WITHHELD = ("anonymous", "withheld", "private", "unknown", "restricted", "blocked")


def read_test(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
    """One test of the file, ready to be asked; None after a mistake was noted."""
    if name.startswith(HOURS):
        return hours(name, value, loc, scope)
    if name.startswith(DAY):
        return day(name, value, loc, scope)
    reader = TESTS.get(name)
    if reader is None and name.casefold() in _TIMES:
        calendar = next(iter(scope.calendar_names), "NAME")
        told = f"hour and day are asked of one of `calendars`: {HOURS}{calendar}: open, {DAY}{calendar}: working"
        scope.mistake(loc, f'unknown test "{name}"; {told}', key=True)
        return None
    if reader is None:
        calendars = (prefix + calendar for calendar in scope.calendar_names for prefix in (HOURS, DAY))
        told = suggest(name, chain(TESTS, GROUPS, calendars))
        scope.mistake(loc, f'unknown test "{short(name)}"{told}', key=True)
        return None
    return reader(name, value, loc, scope)


def _one_of(what: str, names: tuple[str, ...]) -> Callable[[Scope], tuple[str, tuple[str, ...]]]:
    return lambda _: (what, names)


_either_channel = word(lambda view: view.facts.channel, allowed=_one_of("channel", CHANNELS))


def _channel(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
    test = _either_channel(name, value, loc, scope)
    return None if test is None else replace(test, mail="always" if "email" in test.given else "never")


def _of_call(value: Callable[[View], Any]) -> Callable[[View], Any]:
    """What is never known of a mail, whatever its facts hold: so the law about mail can count on it."""
    return lambda view: value(view) if view.is_call else None


_any_caller = word(_of_call(lambda view: view.facts.caller), voicemail_only=True)


def _caller(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
    """Callers are known by whole numbers: nothing else ever holds."""
    texts = scope.texts(loc, value)
    odd = [(at, text) for at, text in texts or () if not _E164.match(text)]
    for at, text in odd:
        hint = "; a withheld number is caller.withheld: true" if text.casefold() in _WITHHELD else ""
        scope.mistake(at, f'expected a number such as +15550100, got text "{short(text)}"{hint}')
    return None if odd else _any_caller(name, value, loc, scope)


def _tag(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
    """Tags are those that people set and those of earlier rules, so no index may file by them."""
    texts = scope.names(loc, value)
    if texts is None:
        return None
    wanted = tuple(text for _, text in texts)
    return Test(name=name, line=row(scope, loc), wanted=bare(wanted), look=_look_at_tags, given=wanted)


def _look_at_tags(view: View, wanted: tuple[str, ...]) -> tuple[Shown, bool]:
    return tuple(view.tags), any(tag in view.tags for tag in wanted)


def _priority(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
    """The priority as it is decided so far, in the desk's words or in the four."""
    texts = scope.texts(loc, value)
    if texts is None:
        return None
    found = tuple([scope.priority(at, text) for at, text in texts])
    if None in found:
        return None
    wanted = tuple(text for _, text in texts)
    return Test(name=name, line=row(scope, loc), wanted=bare(wanted), look=_look_at_priority, given=found)


def _look_at_priority(view: View, wanted: tuple[str, ...]) -> tuple[Shown, bool]:
    return view.priority, view.priority in wanted


TESTS: Final[dict[str, Reader]] = {
    "channel": _channel,
    "line": word(
        lambda view: view.line,
        allowed=lambda scope: ("line", scope.line_names),
        voicemail_only=True,
        filed=True,
    ),
    "line.known": truth(lambda view: view.line_known, voicemail_only=True),
    "source": word(lambda view: view.facts.source, fold=True),
    "caller": _caller,
    "caller.withheld": truth(_of_call(lambda view: view.facts.caller_withheld), voicemail_only=True),
    "from": author,
    "identity.by": word(lambda view: view.facts.identified_by, allowed=_one_of("way to be known", IDENTIFIED_BY)),
    "account.known": truth(lambda view: view.facts.account_id is not None),
    "account.ambiguous": truth(lambda view: view.facts.account_id is None and view.facts.candidates > 1),
    "account.id": word(lambda view: view.facts.account_id, outside="account", filed=True),
    "account.plan": word(
        lambda view: view.facts.account_plan,
        allowed=lambda scope: ("plan", scope.plans),
        outside="plan",
        filed=True,
    ),
    "account.open-tickets": number(lambda view: view.facts.open_tickets),
    "contact.known": truth(lambda view: view.facts.contact_id is not None),
    "contact.authorized": truth(lambda view: view.facts.contact_authorized),
    "contact.role": word(lambda view: view.facts.contact_role, outside="role", filed=True),
    "proof": word(lambda view: view.proof, allowed=_one_of("verdict", VERDICTS)),
    "authentication.verdict": word(lambda view: view.facts.verdict, allowed=_one_of("verdict", VERDICTS)),
    "authentication.spf": word(lambda view: view.facts.spf, allowed=_one_of("result", RESULTS)),
    "authentication.dkim": word(lambda view: view.facts.dkim, allowed=_one_of("result", RESULTS)),
    "authentication.dmarc": word(lambda view: view.facts.dmarc, allowed=_one_of("result", RESULTS)),
    "says": says(lambda view: view.said),
    "subject": says(lambda view: view.said_in_subject),
    "subject.only": only,
    "body": says(lambda view: view.said_in_body),
    "matches": matches(lambda view: view.matched),
    "subject.matches": matches(lambda view: view.matched_in_subject),
    "transcript": word(
        _of_call(lambda view: view.facts.transcript),
        allowed=_one_of("state of a transcript", TRANSCRIPTS),
        voicemail_only=True,
    ),
    "attachment": files(lambda view: view.facts.attachments),
    "attachment.type": files(lambda view: view.facts.attachment_types),
    "attachment.dangerous": truth(lambda view: view.facts.dangerous_attachment),
    "auto-reply": truth(lambda view: view.facts.is_auto_reply),
    "bounce": truth(lambda view: view.facts.is_bounce),
    "bounce.kind": word(lambda view: view.facts.bounce_kind, allowed=_one_of("kind of bounce", BOUNCES)),
    "list": truth(lambda view: view.facts.is_list),
    "forwarded": truth(lambda view: view.facts.forwarded),
    "spam": truth(lambda view: view.facts.spam),
    "reference.quoted": truth(lambda view: view.facts.reference_quoted),
    "claimed_urgency": word(lambda view: view.facts.claimed_urgency, allowed=_one_of("urgency", PRIORITIES)),
    "callback.made": number(lambda view: view.facts.calls_made),
    "earlier.tickets": earlier("ticket"),
    "earlier.calls": earlier("call"),
    "earlier.pages": earlier("page"),
    "tag": _tag,
    "queue": word(lambda view: view.queue, outside="queue asked for"),
    "type": word(lambda view: view.type, allowed=_one_of("type", TYPES)),
    "priority": _priority,
}
