"""A flood of one sender: the same subject again and again goes into one ticket, and nothing of it is lost.

A machine that fails tells everybody each minute; a mail loop does the same. Past a limit further mails of the same
author, proven alike, with the same subject, become entries of the newest of their tickets.
"""

from typing import TYPE_CHECKING, Final

from inboxd import thread_evidence
from inboxd.join_ticket import Join
from inboxd.judge_message import Judged
from store import tickets
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

WINDOW_MS: Final = 3_600_000
# Nobody writes so many mails an hour under one subject by hand.
MOST: Final = 30


def find(txn: "Connection", judged: Judged) -> Join | None:
    """Return the ticket that a mail of a flood goes into; None where there is no flood, or who wrote is not certain."""
    author = judged.identity.address
    subject = thread_evidence.base_subject(judged.message.subject or "")
    if author is None or judged.old is not None or judged.authentication.verdict == "failed":
        return None
    verdict = judged.authentication.verdict
    same = [
        ticket
        for ticket in tickets.opened_by(txn, author, since=judged.at - WINDOW_MS, until=judged.at)
        if ticket.authentication.get("verdict") == verdict and thread_evidence.base_subject(ticket.subject) == subject
    ]
    into = _newest(same)
    if len(same) < MOST or into is None:
        return None
    sentence = (
        f"Folded into {into.ref}: {author} opened {len(same)} tickets with this subject within the hour before,"
        " which is a flood."
    )
    return Join(ticket=into, evidence=(sentence,))


def _newest(same: list[Ticket]) -> Ticket | None:
    return next((ticket for ticket in same if ticket.status != "closed"), None)
