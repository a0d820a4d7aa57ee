"""What the store knows beside a message and rules may ask for: what is open, and what was there before."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from inboxd.intake.door import milliseconds, moment
from rules.facts import Earlier, EarlierKind, Facts, Whose
from rules.ruleset import RuleSet
from store import before

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.open import Store

LooksBack = Mapping[tuple[EarlierKind, Whose], timedelta]


def with_store(store: "Store", rules: RuleSet, seen: Facts) -> Facts:
    """Return the facts of a message with what is known beside it: of what was before, what the rules ask for."""
    if seen.account_id is None and not rules.looks_back:
        return seen
    with store.read() as connection:
        open_ = 0
        if seen.account_id is not None:
            open_ = before.open_tickets(connection, seen.account_id, at=milliseconds(seen.received_at))
        earlier = tuple(_earlier(connection, rules.looks_back, seen, milliseconds(seen.received_at)))
    return replace(seen, open_tickets=open_, earlier=earlier)


def also(connection: "Connection", looks_back: LooksBack, seen: Facts) -> Facts:
    """Return the facts of a message that is filed with what was before it and its own rules did not ask for."""
    kept = (each for each in seen.earlier if (each.kind, each.of) not in looks_back)
    # What the message itself became bears its time, and was not before it.
    found = _earlier(connection, looks_back, seen, milliseconds(seen.received_at) - 1)
    return replace(seen, earlier=(*kept, *found))


def _earlier(connection: "Connection", looks_back: LooksBack, seen: Facts, until: int) -> Iterator[Earlier]:
    """Give what was there of each kind, for whom rules ask; all withheld numbers are one caller."""
    for (kind, of), within in looks_back.items():
        whose: dict[str, str] = {}
        if of == "account":
            if seen.account_id is None:
                continue
            whose = {"account_id": seen.account_id}
        elif of == "caller":
            if seen.channel != "voicemail":
                continue
            whose = {"caller": seen.caller or before.WITHHELD}
        since = milliseconds(seen.received_at - within)
        for each in before.earlier(connection, kind, since, until, **whose):
            yield Earlier(kind=kind, of=of, at=moment(each.at), rule=each.rule)
