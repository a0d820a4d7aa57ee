"""Taking back what a person changed on a ticket, as far as nobody has changed it since; then the rules decide again."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from inboxd import decide_again
from inboxd.clocks import clocks
from inboxd.policy.policy import Policy
from inboxd.staff_tags import StaffTags
from store import tickets
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from inboxd.staff.staff_changes import Change

# What a rule decides, too, and no more once a person has. (Tags are remembered one by one.)
DECIDED: Final = frozenset({"priority", "type", "queue", "assignee"})


def before(ticket: Ticket, wanted: "Change") -> dict[str, Any] | None:
    """Return what has to be put back to take a change of this ticket back; None where nothing of it can be.

    Whose the ticket is has told customers and freed actions, and a call was made: neither is among it.
    """
    marks = StaffTags.of(ticket.staff_set)
    now = dict.fromkeys(wanted.untag, "-") | dict.fromkeys(wanted.tag, "+")
    tags = [[tag, marks.mark(tag), tag in ticket.tags, mark] for tag, mark in now.items() if marks.mark(tag) != mark]
    was = {name: getattr(ticket, name) for name in wanted.fields}
    decided = DECIDED - set(ticket.staff_set)  # what the rules decided up to now, and from now on no more
    fields = {name: [was[name], new] for name, new in wanted.fields.items() if was[name] != new or name in decided}
    if not tags and not fields:
        return None
    return {
        "kind": "change",
        "fields": fields,
        "by_staff": [name for name in fields if name in ticket.staff_set],
        "priority_by": ticket.priority_by,
        "closed_at": ticket.closed_at,
        "tags": tags,
        "stays": [*wanted.events, *(["called"] if wanted.called else [])],
    }


def take_back(
    txn: "Connection", policy: Policy, ticket: Ticket, was: Mapping[str, Any], *, actor: str, at: int
) -> tuple[bool, str]:
    """Put back what `before` gave; return whether anything of it still stood, and in sentences what stays as it is.

    `at` in milliseconds.
    """
    scale = policy.rules.scale
    marks = StaffTags.of(ticket.staff_set)
    columns: dict[str, Any] = {}
    by_staff = set(ticket.staff_set)
    done: list[str] = []
    stays = [f"{each} stays." for each in was["stays"]]
    for name, (old, new) in was["fields"].items():
        said = f"{name} {scale.name(new) if name == 'priority' else new}"
        if getattr(ticket, name) != new or (name == "priority" and not ticket.priority_by.startswith("staff ")):
            stays.append(f"{said}: it is {getattr(ticket, name)} by now.")
            continue
        done.append(said)
        columns[name] = old
        if name not in was["by_staff"]:
            by_staff.discard(name)
        if name == "priority":
            columns["priority_by"] = was["priority_by"]
    shown = list(ticket.tags)
    for tag, mark, was_there, now in was["tags"]:
        said = f"{'tag' if now == '+' else 'untag'} {tag}"
        if marks.mark(tag) != now:
            stays.append(f"{said}: somebody has changed it since.")
            continue
        done.append(said)
        marks = marks.with_mark(tag, mark)
        shown = [each for each in shown if each != tag] + ([tag] if was_there else [])
    told = " ".join(stays)
    if not done:
        return False, told
    columns["tags"], columns["staff_set"] = marks.over(shown), marks.kept(by_staff)
    if "status" in columns:
        columns["closed_at"] = was["closed_at"] if columns["status"] == "closed" else None
        running = clocks.moved(ticket.clocks, columns["status"], at, policy.rules.calendars)
        columns |= clocks.columns(ticket, running)
    changed = tickets.update(txn, ticket.id, at=at, **columns)
    clocks.watch(txn, changed, ticket.clocks)
    what = f"undone: {', '.join(done)}"
    tickets.event(txn, ticket.id, at=at, actor=actor, what=what, why=f"Not taken back: {told}" if told else None)
    decide_again.after_staff(txn, changed, policy, at=at)
    return True, told
