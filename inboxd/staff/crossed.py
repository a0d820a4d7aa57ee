"""Answers that cross: two of staff answer one customer, the second by a notice older than the first's answer.

Neither is held back: which of the two is right only people can tell, and two answers do less harm than none. All who
wrote one are told at once, so that one of them can say the last word.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from inboxd import readers
from inboxd.intake.door import moment
from inboxd.judging.judge_message import Judged
from inboxd.letters import notices
from inboxd.staff import staff_notices
from inboxd.staff.staff_entries import TOLD_STAFF, Author
from store import outbox as items
from store import tickets
from store.tickets import Entry, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection


def unseen(txn: "Connection", judged: Judged, ticket: Ticket, author: Author) -> list[Entry]:
    """Return what others have answered since the notice that a mail answers, and since its author's last answer."""
    notice = [each for each in items.by_message_id(txn, judged.message.in_reply_to) if each.kind in TOLD_STAFF]
    if not notice:
        return []
    answers = readers.answers(ticket, tickets.entries(txn, ticket.id))
    own = max((each.id for each in answers if each.author == author.name), default=0)
    told_at = max(each.created_at for each in notice)
    return [each for each in answers if each.at > told_at and each.id > own and each.author != author.name]


def tell(txn: "Connection", judged: Judged, ticket: Ticket, author: Author, others: Sequence[Entry]) -> None:
    """Tell the author of an answer, and those of the `others` that he had not seen, that all of them went out."""
    if not others or not staff_notices.left(txn, ticket, author, at=judged.at):
        return
    policy = judged.policy
    when = f"{moment(others[-1].at).astimezone(policy.zone):%Y-%m-%d %H:%M %Z}"
    both = f"The customer has two answers: {others[-1].author}'s, of {when}, and now {author.name}'s."
    look = f"`inboxd tickets show {ticket.ref}` has both."
    seconds = policy.office.undo_seconds
    undo = [f"For {seconds} seconds `inboxd tickets undo {ticket.ref}` takes the second back."] if seconds else []
    staff_notices.tell(txn, judged, ticket, author, [both, *undo, look], at=judged.at)
    for name in dict.fromkeys(each.author for each in others if each.author is not None):
        notices.to_member(txn, policy, ticket, name, sentences=[both, *undo, look], at=judged.at)
