"""What the store knows beside a message and rules may ask for: what is open, and what was there before."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from inboxd.intake.door import milliseconds, moment
from rules.facts import Earlier, Facts
from rules.ruleset import RuleSet
from store import before
from store.before import Before

if TYPE_CHECKING:
    from store.open import Store

_WITHHELD = ("anonymous", None)


def with_store(store: "Store", rules: RuleSet, seen: Facts) -> Facts:
    """Return the facts of a message with what is known beside it; looks back only as far as the rules do."""
    if seen.account_id is None and rules.looks_back is None:
        return seen
    at = milliseconds(seen.received_at)
    with store.read() as connection:
        open_ = 0 if seen.account_id is None else before.open_tickets(connection, seen.account_id, at=at)
        found: list[Before] = []
        if rules.looks_back is not None:
            found = before.since(connection, milliseconds(seen.received_at - rules.looks_back), at)
    return replace(seen, open_tickets=open_, earlier=tuple(_earlier(found, seen)))


def _earlier(found: list[Before], seen: Facts) -> Iterator[Earlier]:
    """Give each thing once for the desk, and again as the account's and as the caller's where it is theirs."""
    for each in found:
        at = moment(each.at)
        yield Earlier(kind=each.kind, of="desk", at=at, rule=each.rule)
        if seen.account_id is not None and each.account_id == seen.account_id:
            yield Earlier(kind=each.kind, of="account", at=at, rule=each.rule)
        if seen.channel == "voicemail" and _same_caller(each, seen):
            yield Earlier(kind=each.kind, of="caller", at=at, rule=each.rule)


def _same_caller(each: Before, seen: Facts) -> bool:
    """All withheld numbers are one caller."""
    if seen.caller is None:
        return each.kind != "ticket" and each.caller in _WITHHELD
    return each.caller == seen.caller
