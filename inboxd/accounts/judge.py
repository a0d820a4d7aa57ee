"""What is wrong with an accounts file beyond the form of single values: uniqueness, plans, empty contacts."""

import difflib
from collections.abc import Iterator

from inboxd import addresses
from inboxd.yaml_files import entries_at, repeated, text_at, value_at
from rules.mistakes import Mistake
from rules.yaml_source import Document, Loc


def judge(document: Document, plans: frozenset[str] | None) -> Iterator[Mistake]:
    """Find the mistakes of a file. `plans` are those that the rules file declares, None when any plan goes."""
    accounts = list(entries_at(document, ("accounts",)))
    for loc, text, line in repeated(document, ((*account, "id") for account in accounts)):
        yield document.mistake(loc, f'account id "{text}" is taken (line {line}): each account has its own')
    for account in accounts:
        if plans is not None:
            yield from _plan(document, (*account, "plan"), plans)
        yield from _contacts(document, list(entries_at(document, (*account, "contacts"))))


def _plan(document: Document, loc: Loc, plans: frozenset[str]) -> Iterator[Mistake]:
    plan = text_at(document, loc)
    if plan is None or plan in plans:
        return
    near = difflib.get_close_matches(plan, plans, n=1)
    known = ", ".join(sorted(plans)) or "none"
    right = f'did you mean "{near[0]}"?' if near else f"the rules file declares: {known}"
    yield document.mistake(loc, f'unknown plan "{plan}"; {right}')


def _contacts(document: Document, contacts: list[Loc]) -> Iterator[Mistake]:
    every_address = (address for contact in contacts for address in entries_at(document, (*contact, "addresses")))
    for loc, text, line in repeated(document, every_address, addresses.key):
        yield document.mistake(
            loc, f'"{text}" is on file for this account already (line {line}): an address names one contact'
        )
    for contact in contacts:
        # On two contacts of an account a number is a switchboard; twice on one contact it is a slip.
        for loc, text, line in repeated(document, entries_at(document, (*contact, "numbers"))):
            yield document.mistake(loc, f'"{text}" is listed twice (line {line}): delete one of the two')
        if _nothing_finds(value_at(document, contact)):
            yield document.mistake(contact, "a contact needs an address or a number: nothing would find this one")


def _nothing_finds(contact: object) -> bool:
    # A value of another form is a mistake of its own and told already.
    return isinstance(contact, dict) and all(contact.get(key) in (None, []) for key in ("addresses", "numbers"))
