"""What a person changes on a ticket from the command line."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from inboxd.accounts import authorized_on
from inboxd.desk.context import Context
from inboxd.desk.settle import Settled
from inboxd.errors import InboxdError
from inboxd.intake.door import moment, now_ms
from inboxd.staff import staff_changes
from inboxd.staff.staff_changes import Change
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection


def change(
    txn: "Connection",
    context: Context,
    ticket: Ticket,
    changes: dict[str, Any],
    *,
    tag: Iterable[str] = (),
    untag: Iterable[str] = (),
    called: bool = False,
    who: Settled | None = None,
    nobodys: bool = False,
    undoable: bool = True,
) -> None:
    """Write what a person decided, each with its event; then the rules decide again, from the same start.

    `nobodys`: whose ticket it is counts as not known, whoever said so before. `undoable` as in `staff_changes.change`.
    """
    settled, told = None, []
    if who is not None:
        settled = _settled(context, ticket, who)
        told = [f"account {who.told}", *([who.remembered] if who.remembered else [])]
    elif nobodys:
        settled, told = _unsettled(context, ticket), ["account none"]
    wanted = Change(fields=changes, tag=tuple(tag), untag=tuple(untag), called=called, settled=settled, events=told)
    policy = context.policy.current
    staff_changes.change(
        txn, policy, ticket, wanted, actor=context.actor, name=context.staff_name, at=now_ms(), undoable=undoable
    )


def _settled(context: Context, ticket: Ticket, who: Settled) -> dict[str, Any]:
    """Return the columns of an account that a person names; what is proven stays as it is."""
    contact, shown = who.contact, None
    if contact is not None:
        allowed = authorized_on(contact, context.policy.current.day_of(moment(ticket.created_at)))
        shown = {"id": contact.id, "name": contact.name, "authorized": allowed, "role": contact.role}
    evidence = (*ticket.identity.get("evidence", ()), f"{context.staff_name} settled it: {who.told}.")
    return {
        "account": {"id": who.account.id, "name": who.account.name, "plan": who.account.plan},
        "contact": shown,
        "identity": {**ticket.identity, "by": "staff", "evidence": list(evidence)},
    }


def _unsettled(context: Context, ticket: Ticket) -> dict[str, Any]:
    if ticket.account is None:
        raise InboxdError(f"{ticket.ref} belongs to no account: there is nothing to take away")
    said = f"{context.staff_name} took it off {ticket.account['id']}: whose it is, is not known."
    evidence = [*ticket.identity.get("evidence", ()), said]
    return {"account": None, "contact": None, "identity": {**ticket.identity, "by": None, "evidence": evidence}}
