"""A flood: what one author, or one domain, sends again and again goes into one ticket, and nothing of it is lost.

A machine that fails tells everybody each minute; a mail loop does the same. Past the limits of the configuration
(`limits`) further mails of the same author, proven alike, become entries of the newest of their tickets. Two authors
never share a ticket by this: each would take part in what the other wrote.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from inboxd import addresses, public_suffix
from inboxd.joining import thread_evidence
from inboxd.joining.join_ticket import Join
from inboxd.judging.judge_message import Judged
from inboxd.settings import Limits
from store import domain_tickets, ticket_people, tickets
from store.ticket_people import Opened
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

WINDOW_MS: Final = 3_600_000
_WHICH: Final = ", which is a flood"


def find(txn: "Connection", judged: Judged, join: Join) -> Join:
    """Return the join of a mail that joins nothing by itself: into the ticket of its flood where it is of one.

    Where who wrote is not certain, there is no flood. `crowded` says why no receipt goes out.
    """
    author, limits = judged.identity.address, _limits(judged)
    if author is None or judged.old is not None or judged.authentication.verdict == "failed":
        return join
    since, until = judged.at - WINDOW_MS, judged.at
    mine = ticket_people.opened_by(txn, author, verdict=judged.authentication.verdict, since=since, until=until)
    if limits.same_subject is not None and len(mine) >= limits.same_subject:
        subject = thread_evidence.base_subject(judged.message.subject or "")
        same = [each for each in mine if thread_evidence.base_subject(each.subject) == subject]
        if len(same) >= limits.same_subject and (into := _newest(txn, same)) is not None:
            return _into(into, f"{author} opened {len(same)} tickets with this subject within the hour before")
    if limits.sender is not None and len(mine) >= limits.sender and (into := _newest(txn, mine)) is not None:
        return _into(into, f"{author} opened {len(mine)} tickets within the hour before")
    most = limits.domain
    if most is None:
        return join
    domain = _domain(author)
    if domain_tickets.count(txn, domain, since=since, until=until, most=most) < most:
        return join
    flood = f"{most} tickets or more were opened from {domain} within the hour before"
    if (into := _newest(txn, mine)) is not None:
        return _into(into, flood)
    flood += _WHICH
    return replace(join, crowded=f"limit: {flood}", evidence=(*join.evidence, f"No receipt: {flood}."))


def count(txn: "Connection", judged: Judged) -> None:
    """Count a ticket that a mail has opened, where that is limited."""
    author = judged.identity.address
    if author is not None and judged.old is None and _limits(judged).domain is not None:
        domain_tickets.add(txn, _domain(author), at=judged.at, forget_before=judged.at - 2 * WINDOW_MS)


def _limits(judged: Judged) -> Limits:
    settings = judged.policy.office.settings
    return Limits() if settings is None else settings.limits


def _into(ticket: Ticket, why: str) -> Join:
    return Join(ticket=ticket, evidence=(f"Folded into {ticket.ref}: {why}{_WHICH}.",))


def _domain(author: str) -> str:
    domain = addresses.key(author).rpartition("@")[2]
    in_ascii = addresses.a_labels(domain) or domain
    return public_suffix.organisational(in_ascii) or in_ascii


def _newest(txn: "Connection", opened: list[Opened]) -> Ticket | None:
    number = next((each.id for each in opened if each.status != "closed"), None)
    return None if number is None else tickets.get_by_id(txn, number)
