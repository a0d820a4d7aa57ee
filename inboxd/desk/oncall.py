"""Who is on call, a page as a test, and the word that somebody has it."""

from typing import TYPE_CHECKING, Any

from inboxd import views
from inboxd.desk.context import Context
from inboxd.errors import InboxdError, UsageWrong
from inboxd.intake.door import milliseconds, moment, now_ms
from inboxd.oncall import paging
from inboxd.policy.on_file import NoStore
from rules.rota import Person, Rota, Shift
from store import outbox as rows
from store import pages, ticket_links, tickets

if TYPE_CHECKING:
    from sqlalchemy import Connection


def now(context: Context) -> dict[str, Any]:
    """Return who is on call and until when, who is next, and the pages that nobody has acknowledged."""
    rota = _rota(context)
    at = moment(now_ms())
    shift = rota.shift(at)
    waiting: list[dict[str, Any]] = []
    if not isinstance(context.store, NoStore):  # a rota can be looked at before anybody has called
        with context.store.read() as connection:
            waiting = [_page(connection, page) for page in pages.under_way(connection) if page.ticket_id is not None]
    following = None if shift is None else rota.shift(shift.until)
    return {
        "person": None if shift is None else shift.person,
        "ways": _ways(rota.people.get(shift.person) if shift is not None else None),
        "since": None if shift is None else _time(shift, "since"),
        "until": None if shift is None else _time(shift, "until"),
        "next": None if following is None else {"person": following.person, "until": _time(following, "until")},
        "steps": [{"page": each.page, "wait": round(each.wait.total_seconds())} for each in rota.steps],
        "pages": waiting,
    }


def try_out(context: Context, person: str | None = None) -> list[dict[str, Any]]:
    """Queue a page that says it is a test, to whoever is on call or to a person; return the outbox items."""
    policy, rota, at = context.policy.current, _rota(context), now_ms()
    name = person or rota.who(moment(at))
    if name is None:
        raise InboxdError("nobody is on call: the rules file has no rota; name a person")
    found = rota.people.get(name)
    if found is None:
        raise UsageWrong(f'no person "{name}" in the rules file: there are {", ".join(rota.people)}')
    numbers = context.store.write(lambda txn: paging.try_out(txn, policy, found, at=at))
    context.wake()
    with context.store.read() as connection:
        return [views.outbox(rows.get(connection, number)) for number in numbers]


def ack(context: Context, ref: str) -> dict[str, Any]:
    """Acknowledge the page of a ticket: no further step is taken. InboxdError where there is none."""

    def write(txn: "Connection") -> dict[str, Any]:
        ticket = ticket_links.locked(txn, tickets.get(txn, ref).id)
        page = pages.of_ticket(txn, ticket.id, for_update=True)
        if page is None:
            raise InboxdError(f"nobody was paged for {ticket.ref}: there is nothing to acknowledge")
        how = "By `inboxd oncall ack`."
        paging.acknowledge(txn, page.id, by=context.staff_name, how=how, at=now_ms())
        return _page(txn, pages.get(txn, page.id))

    return context.store.write(write)


def _rota(context: Context) -> Rota:
    rota = context.policy.current.rules.rota
    if rota is None:
        raise InboxdError("nobody is on call: the rules file has no part `oncall`")
    return rota


def _page(connection: "Connection", page: pages.Page) -> dict[str, Any]:
    assert page.ticket_id is not None
    acknowledged = page.state == "acknowledged"
    return {
        "ticket": tickets.get_by_id(connection, page.ticket_id).ref,
        "state": page.state,
        "rule": page.rule,
        "caused_at": views.time(page.caused_at),
        "steps_taken": page.step,
        "paged": list(dict.fromkeys(item.person for item in pages.items(connection, page.id))),
        "acknowledged_at": views.time(page.ended_at) if acknowledged else None,
        "acknowledged_by": page.ended_by if acknowledged else None,
    }


def _ways(person: Person | None) -> list[dict[str, str]]:
    return [] if person is None else [{"kind": way.kind, "to": way.to} for way in person.ways]


def _time(shift: Shift, name: str) -> str | None:
    return views.time(milliseconds(shift.since if name == "since" else shift.until))
