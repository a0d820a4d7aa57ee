"""A mail of staff that was filed as a stranger's and is proven later: the DNS had not answered, or a second copy is.

It goes where it would have gone at once, and the ticket that it had opened leads there. Where somebody has worked on
that ticket nothing is moved, and where the ticket that it answers has changed since nothing is sent: what was written
before that may be said already, or wrong by now. Its author is told either way.
"""

from typing import TYPE_CHECKING, Final

from inboxd import confirm
from inboxd.joining import merging
from inboxd.joining.merging import By
from inboxd.judging.judge_message import Judged
from inboxd.staff import staff_answers, staff_mail, staff_notices
from inboxd.staff.staff_entries import Author
from store import intake as rows
from store import ticket_links, tickets
from store.intake import Intake
from store.ticket_links import Link
from store.tickets import Entry, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

_WHAT: Final = "proven to be staff's"
_NOT_SENT: Final = "Your mail went to nobody."
_LATE: Final = "It was proven to be yours only some time after it came"


def may_be(judged: Judged) -> bool:
    """Tell whether a mail says that somebody of the desk wrote it: a later look may prove that."""
    address = judged.message.author.address
    if address is None or judged.authentication.verdict == "failed":
        return False
    return judged.policy.office.is_staff(address) or judged.is_ours(address)


def take(txn: "Connection", intake: Intake, judged: Judged, entry: Entry, *, at: int) -> Ticket | None:
    """Put a mail that has an `entry` already where a mail of staff belongs; return the ticket that it is on then.

    `intake` is that of the copy that is proven. None for anybody else's mail, and for one that is about no ticket: it
    stays what it is. `at` in milliseconds.
    """
    author = staff_mail.author_of(judged)
    if author is None or entry.intake_id is None or entry.kind != "email" or judged.message.is_automatic:
        return None
    if judged.identity.by == "forwarded":
        return _sent_on(txn, judged, entry, author, at=at)
    about = staff_mail.meant(txn, intake, judged)
    if about is None:
        return None
    # In the order of their numbers, as people's merges do: two at once must not wait for each other.
    for number in sorted({about, entry.ticket_id}):
        tickets.get_by_id(txn, number, for_update=True)
    ticket, own = ticket_links.locked(txn, about), tickets.get_by_id(txn, entry.ticket_id)
    if own.id != ticket.id == ticket_links.survivor(txn, own).id:
        return ticket  # it was moved before
    if staff_answers.asks_himself(ticket, author):
        return None  # what he says there is a customer's word, and stands there
    if own.id == ticket.id:
        _say(txn, judged, ticket, own, author, f"It stands on {ticket.ref} as a customer's mail.", at=at)
        return own
    hindrance = _hindrance(txn, own)
    if hindrance is not None:
        why = f"It is filed as {own.ref}, and was not moved to {ticket.ref}: {hindrance}."
        _say(txn, judged, ticket, own, author, why, at=at)
        return own
    late = _too_late(txn, ticket, entry)
    _lead_to(txn, judged, own, ticket, entry, at=at)
    staff_mail.put(txn, rows.get(txn, entry.intake_id), judged, ticket, author, late=late)
    return ticket


def _sent_on(txn: "Connection", judged: Judged, entry: Entry, author: Author, *, at: int) -> Ticket:
    """Say on the ticket of a mail that staff sent on whose it is: it was filed as theirs."""
    own = tickets.get_by_id(txn, entry.ticket_id, for_update=True)
    if tickets.entries(txn, own.id)[0].id == entry.id:
        asks = judged.identity.address
        how = f"`inboxd tickets set {own.ref} --requester {asks}` makes it theirs"
        why = f"{author.name} sends on a mail of {asks}: {how}."
        tickets.event(txn, own.id, at=at, actor="inboxd", what=_WHAT, why=why)
        staff_notices.tell(txn, judged, own, author, [f"{_LATE}.", why], at=at)
    return own


def _hindrance(txn: "Connection", own: Ticket) -> str | None:
    """Say why the ticket that a mail opened is no mere place for it any more; None where it is."""
    if own.status != "open" or any(each.actor != "inboxd" for each in tickets.events(txn, own.id)):
        return "somebody has worked on that ticket"
    return "that ticket holds more than the mail" if len(tickets.entries(txn, own.id)) != 1 else None


def _lead_to(txn: "Connection", judged: Judged, own: Ticket, ticket: Ticket, entry: Entry, *, at: int) -> None:
    """Let the ticket that a mail opened lead on to the one that it is about. Its entry stays as it was filed."""
    confirm.withdraw(txn, own, entry.id, at=at)
    ticket_links.add(txn, Link(ticket_id=own.id, other_id=ticket.id, kind="merged", at=at, by="inboxd"))
    merging.close(txn, own, by=By(name="inboxd", actor="inboxd", calendars=judged.calendars), at=at)
    back = {
        "kind": "merge", "into": ticket.id, "entries": [], "status": own.status, "closed_at": own.closed_at,
        "clocks": list(own.clocks), "intakes": [entry.intake_id],
    }  # fmt: skip
    why = f"Its mail is proven to be staff's, and about {ticket.ref}: it stands there now."
    tickets.event(txn, own.id, at=at, actor="inboxd", what=f"merged into {ticket.ref}", why=why, undo=back)


def _too_late(txn: "Connection", ticket: Ticket, entry: Entry) -> str | None:
    """Say that something was written or done on a ticket since a mail about it came in; None where nothing was."""
    written = any(each.id > entry.id for each in tickets.entries(txn, ticket.id))
    done = any(each.at > entry.at and each.actor != "inboxd" for each in tickets.events(txn, ticket.id))
    return f"{_LATE}, and {ticket.ref} has changed since. {_answer(ticket)}" if written or done else None


def _answer(ticket: Ticket) -> str:
    return f"If it is still to be said: `inboxd tickets reply {ticket.ref}`."


def _say(
    txn: "Connection", judged: Judged, ticket: Ticket, own: Ticket, author: Author, why: str, *, at: int
) -> None:  # fmt: skip
    """Tell on both tickets, and its author, that a mail of staff went to nobody, and what to do."""
    for each in {ticket.id, own.id}:
        tickets.event(txn, each, at=at, actor="inboxd", what=_WHAT, why=f"By {author.name}. {why} {_answer(ticket)}")
    staff_notices.tell(txn, judged, ticket, author, [_NOT_SENT, f"{_LATE}.", why, _answer(ticket)], at=at)
