"""Whom a proven mail brings into the ticket that it joins: whom its author has written to about that ticket.

A thief writes to him as himself, with the ticket's reference in the subject and the desk in copy, or hands on what he
was really written with a field in it that names the ticket. The answer to all is proven, and was written to both; it
was said to something else.
"""

from typing import TYPE_CHECKING

from inboxd import addresses, confirm, readers
from inboxd.errors import InboxdError
from inboxd.judging.judge_message import Judged
from store import tickets
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

NOBODY_NEW = "It answers a mail that is not the ticket's, so whom else it was written to takes no part by that."


def by(txn: "Connection", ticket: Ticket, judged: Judged, *, entry_id: int | None = None) -> tuple[str, ...] | None:
    """Return `Judged.written_to`, as far as its author means the ticket: else those of them who read along already.

    `entry_id` is the mail's entry where it has one already.
    """
    named = judged.written_to
    if not named or judged.authentication.verdict != "authenticated" or confirm.means(txn, ticket, judged, entry_id):
        return named
    so_far = [each for each in tickets.entries(txn, ticket.id) if entry_id is None or each.id < entry_id]
    try:
        found = readers.audience(txn, judged.policy.office, ticket, so_far)
    except InboxdError:
        return ()  # nobody is answered there
    reading = {addresses.key(each) for each in (found.reader.address, *found.in_copy)}
    return tuple(each for each in named if addresses.key(each) in reading)
