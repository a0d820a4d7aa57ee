"""What may be done on a ticket, counted again from its entries, once a person has said whose it is.

What was proven by whom stays; for whom it counts is another question now. A mail proves for the account that was
settled where its author is on file there, whatever other account has that address, too.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from inboxd import filing, old_mail
from inboxd.identity import identify
from inboxd.identity.identify import Identity
from inboxd.intake.door import moment
from inboxd.judging import facts
from inboxd.policy.policy import Policy
from rules.decide import decide
from rules.decision import Decision
from store import tickets, traces
from store.tickets import Entry, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection


def of_account(txn: "Connection", ticket: Ticket, policy: Policy) -> dict[str, Any]:
    """Return the columns of what may be done for the account that the ticket has now; nothing a person allowed by hand.

    The first entry gives what the rules say of it, each unproven one takes away, a confirmation gives again. Whether a
    later proven mail was meant for this ticket is known no more: it gives nothing, and takes nothing. An entry of which
    nothing is known any more takes everything.
    """
    first, *later = (each for each in tickets.entries(txn, ticket.id) if each.kind in filing.FROM_CUSTOMERS)
    rights: dict[str, Any] = {"actions_allowed": (), "actions_blocked": None}
    for entry in (first, *later):
        author = _author(entry, ticket, policy)
        decision = _decision(txn, entry, author, ticket, policy)
        proven = author is not None and author.authorized
        if decision is None:
            rights["actions_allowed"] = ()
        elif entry is first or (entry.kind == "confirmation" and proven):
            rights = filing.rights(decision)
        elif not proven:
            rights = filing.without(replace(ticket, **rights), decision.actions_blocked)
    return rights


def _author(entry: Entry, ticket: Ticket, policy: Policy) -> Identity | None:
    """Return who is proven to have written an entry, of the ticket's account; None where nobody of theirs is."""
    if entry.author is None or (entry.authentication or {}).get("verdict") != "authenticated" or ticket.account is None:
        return None
    day = policy.day_of(moment(entry.at))
    found = identify.by_address(policy.directory, entry.author, day, account_id=ticket.account["id"])
    return found if found.account is not None else None


def _decision(
    txn: "Connection", entry: Entry, author: Identity | None, ticket: Ticket, policy: Policy
) -> Decision | None:
    """Decide about an entry as if it had come alone, by the words that it has now; None where no facts are kept."""
    found = traces.of_entry(txn, entry.id)
    if not found:
        return None
    kept = found[-1].body
    seen = filing.facts_again(kept, ticket, entry)
    if author is not None:
        seen = replace(seen, verdict="authenticated", **facts.who(author))
    elif seen.verdict == "authenticated":
        seen = replace(seen, verdict="unverified")
    return old_mail.again(decide(policy.rules, replace(seen, confirmed=False)), kept)
