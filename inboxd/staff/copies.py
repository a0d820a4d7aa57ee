"""Who gets a copy of an answer by mail: of those whom the conversation has, whom its author was told of.

The notice that he answers says who gets a copy. Who came in since (the customer has written again, with others in
copy), was proven later, or stands in no notice because the desk's own words name nobody, reads nothing that was not
written for him: the author hears of it, and may send it to them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from inboxd import addresses, readers
from inboxd.judging.judge_message import Judged
from inboxd.staff import staff_notices
from inboxd.staff.staff_entries import Author, told_by
from store import tickets
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """Whom the conversation has in copy: those whom the author of an answer was told of, and the others."""

    named: tuple[str, ...]
    unnamed: tuple[str, ...]


def of(txn: "Connection", judged: Judged, ticket: Ticket) -> Copies:
    """Return whom the conversation has in copy of a mail of staff. Raises InboxdError where nobody can be answered."""
    message = judged.message
    found = readers.audience(txn, judged.policy.office, ticket, tickets.entries(txn, ticket.id)).in_copy
    notices = [each for each in told_by(txn, (*message.in_reply_to, *message.references)) if each.kind == "notice"]
    # An earlier one may have named somebody whom the last one left out.
    promised = max(notices, key=attrgetter("id")).copies if notices else ()
    known = set(map(addresses.key, promised))
    named = tuple(each for each in found if addresses.key(each) in known)
    return Copies(named=named, unnamed=tuple(each for each in found if each not in named))


def tell(txn: "Connection", judged: Judged, ticket: Ticket, author: Author, found: Copies, cc: Sequence[str]) -> None:
    """Tell the author of an answer that was sent who has no copy of it, beside those in `cc`."""
    has_it = set(map(addresses.key, cc))
    without = [each for each in found.unnamed if addresses.key(each) not in has_it]
    if not without or not staff_notices.left(txn, ticket, author, at=judged.at):
        return
    who = ", ".join(without)
    said = f"No copy of your answer went to {who}: what you answered did not say that they would read it."
    staff_notices.tell(txn, judged, ticket, author, [said], at=judged.at)
