"""A voicemail whose caller names a reference: whether it joins that ticket, and what it changes there.

The number it came from must be on file for the ticket's account. A caller ID proves nothing, so a call that joins opens
no action; but it was heard, so it is decided like a new one: what it says may raise the priority, which a mail cannot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from inboxd import filing
from inboxd.clocks import clocks
from inboxd.identity import identify
from inboxd.identity.identify import Identity
from inboxd.joining.join_ticket import Join
from inboxd.judging import facts
from inboxd.quoted_references import said
from inboxd.staff_tags import StaffTags
from rules.decision import PRIORITIES, Decision, Priority
from rules.facts import Facts
from store import ticket_links, tickets
from store.errors import NotFound
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection


def find(
    txn: "Connection", words: str, identity: Identity, *, own: int | None = None, heard: Sequence[str] = ()
) -> Join:
    """Look for the ticket that a caller names. The first that lets the caller in is it.

    A reference that was merged leads to what it was merged into. `own` is the number of the ticket that the call has
    already, which is none to join. `heard` are further readings of what was said: they join, or say nothing.
    """
    quoted = said(words)
    evidence = [f"Names the reference {ref}, filed anew: its check digit does not hold." for ref in quoted.wrong]
    for ref in dict.fromkeys((*quoted.right, *heard)):
        surely = ref in quoted.right
        try:
            ticket = ticket_links.survivor(txn, tickets.get(txn, ref))
        except NotFound:
            if surely:
                evidence.append(f"Names the reference {ref}, filed anew: there is no such ticket.")
            continue
        if ticket.id == own:
            continue
        refusal = _refusal(ticket, identity)
        if refusal is None:
            named = "its reference" if ref == ticket.ref else f"{ref}, which was merged into it"
            return Join(ticket=ticket, evidence=(f"Joins {ticket.ref}: the caller names {named}.",))
        if surely:
            evidence.append(f"Names the reference {ref}, filed anew: {refusal}.")
    return Join(ticket=None, evidence=tuple(evidence))


def _refusal(ticket: Ticket, identity: Identity) -> str | None:
    if ticket.status == "closed":
        return "that ticket is closed"
    if ticket.account is None or all(match.account.id != ticket.account["id"] for match in identity.matches):
        return "the number called from is not on file for its account"
    return None


def settled(identity: Identity, ticket: Ticket, today: date) -> Identity:
    """Return who calls about a ticket: where the number is on file for several accounts, it is the ticket's."""
    theirs = (ticket.account or {}).get("id")
    if identity.account is not None or all(match.account.id != theirs for match in identity.matches):
        return identity
    return identify.by_spoken_reference(identity, ticket.ref, str(theirs), today)


def facts_there(seen: Facts, identity: Identity, ticket: Ticket) -> Facts:
    """Return what is known of a call on the ticket that it joins: who calls, and the tags that people gave that."""
    given = StaffTags.of(ticket.staff_set).given
    known = {**facts.who(identity), "candidates": 1} if identity.by == "spoken-reference" else {}
    return replace(seen, identified_by=identity.by, staff_tags=(*seen.staff_tags, *given), **known)


def changes(
    ticket: Ticket, decision: Decision, number: str | None, *, at: int, calendars: clocks.Calendars
) -> dict[str, Any]:
    """Return the columns that a call of `at` changes on the ticket it joins; `number` is the one to call back.

    Its priority counts where it is higher and no person has set one, and with it the clocks of the call where they are
    due sooner. What is said on the phone allows nothing: what the rules withhold of it is withheld of the ticket.
    """
    fresh: dict[str, Any] = {}
    running = ticket.clocks
    if ticket.status in {"solved", "waiting"}:
        fresh["status"] = "open"
        running = clocks.moved(running, "open", at, calendars)
    if "priority" not in ticket.staff_set and _rank(decision.priority) < _rank(ticket.priority):
        fresh |= {"priority": decision.priority, "priority_by": f"call {_rule(decision)}"}
    running = _clocks(running, decision, raised="priority" in fresh)
    return fresh | {
        "clocks": running,
        "callback": {
            **ticket.callback,
            "number": number or ticket.callback["number"],
            "due_at": clocks.callback_due(running),
        },
        **filing.without(ticket, decision.actions_blocked),
    }


def say_changes(txn: "Connection", before: Ticket, changed: Mapping[str, Any], *, at: int) -> None:
    """Note on the ticket what a call that joined it has changed for people who work on it."""
    for name in ("status", "priority"):
        if name in changed:
            what = f"{name} {changed[name]}"
            tickets.event(txn, before.id, at=at, actor="inboxd", what=what, why="A call joined.")
    filing.say_withheld(txn, before, changed, at=at, why="A call joined, and a caller ID proves nothing.")


def _rank(priority: Priority) -> int:
    return PRIORITIES.index(priority)


def _rule(decision: Decision) -> str:
    return decision.priority_by.removeprefix("rule ")


def _clocks(running: clocks.Clocks, decision: Decision, *, raised: bool) -> clocks.Clocks:
    """A call that raises the priority brings its own clocks; any call asks for one to be made back."""
    there = {clock["name"]: clock for clock in running}
    for clock in filing.columns(decision)["clocks"]:
        name, old = clock["name"], there.get(clock["name"])
        if old is None or old["met_at"] is not None:
            begins = raised or name == "callback"
        else:
            begins = raised and clock["due_at"] < old["due_at"]
        if begins:
            there[name] = clock
    return tuple(there.values())
