"""A proof that came after its entry was filed: put onto the entry, and onto the ticket that the entry opened.

It comes by a later look (the DNS did not answer the first time) or with a second copy of the same mail: whoever sends a
forged copy first must not keep the real one from counting.
"""

from typing import TYPE_CHECKING, Any, Final

from inboxd import confirm, filing
from inboxd.errors import NotYet
from inboxd.mail_story import brought_in
from store import tickets
from store.tickets import Entry, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from inboxd.judging.judge_message import Judged


# Each look but the last says that the entry has moved since the one before.
_LOOKS: Final = 5


def onto(txn: "Connection", intake_id: str, judged: "Judged", *, at: int, why: str) -> Ticket | None:
    """Put a newer result onto the entry of an intake; return its ticket, None where nothing was to change.

    What is proven stays proven, whatever a later look says. A question that the entry answers is answered now, and one
    that it made necessary is withdrawn. `at` in milliseconds since 1970.
    """
    authentication, decision = judged.authentication, judged.decision
    entry, ticket = _kept_still(txn, intake_id)
    if entry is None or ticket is None or entry.kind not in filing.FROM_CUSTOMERS:
        return None  # what staff wrote proves nothing for a customer
    before, after = entry.authentication or {}, authentication.to_json()
    if before.get("verdict") == "authenticated" or before == after:
        return None
    named = brought_in.by(txn, ticket, judged, entry_id=entry.id)
    tickets.set_authentication(txn, entry.id, after, recipients=named)
    everything = [each for each in tickets.entries(txn, ticket.id) if each.kind in filing.FROM_CUSTOMERS]
    changes: dict[str, Any] = {}
    if everything[0].id == entry.id and ticket.channel == "email":
        changes["authentication"] = after
    reply = confirm.reply_to(txn, ticket, judged, entry_id=entry.id)
    if everything[-1].id == entry.id and confirm.counts(txn, ticket, judged, reply, entry_id=entry.id):
        changes |= filing.rights(decision)
    if changes:
        tickets.update(txn, ticket.id, at=at, **changes)
    what = "proven" if authentication.verdict == "authenticated" else f"looked at again: {authentication.verdict}"
    tickets.event(txn, ticket.id, at=at, actor="inboxd", what=what, why=f"{why} {authentication.reason}")
    if authentication.verdict == "authenticated":
        confirm.withdraw(txn, ticket, entry.id, at=at)
    if reply is not None and authentication.verdict == "authenticated":
        if reply.outcome == "confirms":
            tickets.set_kind(txn, entry.id, "confirmation")
        confirm.settle(txn, judged.policy, ticket, reply, at=entry.at, entry_id=entry.id, by=entry.author or "")
    return ticket


def _kept_still(txn: "Connection", intake_id: str) -> tuple[Entry | None, Ticket | None]:
    """Return the entry of an intake as it stands on its ticket, which is locked. Raises NotYet where it wanders."""
    for _ in range(_LOOKS):
        entry = tickets.entry_of_intake(txn, intake_id)
        if entry is None:
            return None, None
        ticket = tickets.get_by_id(txn, entry.ticket_id, for_update=True)
        # On another node it may have been merged, split off or proven meanwhile.
        entry = tickets.entry_of_intake(txn, intake_id)
        if entry is not None and entry.ticket_id == ticket.id:
            return entry, ticket
    raise NotYet("the entry that it proves is being moved", seconds=1.0)
