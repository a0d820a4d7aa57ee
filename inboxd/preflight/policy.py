"""Rules, accounts and templates: read as the daemon will read them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from inboxd import accounts, templates
from inboxd.errors import ConfigurationWrong
from inboxd.policy import greetings
from inboxd.policy.names import of_nobody
from inboxd.preflight.canary import paged
from inboxd.preflight.directory import directory, on_file
from inboxd.preflight.finding import Finding, mistakes, wrong
from inboxd.preflight.oncall import oncall
from inboxd.settings import Settings
from rules.mistakes import MistakesFound
from rules.ruleset import RuleSet

# So many accounts are named.
_FEW: Final = 5


def _odd(rules: RuleSet) -> Iterator[Finding]:
    """Look for rules that load and never do what they say."""
    from rules.findings import findings

    for each in findings(rules):
        yield Finding(level="warning", what=each.message, place=f"{each.file}:{each.line}")


def _names(rules: RuleSet, settings: Settings, whole: accounts.Directory | None) -> Iterator[Finding]:
    """Look for names that rules ask for and that nobody has (any more)."""
    for each in of_nobody(rules, settings, whole):
        yield Finding(level="warning", what=each.message, place=f"{each.file}:{each.line}:{each.column}")


def _tests(rules: RuleSet) -> Iterator[Finding]:
    """Run the tests that stand in the rules file."""
    from inboxd.message.urgency import in_words
    from rules.file_tests import as_written, run

    results = list(run(rules, in_words))
    for result in results:
        for each in result.differences:
            because = f" ({each.because})" if each.because else ""
            got, wanted = as_written(each.got), as_written(each.wanted)
            what = f'test "{result.test}": {each.key} is {got}, and {wanted} is expected{because}'
            yield Finding(level="failed", what=what, place=f"{result.file}:{each.line}")
    if results and all(result.holds for result in results):
        tests = "test holds" if len(results) == 1 else "tests hold"
        yield Finding(level="ok", what=f"{len(results)} {tests}", place=rules.file)


def _same_clock(named: str | None, zone: ZoneInfo) -> bool:
    """Whether the two show the same time on every day of two years: UTC has other names, and so have many places."""
    there = zone if named is None else ZoneInfo(named)
    days = (datetime.now(UTC) + timedelta(days=days) for days in range(731))
    return all(day.astimezone(there).utcoffset() == day.astimezone(zone).utcoffset() for day in days)


def _ending(rules: RuleSet, settings: Settings) -> Iterator[Finding]:
    """Look for calendars that have ended, or will this year."""
    from rules.calendar_ends import ends

    today = datetime.now(settings.desk.zone).date()
    for calendar in rules.calendars.values():
        for what in ends(calendar, today):
            yield Finding(level="warning", what=f"calendar {calendar.name}: {what}", place=rules.file)


def policy(settings: Settings) -> Iterator[Finding]:
    """Read rules, accounts, templates and what commands put on file; each mistake is a finding."""
    plans: frozenset[str] | None = None
    rules: RuleSet | None = None
    found = accounts.Directory()
    if settings.rules is not None:
        from rules.load import load

        try:
            rules = load(settings.rules, zone=settings.desk.zone.key)
        except MistakesFound as error:
            yield from mistakes(error.mistakes)
        else:
            plans = None if rules.plans is None else frozenset(rules.plans)
            yield Finding(level="ok", what="rules without mistakes", place=str(settings.rules))
            yield from _odd(rules)
            yield from _tests(rules)
            yield from _ending(rules, settings)
            zone = settings.desk.zone.key
            if not _same_clock(rules.zone, settings.desk.zone):
                # Both files say where the desk is, and it is easily corrected in one alone.
                what = f"its desk.zone is {rules.zone}, and that of {settings.path} is {zone}: say the same in both"
                yield Finding(level="warning", what=what, place=str(settings.rules))
    if settings.accounts is not None:
        try:
            found = accounts.load(settings.accounts, plans)
        except ConfigurationWrong as error:
            yield from wrong(error, str(settings.accounts))
            return
        what = f"{len(found)} account{'' if len(found) == 1 else 's'}"
        yield Finding(level="ok", what=what, place=str(settings.accounts))
    yield from _templates(settings, rules)
    yield from _greetings(settings, rules)
    if rules is not None and settings.accounts is not None:
        yield from _askable(rules, found, str(settings.accounts))
    kept = on_file(settings)
    yield from directory(settings, found, kept, rules)
    yield from oncall(settings, rules)
    yield from paged(settings, rules)
    if rules is not None:
        yield from _names(rules, settings, None if isinstance(kept, Finding) else found.with_kept(kept))


def _askable(rules: RuleSet, found: accounts.Directory, place: str) -> Iterator[Finding]:
    """Name the accounts at which nobody can be asked for a confirmation that the rules want."""
    if not any(rule.effects.confirm for section in rules.sections for rule in section.rules):
        return
    silent = [
        account.id
        for account in found
        if not any(each.authorized and each.addresses and each.role == accounts.PRIMARY for each in account.contacts)
    ]
    if silent:
        named = ", ".join(silent[:_FEW]) + (", …" if len(silent) > _FEW else "")
        many = "account" if len(silent) == 1 else "accounts"
        what = (
            f"{len(silent)} {many} ({named}) without an authorised contact of the role {accounts.PRIMARY} that has an "
            f"address: nobody can be asked to confirm what somebody else of theirs wants"
        )
        yield Finding(level="warning", what=what, place=place)


def _templates(settings: Settings, rules: RuleSet | None) -> Iterator[Finding]:
    folder = settings.templates.folder
    place = str(folder or settings.path)
    try:
        found = templates.load(folder, settings.templates.language)
    except ConfigurationWrong as error:
        yield from wrong(error, place)
        return
    if rules is not None:
        yield from mistakes(templates.missing(rules, found))
    if folder is not None:
        yield Finding(level="ok", what=f"{len(found.texts)} templates, the shipped ones included", place=place)


def _greetings(settings: Settings, rules: RuleSet | None) -> Iterator[Finding]:
    if settings.twilio is None:
        return
    place = str(settings.rules or settings.path)
    try:
        found = greetings.load(settings.templates.greetings)
    except ConfigurationWrong as error:
        yield from wrong(error, place)
        return
    if rules is not None:
        yield from mistakes(greetings.missing(rules, found))
