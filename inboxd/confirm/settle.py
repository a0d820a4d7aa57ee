"""What an answer does: to the question, to the ticket, and to the staff who wait for it."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from inboxd import outbox
from inboxd.confirm import access, meant
from inboxd.confirm.reply import Outcome, Reply, agrees, judge, refuses
from inboxd.letters import notices
from inboxd.policy.policy import Policy
from store import clock_steps, confirmations, tickets
from store import outbox as items
from store.confirmations import Confirmation, State
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from inboxd.judging.judge_message import Judged

# Ended by a person's word or by time; an answer that was received in time still counts.
_OPEN: Final = frozenset({"asked", "expired"})
_AFTER_REFUSAL: Final = "yes after a refusal"
_WHAT: Final[dict[Outcome, str]] = {
    "confirms": "confirmed",
    "refuses": "confirmation refused",
    "automatic": "not confirmed",
    "unproven": "not confirmed",
    "not-theirs": "not confirmed",
    "early": "not confirmed",
    "late": "not confirmed",
    "unread": "not confirmed",
    "unclear": "not confirmed",
    "aside": "not confirmed",
    "after-refusal": _AFTER_REFUSAL,
}
_ENDS: Final[dict[Outcome, State]] = {"confirms": "confirmed", "refuses": "refused"}
# What a program said, or what crossed the question on its way, is no news for staff.
_NO_NEWS: Final = frozenset({"automatic", "early"})


def reply_to(txn: "Connection", ticket: Ticket, judged: "Judged", *, entry_id: int | None = None) -> Reply | None:
    """Say what a mail on a ticket is to the question that is open there; None without a question, or if it is none.

    `entry_id` is the mail's entry where it has one already: what made a question necessary does not answer it.
    """
    asked = confirmations.of_ticket(txn, ticket.id)
    asked = [each for each in asked if entry_id is None or each.entry_id is None or each.entry_id < entry_id]
    still_open = [each for each in asked if each.state in _OPEN]
    if asked and asked[-1].state == "refused" and not still_open:
        return _after_refusal(txn, ticket, judged, asked[-1], entry_id)
    return _judged(txn, ticket, judged, still_open, entry_id) if still_open else None


def _judged(
    txn: "Connection", ticket: Ticket, judged: "Judged", asked: list[Confirmation], entry_id: int | None
) -> Reply | None:
    named = _named(txn, asked, judged)
    question = named or asked[-1]
    account_id = question.access["account"] if question.access else (ticket.account or {}).get("id")
    means_it = named is not None or meant.means(txn, ticket, judged, entry_id)
    # Of the days that an answer has, none has passed because the clock was set.
    ends = question.expires_at + clock_steps.set_forward_since(txn, question.asked_at)
    question = replace(question, expires_at=ends)
    return judge(question, account_id, judged, names_it=named is not None, means_it=means_it)


def _after_refusal(
    txn: "Connection", ticket: Ticket, judged: "Judged", refused: Confirmation, entry_id: int | None
) -> Reply | None:
    """Say so where a plain yes follows a no and would have confirmed: it allows nothing, and a person may."""
    reply = _judged(txn, ticket, judged, [refused], entry_id)
    if reply is None or reply.outcome != "confirms" or not agrees(judged.message):
        return None
    how = f"`inboxd tickets allow {ticket.ref} ACTION --because TEXT`, where the rules permit it"
    if refused.access is not None:
        how = f"`inboxd accounts let-in {refused.access['account']} {ticket.ref} --until DAY` asks again"
    who, before = judged.identity.address, refused.ended_by
    sentence = f"{who} says yes, proven, where {before or 'somebody'} had said no. That allows nothing: {how}."
    return replace(reply, outcome="after-refusal", sentence=sentence)


def _named(txn: "Connection", asked: list[Confirmation], judged: "Judged") -> Confirmation | None:
    """Return the question whose very mail is answered, by In-Reply-To or References."""
    ids = {*judged.message.in_reply_to, *judged.message.references}
    found = {item.id for item in items.by_message_id(txn, ids)} if ids else set()
    return next((each for each in reversed(asked) if each.outbox_id in found), None)


def counts(
    txn: "Connection", ticket: Ticket, judged: "Judged", reply: Reply | None, *, entry_id: int | None = None
) -> bool:
    """Tell whether a mail frees what the rules allow its author: proven, of somebody authorised for this account.

    What a program wrote frees nothing, nor what refuses; and where somebody of the account has refused, nothing does
    but a person's `allow`. `reply` and `entry_id` as in `reply_to`.
    """
    identity, message = judged.identity, judged.message
    account_id = (ticket.account or {}).get("id")
    if judged.authentication.verdict != "authenticated" or not identity.authorized:
        return False
    if identity.account is None or identity.account.id != account_id:
        return False
    if message.is_automatic or (reply is not None and reply.outcome != "confirms"):
        return False
    if not meant.means(txn, ticket, judged, entry_id):
        return False
    asked = [
        each
        for each in confirmations.of_ticket(txn, ticket.id)
        if each.purpose == "actions" and (entry_id is None or (each.entry_id or 0) < entry_id)
    ]
    if not asked or asked[-1].state not in {*_OPEN, "refused"}:
        return True
    return asked[-1].state != "refused" and not refuses(message)


def stands(txn: "Connection", ticket_id: int) -> bool:
    """Tell whether the last question about what may be done on a ticket was confirmed."""
    asked = [each for each in confirmations.of_ticket(txn, ticket_id) if each.purpose == "actions"]
    return bool(asked) and asked[-1].state == "confirmed"


def settle(txn: "Connection", policy: Policy, ticket: Ticket, reply: Reply, *, at: int, entry_id: int, by: str) -> None:
    """Write down what an answer was worth, and tell staff what they have to know. `at` is its received time (ms).

    `entry_id` and `by`, the answer's entry and who wrote it, count where it confirms or refuses.
    """
    question, outcome = reply.confirmation, reply.outcome
    if outcome in _ENDS:
        confirmations.end(txn, question.id, _ENDS[outcome], at=at, by=by, entry_id=entry_id)
        if question.purpose == "actions":
            _end_others(txn, question, refused=outcome == "refuses", at=at, by=by, entry_id=entry_id)
    why = reply.sentence
    if outcome == "confirms" and question.purpose == "actions":
        why = f"{why} {_freed(question)}{_not_covered(txn, question, entry_id)}"
    if outcome == "confirms" and question.access is not None:
        why = f"{why} {access.grant(txn, question.access, by=by, at=at, ref=ticket.ref)}"
    tickets.event(txn, ticket.id, at=at, actor="inboxd", what=_WHAT[outcome], why=why)
    headline = _news(txn, ticket, reply)
    if headline is not None:
        if outcome not in ("confirms", "after-refusal"):
            confirmations.noticed(txn, question.id, at=at)
        notices.to_staff(txn, policy, ticket, sentences=(headline, why), at=at)


def _news(txn: "Connection", ticket: Ticket, reply: Reply) -> str | None:
    """Return what staff have to know of an answer, in a headline; None where it is no news for them."""
    question, outcome = reply.confirmation, reply.outcome
    match outcome:
        case "confirms":
            return "Access was confirmed." if question.access is not None else None
        case "refuses":
            return "A confirmation was refused."
        case "after-refusal":
            told = [each.what for each in tickets.events(txn, ticket.id)]
            return "A yes came after a refusal." if told.count(_AFTER_REFUSAL) == 1 else None
    # Once for a question: who floods us with false answers does not flood the staff.
    return None if outcome in _NO_NEWS or question.noticed_at is not None else "A confirmation failed."


def _end_others(txn: "Connection", answered: Confirmation, *, refused: bool, at: int, by: str, entry_id: int) -> None:
    """End what else is asked about actions on the ticket: a yes is one to what was asked before, a no is one to all."""
    for each in confirmations.of_ticket(txn, answered.ticket_id):
        if each.purpose != "actions" or each.state not in _OPEN or not (refused or each.id < answered.id):
            continue
        confirmations.end(txn, each.id, "refused" if refused else "withdrawn", at=at, by=by, entry_id=entry_id)
        if each.outbox_id is not None:
            outbox.withdraw(txn, each.outbox_id, "another question about the ticket was answered meanwhile")


def _freed(question: Confirmation) -> str:
    return f"What waited: {', '.join(question.waiting)}." if question.waiting else "Nothing waited for it."


def _not_covered(txn: "Connection", question: Confirmation, entry_id: int) -> str:
    """Name what came in unproven after the question was put: the answer is to what was there before."""
    later = [
        each
        for each in tickets.entries(txn, question.ticket_id)
        if each.kind in {"email", "voicemail"}
        and (question.entry_id or 0) < each.id < entry_id
        and (each.authentication or {}).get("verdict") != "authenticated"
    ]
    if not later:
        return ""
    named = ", ".join(f"the {each.kind} of {each.author or 'somebody'}" for each in later)
    return f" Came after the question and is not covered by it: {named}."


def withdraw(txn: "Connection", ticket: Ticket, entry_id: int, *, at: int) -> None:
    """Take back the question that an entry made necessary: it is proven by now."""
    for question in confirmations.of_ticket(txn, ticket.id):
        if question.entry_id != entry_id or question.state != "asked" or question.purpose != "actions":
            continue
        confirmations.end(txn, question.id, "withdrawn", at=at)
        reason = "what it asks about is proven meanwhile"
        unsent = question.outbox_id is not None and outbox.withdraw(txn, question.outbox_id, reason)
        why = "It was not sent yet." if unsent else "No answer is needed any more."
        tickets.event(txn, ticket.id, at=at, actor="inboxd", what="confirmation withdrawn", why=why)
