"""Mail of the desk's own people about a ticket: an answer to a notice, or a copy of what they wrote to the customer.

Who only says that he is staff is nobody here: the author must be proven like any customer's (`authentication`), or the
mail must lie in the folder of what a mailbox of ours has sent. An answer to a notice goes out to the customer as if it
had been written by command (`staff_answers`).
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from inboxd import addresses, readers
from inboxd.clocks import clocks
from inboxd.joining import thread_evidence
from inboxd.judging.judge_message import Judged
from inboxd.staff import crossed, staff_answers
from inboxd.staff.staff_entries import Author, append, outsiders, proven_of, told_by
from store import intake as rows
from store import ticket_links, ticket_people, tickets
from store.intake import Intake
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

_DESK: Final = "the desk"


def take(txn: "Connection", intake: Intake, judged: Judged) -> dict[str, Any] | None:
    """Put a mail of staff in its place; None for anybody else's, and for one that is about no ticket."""
    if judged.old is not None or judged.identity.by == "forwarded":
        return None
    sent_folder = _is_sent(intake, judged)
    author = author_of(judged, sent_folder=sent_folder)
    if author is None:
        return None
    ticket_id = meant(txn, intake, judged)
    if sent_folder and (ticket_id is None or not outsiders(judged)):
        return _ignored(txn, intake, "It was sent from a mailbox of the desk, and answers nobody about a ticket.")
    if ticket_id is None:
        return None
    if judged.message.is_automatic:
        return _ignored(txn, intake, "A program of staff's wrote it in answer to a mail of ours.")
    ticket = ticket_links.locked(txn, ticket_id)
    if staff_answers.asks_himself(ticket, author) and not staff_answers.commands_of(judged, author).given:
        return None  # a customer's word like any other
    put(txn, intake, judged, ticket, author)
    return {"status": "threaded", "ref": ticket.ref, "by": "staff"}


def meant(txn: "Connection", intake: Intake, judged: Judged) -> int | None:
    """Return the number of the ticket that a mail of staff is about; None for none."""
    found = thread_evidence.candidates(txn, judged.message, judged.quotes, intake.envelope.get("rcpt_tos") or ())
    # A reference in the text alone may be one of several things spoken of, and what follows goes to a customer.
    named = [(each.how, each.ticket) for each in found if each.ticket is not None and each.how != "text"]
    alike = [ticket for how, ticket in named if how == named[0][0]]
    if len(alike) > 1:
        # Whoever has a customer's mail may open a ticket under its Message-ID, to be taken for him by us.
        others = outsiders(judged)
        alike.sort(key=lambda ticket: not _reaches(others, _people(txn, ticket)))
    return alike[0].id if alike else None


def put(
    txn: "Connection", intake: Intake, judged: Judged, ticket: Ticket, author: Author, *, late: str | None = None
) -> None:  # fmt: skip
    """Let a mail of staff be an answer, a copy of one, or a note on its ticket, and do what it says.

    `late`: why nothing is to be sent or changed by it any more; it is a note then, and its author is told.
    """
    others = outsiders(judged)
    answers_notice = _answers_notice(txn, judged)
    # In copy of an answer to a notice may be anybody: it still has to go to who asked.
    has_it = _reaches(others, readers.askers(ticket) if answers_notice else _people(txn, ticket))
    if others and (has_it or not answers_notice):
        _copy(txn, intake, judged, ticket, author, has_it=has_it)
    else:
        staff_answers.take(txn, intake, judged, ticket, author, cc=others, late=late)
    rows.conclude(txn, intake.id, status="threaded", ticket_id=ticket.id)


def _is_sent(intake: Intake, judged: Judged) -> bool:
    """Whether it lies among what a mailbox of ours has sent: only who may write into that folder puts it there."""
    settings = judged.policy.office.settings
    boxes = settings.imap if settings is not None else ()
    of_box = {box.name: box.sent for box in boxes if box.sent is not None}
    name, folder = intake.envelope.get("mailbox"), intake.envelope.get("folder")
    return folder is not None and of_box.get(name or "") == folder


def author_of(judged: Judged, *, sent_folder: bool = False) -> Author | None:
    """Return who of the desk has written a mail; None where it is nobody, or nothing proves it.

    `sent_folder`: it lies among what a mailbox of ours has sent.
    """
    address = judged.message.author.address
    if address is None:
        return None
    proven = judged.findings.proof is not None and judged.authentication.verdict != "failed"
    member = judged.policy.office.staff_member(address)
    if member is not None and (proven or sent_folder):
        return Author(name=member.name, address=address)
    if sent_folder or (proven and judged.is_ours(address)):
        return Author(name=_shown(judged.message.from_name), address=address)
    return None


def _shown(name: str | None) -> str:
    # Never an address: who wrote an entry took part in the ticket, and nobody shall by writing in the desk's name.
    return name if name and "@" not in name else _DESK


def _answers_notice(txn: "Connection", judged: Judged) -> bool:
    """Whether it answers what inboxd told staff: those in copy have it then, and the customer has not."""
    return bool(told_by(txn, judged.message.in_reply_to))


def _people(txn: "Connection", ticket: Ticket) -> set[str]:
    """Return who asked, and who takes part."""
    return readers.askers(ticket) | ticket_people.participants(txn, ticket.id)


def _reaches(others: Iterable[str], people: Iterable[str]) -> bool:
    return not set(map(addresses.key, people)).isdisjoint(map(addresses.key, others))


def _copy(txn: "Connection", intake: Intake, judged: Judged, ticket: Ticket, author: Author, *, has_it: bool) -> None:
    """Note what was written elsewhere, and send nothing; the clocks stop where a customer `has_it`."""
    running = clocks.happened(ticket.clocks, "reply", judged.at, judged.calendars) if has_it else ticket.clocks
    unseen = crossed.unseen(txn, judged, ticket, author) if has_it else []
    to = _brought_in(txn, judged, ticket)
    append(txn, intake, judged, ticket, author, "reply", to, **clocks.columns(ticket, running))
    clocks.watch(txn, tickets.get_by_id(txn, ticket.id), ticket.clocks)
    why = f"written elsewhere, to {', '.join(outsiders(judged))}"
    tickets.event(txn, ticket.id, at=judged.at, actor=author.name, what="reply", why=why)
    crossed.tell(txn, judged, ticket, author, unseen, elsewhere=True)


def _brought_in(txn: "Connection", judged: Judged, ticket: Ticket) -> tuple[str, ...]:
    """Return to whom staff wrote; nobody new where only a field that its signature leaves open names the ticket.

    Whoever has such a mail could hand it in again as one about any ticket of which he knows a Message-ID.
    """
    named = proven_of(judged, outsiders(judged))
    if judged.findings.proof is None:
        return named  # only who may write into the folder of what was sent puts it there
    found = thread_evidence.candidates(txn, judged.as_proven, judged.quotes, ())
    if any(each.ticket is not None and each.ticket.id == ticket.id for each in found):
        return named
    people = set(map(addresses.key, _people(txn, ticket)))
    return tuple(each for each in named if addresses.key(each) in people)


def _ignored(txn: "Connection", intake: Intake, reason: str) -> dict[str, Any]:
    rows.conclude(txn, intake.id, status="ignored", reason=reason)
    return {"status": "ignored", "reason": reason}
