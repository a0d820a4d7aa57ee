"""What a person permits by hand: an action that proof would have freed, and a stranger's access until a day."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from inboxd import addresses, confirm
from inboxd.accounts import Account, Contact, values
from inboxd.confirm import Cause, access, whom
from inboxd.desk import tickets as shown
from inboxd.desk.accounts import in_directory
from inboxd.desk.context import Context
from inboxd.errors import InboxdError, UsageWrong
from inboxd.intake.door import moment, now_ms
from inboxd.staff.staff_changes import demand_unmerged
from store import confirmations, tickets
from store.confirmations import NewConfirmation
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from inboxd.policy.policy import Policy
    from rules.ruleset import Action

# What lasts longer is no stopgap: it is put on file by somebody who answers for it.
LONGEST_ACCESS = timedelta(days=366)
ROLE = "temporary"
_NAME = re.compile(r"(?:[^\W\d_]{1,30}(?:['’-][^\W\d_]{1,30})?\.?(?: |\Z)){1,4}")


def allow(context: Context, ref: str, action: str, because: str) -> dict[str, Any]:
    """Allow an action on a ticket by a person's word, where the rules permit that; attributed, with the reason."""
    if not because.strip():
        raise UsageWrong("say why: it stands in the ticket's events")
    _demand_override(context, action)

    def write(txn: "Connection") -> None:
        ticket = tickets.get(txn, ref, for_update=True)
        demand_unmerged(txn, ticket)
        blocked = dict(ticket.actions_blocked or {})
        reason = blocked.pop(action, None)
        if action in ticket.actions_allowed:
            raise InboxdError(f"{action} is allowed on {ticket.ref} already")
        at = now_ms()
        allowed = (*ticket.actions_allowed, action)
        tickets.update(txn, ticket.id, at=at, actions_allowed=allowed, actions_blocked=blocked or None)
        why = f"{because.strip()} (It waited: {reason})" if reason else because.strip()
        tickets.event(txn, ticket.id, at=at, actor=context.actor, what=f"allowed {action}", why=why)

    context.store.write(write)
    return shown.show(context, ref)


def _demand_override(context: Context, action: str) -> None:
    rules = context.policy.current.rules
    found: Action | None = next((each for each in rules.actions if each.name == action), None)
    if found is None:
        names = ", ".join(each.name for each in rules.actions) or "none"
        raise UsageWrong(f'the rules know no action "{action}"; they know: {names}')
    if not found.override:
        raise InboxdError(
            f"the rules let nobody allow {action} by hand ({found.file or rules.file}, line {found.line}: `override`); "
            f"a proven mail of an authorised contact frees it"
        )
    if found.approvers and context.staff_name not in found.approvers:
        who = ", ".join(found.approvers)
        raise InboxdError(f"{action} may be allowed by {who} alone; this is {context.staff_name}")


def let_in(
    context: Context,
    account: str,
    ref: str,
    until: str,
    name: str | None = None,
    address: str | None = None,
    number: str | None = None,
    because: str | None = None,
) -> dict[str, Any]:
    """Ask an account's primary contact whether somebody may ask in its name until a day; the answer decides.

    Who it is about is the requester of the ticket, unless named. Returns the ticket and the address that was asked.
    """
    policy = context.policy.current
    customer = in_directory(policy.directory, account)
    day = _day(policy, until)

    def write(txn: "Connection") -> str:
        ticket = tickets.get(txn, ref, for_update=True)
        demand_unmerged(txn, ticket)
        given = (name, address or ticket.requester.get("address"), number or ticket.requester.get("phone"))
        who = _person(given[0] or _plain(ticket.requester.get("name")), given[1], given[2], day)
        _demand_new(policy, customer, who)
        return _ask(txn, context, customer, ticket, who, because)

    asked = context.store.write(write)
    return {"ticket": shown.show(context, ref), "asked": asked}


def _plain(name: str | None) -> str | None:
    """Return a name that a stranger gave himself where it is nothing but one: the customer reads it in our mail."""
    return name if name is not None and _NAME.fullmatch(name) else None


def _ask(
    txn: "Connection", context: Context, customer: Account, ticket: Ticket, who: Contact, because: str | None
) -> str:
    policy, at = context.policy.current, now_ms()
    for each in confirmations.of_ticket(txn, ticket.id):
        if each.state == "asked" and each.access and each.access["contact"]["id"] == who.id:
            raise InboxdError(f"{each.to_address} has been asked about {who.id} already, and has not answered yet")
    chosen = whom.to_ask(policy.directory, customer.id, (), policy.day_of(moment(at)))
    if chosen.address is None:
        raise InboxdError(f"{chosen.sentence} `inboxd accounts add-contact` puts somebody on file on your own word.")
    question = NewConfirmation(
        ticket_id=ticket.id,
        purpose="access",
        to_address=chosen.address,
        asked_at=at,
        expires_at=at + confirm.ANSWER_WITHIN_MS,
        asked_by=context.actor,
        access=access.wanted(customer.id, who),
    )
    # The question's places are those of whom it is about; the day is that of the access, not of the answer.
    said = ", ".join([who.name, *who.addresses, *who.numbers])
    told = {"account": customer.name, "person": said, "until": str(who.valid_until)}
    why = f"{chosen.sentence} About {said}, until {who.valid_until}."
    cause = Cause(at=at, entry_id=None, by=context.actor)
    confirm.put(txn, policy, ticket, question, cause, why=f"{because.strip()} {why}" if because else why, values=told)
    return chosen.address


def _day(policy: "Policy", text: str) -> Any:
    try:
        day = values.day(text)
    except ValueError as error:
        raise UsageWrong(f"until: {error}") from error
    today = policy.day_of(moment(now_ms()))
    if day < today:
        raise UsageWrong(f"{day} is over already")
    if day - today > LONGEST_ACCESS:
        raise UsageWrong(
            f"{day} is more than a year away: put somebody on file for good with `inboxd accounts add-contact`"
        )
    return day


def _person(name: str | None, address: str | None, number: str | None, until: Any) -> Contact:
    if address is None:
        raise UsageWrong("the ticket names no address: give --address, whose mail can be proven")
    try:
        address = values.address(address)
        numbers = (values.number(number),) if number else ()
        name = values.text(name or address)
    except ValueError as error:
        raise UsageWrong(str(error)) from error
    return Contact(
        id=address,
        name=name,
        addresses=(address,),
        numbers=numbers,
        authorized=True,
        role=ROLE,
        valid_until=until,
    )


def _demand_new(policy: "Policy", customer: Account, who: Contact) -> None:
    for match in policy.directory.by_address(who.id):
        if match.account.id != customer.id:
            raise InboxdError(f"{who.id} is on file for {match.account.id}: for two accounts it would be for none")
        if match.contact.line:
            file, line = match.contact.source, match.contact.line
            raise InboxdError(
                f"{who.id} stands in {file}, line {line}: what is said there goes before; change it there"
            )
        if match.contact.authorized and match.contact.valid_until is None:
            raise InboxdError(f"{who.id} is on file for {customer.id} already, as {match.contact.name}, without an end")
        if addresses.key(match.contact.addresses[0]) != addresses.key(who.id):
            raise InboxdError(f"{who.id} is an address of {match.contact.name}: change that contact instead")
