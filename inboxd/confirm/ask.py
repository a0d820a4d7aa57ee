"""The question itself: one item of the outbox to one address on file, an event that says why, and its end in a week."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from inboxd import outbox
from inboxd.confirm import expiry, whom
from inboxd.intake.door import moment
from inboxd.letters import compose, notices
from inboxd.letters.compose import About
from inboxd.policy.policy import Policy
from store import confirmations, tickets
from store import outbox as items
from store.confirmations import NewConfirmation, Purpose
from store.tickets import Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

# A reply counts within seven days of the question (docs/mail-out.md).
ANSWER_WITHIN_MS: Final = 7 * 24 * 3_600_000
TEMPLATES: Final[dict[Purpose, str]] = {"actions": "confirmation", "access": "access"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What made the question necessary.

    `at` is its received time (ms); `contact_ids` are the contacts on file whom it may have come from; `answers` the
    fields of a letter that put it into the thread of a mail. `by` is who asks: inboxd, or somebody of the staff.
    """

    at: int
    entry_id: int | None
    contact_ids: tuple[str, ...] = ()
    language: str | None = None
    template: str | None = None
    calendar: str | None = None
    answers: dict[str, Any] | None = None
    by: str = "inboxd"


def ask(txn: "Connection", policy: Policy, ticket: Ticket, cause: Cause) -> str | None:
    """Ask the address on file whether it was them; return the address, None where nobody may be asked.

    Staff hear of it when nobody may be.
    """
    assert ticket.account is not None
    today = policy.day_of(moment(cause.at))
    chosen = whom.to_ask(policy.directory, ticket.account["id"], cause.contact_ids, today)
    if chosen.address is None:
        what = "nobody to ask for confirmation"
        tickets.event(txn, ticket.id, at=cause.at, actor="inboxd", what=what, why=chosen.sentence)
        notices.to_staff(txn, policy, ticket, sentences=("Nobody can confirm this.", chosen.sentence), at=cause.at)
        return None
    waiting = tuple(ticket.actions_blocked or {})
    why = f"{chosen.sentence} What waits until they confirm: {', '.join(waiting) or 'nothing'}."
    put(
        txn,
        policy,
        ticket,
        NewConfirmation(
            ticket_id=ticket.id,
            purpose="actions",
            to_address=chosen.address,
            asked_at=cause.at,
            expires_at=cause.at + ANSWER_WITHIN_MS,
            asked_by=cause.by,
            entry_id=cause.entry_id,
            waiting=waiting,
        ),
        cause,
        why=why,
    )
    return chosen.address


def put(
    txn: "Connection",
    policy: Policy,
    ticket: Ticket,
    question: NewConfirmation,
    cause: Cause,
    *,
    why: str,
    values: dict[str, str] | None = None,
) -> int:
    """Queue the letter, note the question and its end, and say so on the ticket; return the question's number."""
    until = compose.day(question.expires_at, policy.zone)
    letter = compose.letter(
        policy,
        # Somebody may have used the name of whoever reads this: it says nothing of what was asked.
        About(ticket=ticket, language=cause.language, private=True, calendar=cause.calendar),
        kind="confirmation",
        template=cause.template or TEMPLATES[question.purpose],
        to=question.to_address,
        at=cause.at,
        values={"until": until, **(values or {})},
        **(cause.answers or {}),
    )
    sent_as = outbox.queue(txn, letter)
    number = confirmations.ask(txn, replace(question, outbox_id=sent_as))
    expiry.plan(txn, number, ticket.id, question.expires_at)
    what = f"asked {question.to_address} for confirmation"
    tickets.event(txn, ticket.id, at=cause.at, actor=cause.by, what=what, why=why)
    item = items.get(txn, sent_as)
    if item.state == "suppressed":
        # A limit, or an address that is none: nobody will answer what nobody reads.
        reason = item.reason or ""
        tickets.event(txn, ticket.id, at=cause.at, actor="inboxd", what="question not sent", why=reason)
        notices.to_staff(txn, policy, ticket, sentences=("A question was not sent.", reason), at=cause.at)
    return number
