"""Whether a page would reach anybody: rules that page, the ways of the people, and what those ways need."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from inboxd.preflight.finding import Finding
from inboxd.settings import Settings

if TYPE_CHECKING:
    from rules.rota import Person, Rota, Way
    from rules.ruleset import RuleSet


_MEND: Final = "set up what is missing, or give another way in oncall.people (call, sms, mail, webhook)"


def oncall(settings: Settings, rules: "RuleSet | None") -> Iterator[Finding]:
    """Look at each person whom the steps name; a rule that pages and can reach nobody needs a person."""
    if rules is None or rules.rota is None:
        return
    place = str(settings.rules)
    paging = [rule.name for section in rules.sections for rule in section.rules if rule.effects.page is not None]
    reached = 0
    for person in _named(rules.rota):
        missing = {way.kind: told for way in person.ways if (told := _missing(settings, rules, way)) is not None}
        reached += len(missing) < len(person.ways)
        for kind, told in missing.items():
            yield Finding(level="warning", what=f"{person.name} cannot be paged by {kind}: {told}", place=place)
        if person.ways and len(missing) == len(person.ways):
            told = f"{person.name} is on call and cannot be reached by any way: {_MEND}"
            yield Finding(level="failed", what=told, place=place)
    if paging and not reached:
        told = f'rule "{paging[0]}" pages, and no way to reach a person is configured (docs/on-call.md)'
        yield Finding(level="failed", what=told, place=place)
    elif reached:
        yield Finding(level="ok", what=f"{reached} {'person' if reached == 1 else 'people'} can be paged", place=place)
    if reached and _called(rules.rota) and (settings.http is None or settings.http.public_url is None):
        told = "http.public_url is null: no key can be heard on a page's call, and no answer to a text message; "
        yield Finding(level="warning", what=f"{told}acknowledge by `inboxd oncall ack REF` or by mail", place=place)


def _named(rota: "Rota") -> list["Person"]:
    return [person for person in rota.people.values() if person.ways]


def _called(rota: "Rota") -> bool:
    return any(way.kind in ("call", "sms") for person in rota.people.values() for way in person.ways)


def _missing(settings: Settings, rules: "RuleSet", way: "Way") -> str | None:
    """Say what a way needs and has not; None where it can be gone."""
    if way.kind == "mail" and settings.outgoing is None:
        return "the configuration has no section outgoing"
    if way.kind in ("call", "sms"):
        if settings.twilio is None:
            return "the configuration has no section twilio"
        if settings.twilio.page_from is None and not rules.lines:
            return "no number to page from: name twilio.page_from, or a line in the rules file"
    return None
