"""`tests` of the rules file."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rules.expectations import EXPECTATIONS, clock, moment
from rules.facts import Channel, Earlier, Facts
from rules.file_test import Expectation, FileTest
from rules.language_of_tests import EarlierPart, FileTestPart, GivenCallPart, GivenMailPart, GivenPart
from rules.mistakes import short
from rules.part_reader import read_part
from rules.ruleset import Line
from rules.scope import Scope
from rules.yaml_errors import shown, suggest
from rules.yaml_places import Loc

MAX_TESTS = 2_000
# A Wednesday, in hours wherever office hours are usual: when a test's message comes that names no time.
USUAL = "2026-06-10 10:00"
_ADDRESS = "somebody@customer.example"
_CALLER = "+15550100"


def read_tests(scope: Scope, lines: tuple[Line, ...], zone: str | None) -> tuple[FileTest, ...]:
    """The tests of all files; mistakes are noted."""
    tests: list[FileTest] = []
    names: dict[str, str] = {}
    for value, loc in scope.parts("tests"):
        if not isinstance(value, list):
            scope.mistake(loc, f"expected a list of tests ([{{test: …, mail: …, expect: …}}]), got {shown(value)}")
            continue
        for at, inner in enumerate(value):
            here = (*loc, at)
            if len(names) >= MAX_TESTS:
                scope.mistake(here, f"a file has at most {MAX_TESTS} tests")
                break
            test = _test(inner, here, scope, lines, ZoneInfo(zone or "UTC"))
            if test is None:
                continue
            if test.name in names:
                scope.mistake((*here, "test"), f"a test of this name stands {names[test.name]} already")
            names[test.name] = scope.place(here)
            tests.append(test)
    return tuple(tests)


def _test(value: Any, loc: Loc, scope: Scope, lines: tuple[Line, ...], zone: ZoneInfo) -> FileTest | None:
    part = read_part(FileTestPart, value, loc, scope, elsewhere=("mail", "call", "expect"))
    if not isinstance(value, dict):
        return None
    channel: Channel = "email" if "mail" in value else "voicemail"
    key = "mail" if channel == "email" else "call"
    facts: Facts | None = None
    claims_given = False
    if isinstance(value.get(key), dict):
        model = GivenMailPart if channel == "email" else GivenCallPart
        given = read_part(model, value[key], (*loc, key), scope)
        if given is not None:
            facts = _facts(given, (*loc, key), scope, lines, zone)
            claims_given = "claims" in given.model_fields_set
    expected: tuple[Expectation, ...] = ()
    if isinstance(value.get("expect"), dict):
        expected = _expected(value["expect"], (*loc, "expect"), scope)
    if part is None or facts is None:
        return None
    return FileTest(
        name=part.test,
        file=scope.document.name,
        line=scope.document.mark(loc)[0],
        facts=facts,
        claims_given=claims_given,
        expected=expected,
    )


def _expected(value: dict[str, Any], loc: Loc, scope: Scope) -> tuple[Expectation, ...]:
    if not value:
        scope.mistake(loc, "nothing is expected here, so nothing is tested")
    found: list[Expectation] = []
    for key, wanted in value.items():
        here = (*loc, key)
        known = EXPECTATIONS.get(key)
        if known is None and key in scope.clock_names:
            known = clock(key)
        if known is None:
            told = suggest(key, [*EXPECTATIONS, *scope.clock_names])
            scope.mistake(here, f'nothing is called "{key[:80]}" in a decision{told}', key=True)
            continue
        line = scope.document.mark(here, key=True)[0]
        found.append(Expectation(key=key, line=line, wanted=known.read(wanted, here, scope)))
    return tuple(found)


def _facts(part: GivenPart, loc: Loc, scope: Scope, lines: tuple[Line, ...], zone: ZoneInfo) -> Facts | None:
    at = _time(part.at, (*loc, "at"), scope, zone)
    if part.plan is not None and scope.plans is not None:
        scope.known((*loc, "plan"), "plan", part.plan, scope.plans)
    nobody = "account" in part.model_fields_set and part.account is None
    if nobody and part.plan is not None:
        scope.mistake((*loc, "plan"), "with `account: null` nobody is known, and there is no plan; leave out one")
    no_contact = nobody or ("contact" in part.model_fields_set and part.contact is None)
    priority = None if part.priority is None else scope.priority((*loc, "priority"), part.priority)
    earlier = tuple(_earlier(one, (*loc, "earlier", at_), scope, zone) for at_, one in enumerate(part.earlier))
    common: dict[str, Any] = {
        "received_at": at,
        "account_id": None if nobody else part.account,
        "account_plan": part.plan,
        "candidates": part.candidates if part.candidates is not None else int(not nobody),
        "contact_id": None if no_contact else part.contact,
        "contact_authorized": None if no_contact else part.authorized,
        "contact_role": None if no_contact else part.role,
        "confirmed": part.confirmed,
        "reference_quoted": part.reference_quoted,
        "open_tickets": part.open_tickets,
        "calls_made": part.calls_made,
        "text": part.says,
        "earlier": tuple(one for one in earlier if one is not None),
        "staff_tags": part.tag,
        "staff_priority": priority,
        "staff_type": part.type,
        "staff_queue": part.queue,
    }
    if isinstance(part, GivenMailPart):
        return _mail(part, common, nobody)
    assert isinstance(part, GivenCallPart)
    return _call(part, common, loc, scope, lines)


def _mail(part: GivenMailPart, common: dict[str, Any], nobody: bool) -> Facts:
    return Facts(
        channel="email",
        source=part.source or "support@example.com",
        identified_by=None if nobody else "from-address",
        verdict=part.proof or ("unknown" if nobody else "authenticated"),
        spf=part.spf,
        dkim=part.dkim,
        dmarc=part.dmarc,
        from_address=part.author or _ADDRESS,
        subject=part.subject,
        is_auto_reply=part.auto_reply,
        is_bounce=part.bounce or part.bounce_kind is not None,
        bounce_kind=part.bounce_kind,
        is_list=part.list_,
        forwarded=part.forwarded,
        spam=part.spam,
        attachments=part.attachment,
        attachment_types=part.attachment_type,
        dangerous_attachment=part.dangerous,
        claimed_urgency=part.claims,
        **common,
    )


def _call(part: GivenCallPart, common: dict[str, Any], loc: Loc, scope: Scope, lines: tuple[Line, ...]) -> Facts | None:
    numbers = {line.name: line.number for line in lines}
    usual = next((line.number for line in lines if line.default), next(iter(numbers.values()), _CALLER))
    called = usual
    if part.line is not None:
        if not scope.known((*loc, "line"), "line", part.line, scope.line_names):
            return None
        called = numbers.get(part.line, usual)
    withheld = part.withheld or ("caller" in part.model_fields_set and part.caller is None)
    known = common["account_id"] is not None
    return Facts(
        channel="voicemail",
        source=part.called or called,
        called=part.called or called,
        caller=None if withheld else part.caller or _CALLER,
        caller_withheld=withheld,
        identified_by="caller-id" if known else None,
        verdict="none",
        transcript=part.transcript or ("words" if part.says.strip() else "no-words"),
        **common,
    )


def _earlier(part: EarlierPart, loc: Loc, scope: Scope, zone: ZoneInfo) -> Earlier | None:
    at = _time(part.at, (*loc, "at"), scope, zone)
    return Earlier(kind=part.what, of=part.of, at=at, rule=part.rule)


def _time(text: str | None, loc: Loc, scope: Scope, zone: ZoneInfo) -> datetime:
    found = moment(text or USUAL, zone)
    if found is None:
        wrong = f'expected a time on the desk\'s clock such as 2026-01-14 02:05, got "{short(str(text))}"'
        if text is not None and moment(text, UTC) is not None:
            wrong = f"there is no {text} in {zone.key}: that hour is left out when summer time begins"
        scope.mistake(loc, wrong)
        found = moment(USUAL, zone)
    assert found is not None
    return found
