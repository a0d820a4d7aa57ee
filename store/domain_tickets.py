"""How many tickets were opened by mail from a domain lately; kept only while somebody wants to know."""

from sqlalchemy import Connection, delete, func, insert, select

from store.schema import domain_tickets


def add(txn: Connection, domain: str, *, at: int, forget_before: int) -> None:
    """Count a ticket that was opened at `at` (ms); what is older than `forget_before` is counted no more."""
    old = delete(domain_tickets).where(domain_tickets.c.domain == domain, domain_tickets.c.at < forget_before)
    txn.execute(old)
    txn.execute(insert(domain_tickets).inline(), {"domain": domain, "at": at})


def count(txn: Connection, domain: str, *, since: int, until: int, most: int) -> int:
    """Give how many were opened in that time (ms, ends included), and at most `most`."""
    opened = select(domain_tickets.c.id).where(
        domain_tickets.c.domain == domain, domain_tickets.c.at.between(since, until)
    )
    return int(txn.execute(select(func.count()).select_from(opened.limit(most).subquery())).scalar_one())
