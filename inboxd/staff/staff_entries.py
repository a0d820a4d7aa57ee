"""A mail of staff as an entry of its ticket, whichever kind it becomes."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from inboxd.judging.judge_message import Judged
from store import messages, outbox, tickets
from store.intake import Intake
from store.outbox import OutboxItem
from store.tickets import NewEntry, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

# What inboxd writes to staff alone.
TOLD_STAFF: Final = frozenset({"notice", "page"})


def told_by(txn: "Connection", message_ids: Collection[str]) -> list[OutboxItem]:
    """Return what inboxd told staff in mails with these ids."""
    return [each for each in outbox.by_message_id(txn, message_ids) if each.kind in TOLD_STAFF]


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Whose words these are: the name that staff go by, and their address."""

    name: str
    address: str


def append(
    txn: "Connection",
    intake: Intake,
    judged: Judged,
    ticket: Ticket,
    author: Author,
    kind: Literal["reply", "note"],
    recipients: Sequence[str] = (),
    **columns: Any,
) -> None:
    """Put the mail on the ticket as it came, and let answers to it find the ticket; `columns` are the ticket's."""
    message = judged.message
    entry = NewEntry(
        kind=kind,
        at=judged.at,
        author=author.name,
        text=message.text,
        reply_text=message.reply_text,
        identity={"by": "staff", "evidence": [f"{author.address} is of the desk."]},
        authentication=judged.authentication.to_json(),
        attachments=tuple(map(asdict, message.attachments)),
        intake_id=intake.id,
        message_id=message.message_id,
        recipients=tuple(recipients),
    )
    remember(txn, intake, judged, ticket, tickets.append(txn, ticket.id, entry, **columns))


def remember(txn: "Connection", intake: Intake, judged: Judged, ticket: Ticket, entry_id: int) -> None:
    """Let answers to the mail find the ticket."""
    message_id = judged.message.message_id
    messages.remember(txn, message_id=message_id, ticket_id=ticket.id, entry_id=entry_id, intake_id=intake.id)


def proven_of(judged: Judged, named: Iterable[str]) -> tuple[str, ...]:
    """Return those to whom the author is proven to have written: anybody may fill a Cc that no signature covers."""
    return tuple(each for each in named if each in (judged.written_to or ()))


def outsiders(judged: Judged) -> list[str]:
    """Return who in To and Cc is neither of the desk nor of its staff."""
    office = judged.policy.office
    named = dict.fromkeys((*judged.message.to, *judged.message.cc))
    return [each for each in named if not judged.is_ours(each) and not office.is_staff(each)]
