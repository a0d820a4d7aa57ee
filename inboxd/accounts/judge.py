"""What is wrong with an accounts file beyond the form of single values: uniqueness, plans, empty contacts."""

import difflib
from collections.abc import Iterator

from inboxd import addresses
from inboxd.yaml_files import entries_at, repeated, text_at, value_at
from rules.mistakes import Mistake
from rules.yaml_source import Document, Loc


def judge(document: Document, plans: frozenset[str] | None) -> Iterator[Mistake]:
    """Find the mistakes of each account. `plans` are those that the rules file declares, None when any plan goes."""
    for account in entries_at(document, ("accounts",)):
        plan = text_at(document, (*account, "plan"))
        if plan is not None and (problem := plan_problem(plan.strip(), plans)):
            yield document.mistake((*account, "plan"), problem)
        yield from _contacts(document, list(entries_at(document, (*account, "contacts"))))


def taken(document: Document, loc: Loc, account_id: str, first: tuple[int, int]) -> Iterator[Mistake]:
    """Find that the id at `loc` stood at another place first: line and column."""
    if first != document.mark(loc):
        yield document.mistake(loc, f'account id "{account_id}" is taken (line {first[0]}): each account has its own')


def plan_problem(plan: str, plans: frozenset[str] | None) -> str | None:
    """Say what is wrong with a plan, None when nothing is; `plans` as for `judge`."""
    if plans is None or plan in plans:
        return None
    near = difflib.get_close_matches(plan, plans, n=1)
    known = ", ".join(sorted(plans)) or "none"
    right = f'did you mean "{near[0]}"?' if near else f"the rules file declares: {known}"
    return f'unknown plan "{plan}"; {right}'


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
