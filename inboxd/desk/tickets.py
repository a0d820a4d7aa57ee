"""Reading the queue and working on tickets; every change is attributed and has its event."""

from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from inboxd import filing, history, views
from inboxd.desk.arguments import Limit, Number, Time
from inboxd.desk.context import Context
from inboxd.errors import InboxdError, UsageWrong
from inboxd.intake import now_ms
from rules.decide import decide
from rules.ruleset import RuleSet
from store import tickets, traces
from store.tickets import NewEntry, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

TicketStatus = Literal["open", "waiting", "solved", "closed"]


class Changes(BaseModel):
    """What a person may set; a field that is given as null is cleared."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    priority: Literal["urgent", "high", "medium", "low"] = "medium"
    status: TicketStatus = "open"
    assignee: str | None = None
    type: Literal["incident", "problem", "service-request"] | None = None
    queue: str | None = None


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
    return [views.ticket(each, [], []) for each in found]


def next_(context: Context) -> dict[str, Any] | None:
    """Take the first open ticket that nobody has, and return it; None when there is none."""

    def take(txn: "Connection") -> str | None:
        for each in tickets.list_(txn, status="open"):
            if each.assignee is not None:
                continue
            # Somebody on another node may have taken it since the list was read.
            ticket = tickets.get_by_id(txn, each.id, for_update=True)
            if ticket.assignee is None and ticket.status == "open":
                _change(txn, context, ticket, {"assignee": context.staff_name})
                return ticket.ref
        return None

    ref = context.store.write(take)
    return None if ref is None else show(context, ref)


def show(context: Context, ref: str) -> dict[str, Any]:
    """Return a ticket whole."""
    with context.store.read() as connection:
        ticket = tickets.get(connection, ref)
        return views.ticket(ticket, tickets.entries(connection, ticket.id), tickets.events(connection, ticket.id))


def search(context: Context, words: str, limit: Limit | None = None) -> list[dict[str, Any]]:
    """Return the tickets that hold all the words, the best match first."""
    with context.store.read() as connection:
        return [views.ticket(each, [], []) for each in tickets.search(connection, words, limit=limit or 50)]


def export(context: Context, after: Number | None = None, limit: Limit = 200) -> dict[str, Any]:
    """Return a page of every ticket whole, in the order of creation; `after` is None behind the last page."""
    with context.store.read() as connection:
        page = list(islice(tickets.everything(connection, after=after or 0), limit))
        shown = [
            views.ticket(each, tickets.entries(connection, each.id), tickets.events(connection, each.id))
            for each in page
        ]
    return {"tickets": shown, "after": page[-1].id if len(page) == limit else None}


def note(context: Context, ref: str, text: str) -> dict[str, Any]:
    """Put an internal note on a ticket."""
    if not text.strip():
        raise InboxdError("the note is empty: write what the next reader should know")

    def write(txn: "Connection") -> None:
        ticket = tickets.get(txn, ref, for_update=True)
        at = now_ms()
        tickets.append(txn, ticket.id, NewEntry(kind="note", at=at, author=context.staff_name, text=text))
        tickets.event(txn, ticket.id, at=at, actor=context.actor, what="note", why=None)

    context.store.write(write)
    return show(context, ref)


def set_(
    context: Context, ref: str, tag: list[str] | None = None, untag: list[str] | None = None, **wanted: Any
) -> dict[str, Any]:
    """Change what is named (see `Changes`), attributed to the actor; then the rules decide again.

    A field that is left out stays as it is. What a person has set, no later message or rule changes.
    """
    given = Changes(**wanted)

    def write(txn: "Connection") -> None:
        ticket = tickets.get(txn, ref, for_update=True)
        changes = {name: getattr(given, name) for name in given.model_fields_set}
        if "priority" in changes:
            changes["priority_by"] = f"staff {context.staff_name}"
        if tag or untag:
            kept = [each for each in ticket.tags if each not in (untag or [])]
            changes["tags"] = (*kept, *(each for each in tag or [] if each not in kept))
        if not changes:
            raise UsageWrong("nothing to change: name a priority, status, assignee, type, queue or tag")
        _change(txn, context, ticket, changes)
        _decide_again(txn, tickets.get_by_id(txn, ticket.id), context.policy.current.rules)

    context.store.write(write)
    return show(context, ref)


_SETTABLE_BY_STAFF = frozenset({"priority", "type", "queue", "assignee", "tags"})


def _change(txn: "Connection", context: Context, ticket: Ticket, changes: dict[str, Any]) -> None:
    """Write what a person decided, and remember that a person did: no rule changes it afterwards."""
    at = now_ms()
    staff_set = tuple(sorted({*ticket.staff_set, *(_SETTABLE_BY_STAFF & changes.keys())}))
    if "status" in changes:
        changes = {**changes, "closed_at": at if changes["status"] == "closed" else None}
    tickets.update(txn, ticket.id, at=at, staff_set=staff_set, **changes)
    for name, value in changes.items():
        if name in {"priority_by", "closed_at"}:
            continue
        shown = " ".join(value) if isinstance(value, tuple) else value
        tickets.event(txn, ticket.id, at=at, actor=context.actor, what=f"{name} {shown}", why=None)


def _decide_again(txn: "Connection", ticket: Ticket, rules: RuleSet) -> None:
    found = traces.of_ticket(txn, ticket.id)
    # The facts are those of the entry that opened the ticket, with its words once they were heard.
    opening = [trace for trace in found if trace.entry_id == found[0].entry_id]
    entry = next(each for each in tickets.entries(txn, ticket.id) if each.id == found[0].entry_id)
    seen = filing.facts_again(opening[-1].body, ticket, entry)
    decision = history.again(decide(rules, seen), found[0].body)
    changes = filing.changes(ticket, decision)
    if not changes:
        return
    at = now_ms()
    tickets.update(txn, ticket.id, at=at, **changes)
    what = ", ".join(sorted(set(changes) & set(filing.DECIDED_FIELDS)))
    if what:
        why = f"After a person's change the rules change {what}."
        tickets.event(txn, ticket.id, at=at, actor="inboxd", what="decided again", why=why)
