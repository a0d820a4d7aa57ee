"""Reading the queue and working on tickets; every change is attributed and has its event."""

from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from inboxd import readers, views
from inboxd.desk import settle
from inboxd.desk.arguments import Limit, Name, Number, Time
from inboxd.desk.context import Context
from inboxd.desk.ticket_changes import change
from inboxd.errors import InboxdError, UsageWrong
from inboxd.intake.door import now_ms
from inboxd.policy.names import of_nobody_on_ticket
from inboxd.staff.staff_changes import demand_unmerged
from rules.decision import PRIORITIES, Priority
from rules.scale import Scale
from store import outbox, tickets
from store.tickets import NewEntry

if TYPE_CHECKING:
    from sqlalchemy import Connection

TicketStatus = Literal["open", "waiting", "solved", "closed"]


class Changes(BaseModel):
    """What a person may set; a field that is given as null is cleared."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    priority: Priority = "medium"
    status: TicketStatus = "open"
    assignee: Name | None = None
    type: Literal["incident", "problem", "service-request"] | None = None
    queue: Name | None = None


def _scale(context: Context) -> Scale:
    return context.policy.current.rules.scale


def _priority(scale: Scale, text: str) -> Priority:
    """Read a priority that a person names, by the desk's own word or by one of the four."""
    found = scale.read(text)
    if found is None:
        names = tuple(dict.fromkeys((*scale.names, *PRIORITIES)))
        raise UsageWrong(f'unknown priority "{text}"; it is one of {", ".join(names)}')
    return found


def list_(
    context: Context,
    queue: str | None = None,
    account: str | None = None,
    status: TicketStatus | None = None,
    assignee: str | None = None,
    mine: bool = False,
    due: Time | None = None,
    limit: Limit | None = None,
) -> list[dict[str, Any]]:
    """Return tickets in the order to work them; without `status`, those that are not closed.

    `due` (RFC 3339) leaves those with a clock that runs out by then.
    """
    with context.store.read() as connection:
        found = tickets.list_(
            connection,
            queue=queue,
            account=account,
            status=status,
            assignee=context.staff_name if mine else assignee,
            due_before=None if due is None else views.parsed_time(due),
            limit=limit,
        )
    return [views.ticket(each, [], [], _scale(context)) for each in found]


def next_(context: Context) -> dict[str, Any] | None:
    """Take the first open ticket that nobody has, and return it; None when there is none."""

    def take(txn: "Connection") -> str | None:
        for each in tickets.list_(txn, status="open"):
            if each.assignee is not None:
                continue
            # Somebody on another node may have taken it since the list was read.
            ticket = tickets.get_by_id(txn, each.id, for_update=True)
            if ticket.assignee is None and ticket.status == "open":
                change(txn, context, ticket, {"assignee": context.staff_name})
                return ticket.ref
        return None

    ref = context.store.write(take)
    return None if ref is None else show(context, ref)


def show(context: Context, ref: str) -> dict[str, Any]:
    """Return a ticket whole."""
    with context.store.read() as connection:
        ticket = tickets.get(connection, ref)
        entries, events = tickets.entries(connection, ticket.id), tickets.events(connection, ticket.id)
        deliveries = outbox.of_entries(connection, ticket.id)
    return views.ticket(ticket, entries, events, _scale(context), deliveries)


def audience(context: Context, ref: str) -> dict[str, Any] | None:
    """Return who would read an answer on a ticket as it stands; None where there is nobody to write to.

    `answered_by`: who of staff has answered since the customer last wrote.
    """
    with context.store.read() as connection:
        ticket = tickets.get(connection, ref)
        so_far = tickets.entries(connection, ticket.id)
        try:
            found = readers.audience(connection, context.policy.current.office, ticket, so_far)
        except InboxdError:
            return None
    return {
        "to": found.reader.address,
        "in_copy": list(found.in_copy),
        "left_out": list(found.left_out),
        "answered_by": readers.answered_by(ticket, so_far),
    }


def unknown_names(context: Context, queue: str | None = None, assignee: str | None = None) -> list[str]:
    """Return a sentence for each of the names that nobody has; `set_` takes them all the same."""
    given = {"queue": queue, "assignee": assignee}
    return list(of_nobody_on_ticket(context.policy.current.rules, context.settings, given))


def search(context: Context, words: str, limit: Limit | None = None) -> list[dict[str, Any]]:
    """Return the tickets that hold all the words, the best match first."""
    with context.store.read() as connection:
        found = tickets.search(connection, words, limit=limit or 50)
    return [views.ticket(each, [], [], _scale(context)) for each in found]


def export(context: Context, after: Number | None = None, limit: Limit = 200) -> dict[str, Any]:
    """Return a page of every ticket whole, in the order of creation; `after` is None behind the last page."""
    with context.store.read() as connection:
        page = list(islice(tickets.everything(connection, after=after or 0), limit))
        shown = [
            views.ticket(
                each,
                tickets.entries(connection, each.id),
                tickets.events(connection, each.id),
                _scale(context),
                outbox.of_entries(connection, each.id),
            )
            for each in page
        ]
    return {"tickets": shown, "after": page[-1].id if len(page) == limit else None}


def note(context: Context, ref: str, text: str) -> dict[str, Any]:
    """Put an internal note on a ticket."""
    if not text.strip():
        raise InboxdError("the note is empty: write what the next reader should know")

    def write(txn: "Connection") -> None:
        ticket = tickets.get(txn, ref, for_update=True)
        demand_unmerged(txn, ticket)
        at = now_ms()
        tickets.append(txn, ticket.id, NewEntry(kind="note", at=at, author=context.staff_name, text=text))
        tickets.event(txn, ticket.id, at=at, actor=context.actor, what="note", why=None)

    context.store.write(write)
    return show(context, ref)


def set_(
    context: Context,
    ref: str,
    tag: list[Name] | None = None,
    untag: list[str] | None = None,
    account: str | None = None,
    contact: str | None = None,
    remember: bool = False,
    nobodys: bool = False,
    called: bool = False,
    **wanted: Any,
) -> dict[str, Any]:
    """Change what is named (see `Changes`), attributed to the actor; then the rules decide again.

    A field that is left out stays as it is. What a person has set, no later message or rule changes. `account` settles
    whose ticket it is, `contact` who of them; `remember` puts the number or address on file for them. `nobodys` takes
    away whose it is. `called` counts a call made to the customer.
    """
    if "priority" in wanted:
        wanted["priority"] = _priority(_scale(context), wanted["priority"])
    given = Changes(**wanted)
    changes = {name: getattr(given, name) for name in Changes.model_fields if name in given.model_fields_set}
    if account is None and (contact is not None or remember):
        raise UsageWrong("a contact is one of an account: name the account, too")
    if account is not None and nobodys:
        raise UsageWrong("a ticket is an account's or nobody's: name one of the two")
    if not (changes or tag or untag or account or nobodys or called):
        raise UsageWrong("nothing to change: name a priority, status, assignee, type, queue, tag or account")

    def write(txn: "Connection", who: settle.Settled | None) -> None:
        ticket = tickets.get(txn, ref, for_update=True)
        change(txn, context, ticket, changes, tag=tag or (), untag=untag or (), called=called, who=who, nobodys=nobodys)

    if account is None:
        context.store.write(lambda txn: write(txn, None))
    else:
        settle.settle(context, ref, account, contact, remember=remember, then=write)
    return show(context, ref)
