"""Who gets what when a ticket is opened: one receipt or one question for each, and why where there is none.

A new ticket by mail gives one item to the address in From: the question for a confirmation where one is needed and that
address may be asked, else an acknowledgement. A voicemail gives one only to an address on file. What is not sent stands
in the outbox, too, as suppressed, with its reason.
"""

from typing import TYPE_CHECKING, Any, Final

from inboxd import addresses, confirm, outbox
from inboxd.accounts import Contact
from inboxd.confirm import Cause
from inboxd.letters import compose, no_answer, notices
from inboxd.letters.compose import About
from inboxd.policy.policy import Policy
from rules.decision import Decision
from store import confirmations, tickets
from store import outbox as items
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from inboxd.identity.identify import Identity
    from inboxd.joining.join_ticket import Join
    from inboxd.judging.judge_message import Judged

RECEIVED: Final = "received"
RECEIVED_CALL: Final = "received-call"
ANOTHER_ADDRESS: Final = "another-address"
OFF: Final = "off"
_UNWANTED: Final = "a rule wants no receipt for it"
_ANSWERS: Final = frozenset({"acknowledgement", "confirmation"})
# What may be proven by an answer: neither what is proven already nor what is nobody's.
_UNPROVEN: Final = frozenset({"unverified", "none"})


def to_mail(
    txn: "Connection",
    policy: Policy,
    ticket: Ticket,
    judged: "Judged",
    envelope: dict[str, Any],
    join: "Join",
    entry_id: int,
) -> None:
    """Queue what a mail that opened a ticket is answered with."""
    if judged.old is not None:
        return
    message, decision = judged.message, judged.decision
    why_not = no_answer.reason(message, envelope, judged.authentication, policy.office)
    sender = judged.identity.address
    asked = None
    if why_not is None:
        if judged.authentication.verdict in _UNPROVEN:
            asked = _ask(txn, policy, ticket, decision, cause_of_mail(judged, entry_id))
        tell_staff(txn, policy, ticket, decision, at=judged.at)
    if sender is None:
        return
    if asked is None or addresses.key(asked) != addresses.key(sender):
        template = ANOTHER_ADDRESS if join.another_address else decision.template or decision.acknowledge or RECEIVED
        letter = compose.letter(
            policy,
            About(
                ticket=ticket,
                language=message.language,
                # What a stranger writes is not sent on to whoever he named as himself.
                private=judged.authentication.verdict != "authenticated",
                calendar=_calendar(decision),
            ),
            kind="acknowledgement",
            template=RECEIVED if template == OFF else template,
            to=sender,
            at=judged.at,
            suppressed=why_not or (_UNWANTED if template == OFF else join.crowded),
            **_in_thread(judged),
        )
        outbox.queue(txn, letter)
    if why_not is None and join.crowded is None:
        tell_customer(txn, policy, ticket, decision, at=judged.at, language=message.language, **_in_thread(judged))


def to_voicemail(
    txn: "Connection", policy: Policy, ticket: Ticket, decision: Decision, *, at: int, entry_id: int
) -> None:
    """Queue what a voicemail that opened a ticket is answered with, once. `at` (ms) is its received time.

    To be called when the rules have decided with its words, or when there will be none.
    """
    if any(item.kind in _ANSWERS for item in items.list_(txn, ticket_id=ticket.id)):
        return
    asked = _ask(txn, policy, ticket, decision, cause_of_ticket(ticket, decision, at=at, entry_id=entry_id))
    tell_staff(txn, policy, ticket, decision, at=at)
    contact = _contact(policy, ticket)
    if asked is None and contact is not None and contact.addresses and decision.acknowledge != OFF:
        letter = compose.letter(
            policy,
            About(ticket=ticket, private=True, calendar=_calendar(decision)),
            kind="acknowledgement",
            template=decision.template or decision.acknowledge or RECEIVED_CALL,
            to=contact.addresses[0],
            at=at,
        )
        outbox.queue(txn, letter)
    tell_customer(txn, policy, ticket, decision, at=at)


def to_joined_mail(
    txn: "Connection", before: Ticket, judged: "Judged", envelope: dict[str, Any], entry_id: int, *, settles: bool
) -> None:
    """Ask again where a mail that joined took actions away, and tell who works on the ticket that it came.

    `before` is the ticket as it was; `settles`: it answers an open question, which tells staff what there is to tell.
    """
    if judged.old is not None:
        return
    policy = judged.policy
    if no_answer.reason(judged.message, envelope, judged.authentication, policy.office) is not None:
        return
    if judged.authentication.verdict != "authenticated":
        after_joining(txn, policy, before, judged.decision, cause_of_mail(judged, entry_id))
    if not settles:
        author = judged.identity.address
        _tell_who_works_on_it(txn, policy, before.id, f"{author} has written again.", author=author, at=judged.at)


def after_joining(txn: "Connection", policy: Policy, before: Ticket, decision: Decision, cause: Cause) -> None:
    """Ask, or ask again, when an unproven entry took actions away. What a program wrote is not to come here.

    `before` is the ticket as it was, `decision` what the rules say of the entry.
    """
    after = tickets.get_by_id(txn, before.id)
    asked = [each for each in confirmations.of_ticket(txn, after.id) if each.purpose == "actions"]
    lost = set(before.actions_allowed) - set(after.actions_allowed)
    if after.account is not None and ((decision.confirm and not asked) or (lost and (decision.confirm or asked))):
        confirm.ask(txn, policy, after, cause)


def called_again(txn: "Connection", policy: Policy, ticket_id: int, caller: str | None, *, at: int) -> None:
    """Tell the one of staff who has a ticket in hand that a call has joined it."""
    said = f"{caller or 'A withheld number'} has called again."
    _tell_who_works_on_it(txn, policy, ticket_id, said, author=None, at=at)


def _tell_who_works_on_it(
    txn: "Connection", policy: Policy, ticket_id: int, sentence: str, *, author: str | None, at: int
) -> None:
    ticket = tickets.get_by_id(txn, ticket_id)
    notices.to_who_works_on_it(txn, policy, ticket, sentence=sentence, author=author, at=at)


def after_staff(txn: "Connection", policy: Policy, ticket: Ticket, decision: Decision, *, at: int) -> None:
    """Ask where the rules want proof, once staff have found out whose a ticket is, or have made it of an entry."""
    if confirmations.of_ticket(txn, ticket.id) or ticket.status == "closed":
        return
    if ticket.authentication["verdict"] in _UNPROVEN:
        _ask(txn, policy, ticket, decision, cause_of_ticket(ticket, decision, at=at, entry_id=None))


def tell_staff(txn: "Connection", policy: Policy, ticket: Ticket, decision: Decision, *, at: int) -> None:
    """Queue the notices that rules want."""
    if decision.notices:
        notices.to_staff(txn, policy, ticket, sentences=decision.notices, at=at)


def tell_customer(
    txn: "Connection",
    policy: Policy,
    ticket: Ticket,
    decision: Decision,
    *,
    at: int,
    language: str | None = None,
    **in_thread: Any,
) -> None:
    """Queue what rules want the customer to be told, each template once for a ticket; what was told is an event.

    It goes to whoever wrote, or to the caller's address on file; never where a receipt was not to be sent either, but
    for a rule that wanted none.
    """
    if not decision.tell:
        return
    to = _reached_at(txn, policy, ticket)
    if to is None:
        return
    told = {event.what for event in tickets.events(txn, ticket.id)}
    for template in decision.tell:
        what = f"told {template}"
        if what in told:
            continue
        about = About(ticket=ticket, language=language, private=True, calendar=_calendar(decision))
        letter = compose.letter(policy, about, kind="notice", template=template, to=to, at=at, **in_thread)
        outbox.queue(txn, letter)
        tickets.event(txn, ticket.id, at=at, actor="inboxd", what=what, why=f"A rule wants it; to {to}.")


def _reached_at(txn: "Connection", policy: Policy, ticket: Ticket) -> str | None:
    if ticket.channel == "voicemail":
        contact = _contact(policy, ticket)
        return contact.addresses[0] if contact is not None and contact.addresses else None
    sent = [
        item.state != "suppressed" or item.reason == _UNWANTED
        for item in items.list_(txn, ticket_id=ticket.id)
        if item.kind in _ANSWERS
    ]
    if ticket.authentication["verdict"] == "failed" or (sent and not any(sent)):
        return None
    address: str | None = ticket.requester["address"]
    return address


def cause_of_mail(judged: "Judged", entry_id: int) -> Cause:
    """Return a mail as the cause of a question."""
    identity = judged.identity
    return Cause(
        at=judged.at,
        entry_id=entry_id,
        contact_ids=tuple(match.contact.id for match in identity.matches),
        # What it says is written for who has written: in the place of somebody else, another is asked.
        template=judged.decision.template if identity.authorized else None,
        calendar=_calendar(judged.decision),
        language=judged.message.language,
        answers=_in_thread(judged),
    )


def cause_of_call(identity: "Identity", decision: Decision, *, at: int, entry_id: int) -> Cause:
    """Return a call that joined a ticket as the cause of a question."""
    contacts = tuple(match.contact.id for match in identity.matches)
    return Cause(at=at, entry_id=entry_id, contact_ids=contacts, calendar=_calendar(decision))


def cause_of_ticket(ticket: Ticket, decision: Decision, *, at: int, entry_id: int | None) -> Cause:
    """Return what a ticket holds as the cause of a question, in the name of the contact that it is filed under."""
    contact = ticket.contact
    return Cause(
        at=at,
        entry_id=entry_id,
        contact_ids=(contact["id"],) if contact else (),
        template=decision.template if contact and contact["authorized"] else None,
        calendar=_calendar(decision),
    )


def _ask(txn: "Connection", policy: Policy, ticket: Ticket, decision: Decision, cause: Cause) -> str | None:
    if not decision.confirm or ticket.account is None:
        return None
    return confirm.ask(txn, policy, ticket, cause)


def _contact(policy: Policy, ticket: Ticket) -> Contact | None:
    account = None if ticket.account is None else policy.directory.get(ticket.account["id"])
    if account is None or ticket.contact is None:
        return None
    return next((each for each in account.contacts if each.id == ticket.contact["id"]), None)


def _in_thread(judged: "Judged") -> dict[str, Any]:
    """Return the fields that put an answer into the thread of a mail (RFC 3834 3.1.5, RFC 5322 3.6.4)."""
    message = judged.message
    own = (message.message_id,) if message.message_id else ()
    return {"in_reply_to": message.message_id, "references": (*message.references, *own)}


def _calendar(decision: Decision) -> str | None:
    return next((clock.calendar for clock in decision.clocks if clock.name == "first-response"), None)
