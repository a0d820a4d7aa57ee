"""Answers that cross: two of staff answer one customer, the second something older than the first's answer.

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
from inboxd.staff.staff_entries import Author, told_by
from store import outbox as items
from store import tickets
from store.tickets import Entry, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection


def unseen(txn: "Connection", judged: Judged, ticket: Ticket, author: Author) -> list[Entry]:
    """Return what others have answered since what a mail answers, and since its author's last answer.

    That is a notice, or else what was said on the ticket. What the author of any other mail had seen nobody knows.
    """
    so_far = tickets.entries(txn, ticket.id)
    told = _told(txn, judged, so_far)
    if not told:
        return []
    answers = readers.answers(ticket, so_far)
    own = max((each.id for each in answers if each.author == author.name), default=0)
    others = [each for each in answers if each.at > max(told) and each.id > own and each.author != author.name]
    if judged.is_ours(author.address):
        # Perhaps it is what went out from here, which a server keeps among what was sent under an id of its own.
        said = "".join(judged.message.text.split())
        others = [each for each in others if not said.startswith("".join((each.text or "").split()))]
    return others


def _told(txn: "Connection", judged: Judged, so_far: Sequence[Entry]) -> list[int]:
    """Return when what a mail answers was said."""
    message = judged.message
    if notice := told_by(txn, message.in_reply_to):
        return [each.created_at for each in notice]
    ids = {*message.in_reply_to, *message.references}
    entries = [each.at for each in so_far if each.message_id in ids]
    return [*entries, *(each.created_at for each in items.by_message_id(txn, ids))]


def tell(
    txn: "Connection", judged: Judged, ticket: Ticket, author: Author, others: Sequence[Entry], *, elsewhere: bool
) -> None:
    """Tell the author of an answer, and those of the `others` that he had not seen, that all of them went out.

    `elsewhere`: it was written in another program, so it cannot be taken back here.
    """
    # Nobody reads what the desk writes to itself.
    to_author = not judged.is_ours(author.address)
    if not others or (to_author and not staff_notices.left(txn, ticket, author, at=judged.at)):
        return
    policy = judged.policy
    when = f"{moment(others[-1].at).astimezone(policy.zone):%Y-%m-%d %H:%M %Z}"
    both = f"The customer has two answers: {others[-1].author}'s, of {when}, and now {author.name}'s."
    look = f"`inboxd tickets show {ticket.ref}` has both."
    seconds = 0 if elsewhere else policy.office.undo_seconds
    undo = [f"For {seconds} seconds `inboxd tickets undo {ticket.ref}` takes the second back."] if seconds else []
    if to_author:
        staff_notices.tell(txn, judged, ticket, author, [both, *undo, look], at=judged.at)
    for name in dict.fromkeys(each.author for each in others if each.author is not None):
        notices.to_member(txn, policy, ticket, name, sentences=[both, *undo, look], at=judged.at)
