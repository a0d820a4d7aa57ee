"""Mail of ours that came back: its item and its ticket learn of it, and the address is marked.

A report is believed as far as it names, in full, a Message-ID that the readers of that mail know. It changes nothing
but what is said of that one mail and, where nobody else has seen that id, whether programs go on writing to its
address.
"""

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from inboxd.judging.judge_message import Judged
from inboxd.letters import undelivered
from inboxd.message import bounce_marks
from inboxd.message.message import Bounce
from store import dead_addresses, ticket_links, tickets
from store import intake as rows
from store import outbox as items
from store.intake import Intake, Status
from store.outbox import OutboxItem
from store.tickets import NewEntry

if TYPE_CHECKING:
    from sqlalchemy import Connection

# RFC 3463 2: class 5 is for good. But of this mail alone where the mailbox is full, the mail too large or of a form
# that is not taken, or who sent it not welcome (3.3, 3.4, 3.7, 3.8): the next one may arrive.
_NOBODY_THERE: Final = re.compile(r"5(?!\.2\.[23]\b|\.3\.4\b|\.[67]\.)")
# Where no status says more, the mailer's words do.
_SAYS_NOTHING: Final = frozenset({"", "5.0.0"})
_HEAD: Final = 6_000
_DONE: Final = frozenset({"delivered", "relayed", "expanded"})


def take(txn: "Connection", intake: Intake, judged: Judged) -> dict[str, Any] | None:
    """End a report about mail of ours; None for any other mail."""
    bounce = judged.message.bounce
    if not judged.message.is_bounce or bounce is None:
        return None
    named = [bounce.original_message_id, *judged.message.in_reply_to, *judged.message.references]
    found = items.by_message_id(txn, [each for each in named if each is not None])
    if not found:
        return None
    item = found[-1]
    action = "delayed" if bounce.action == "delayed" else "delivered" if bounce.action in _DONE else "failed"
    to = bounce.final_recipient or item.to_address
    reason = f"mail to {to} came back" if action == "failed" else f"mail to {to} is {action}"
    reason += f" ({bounce.status})" if bounce.status else ""
    if action != "delivered":
        items.change(
            txn, item.id, bounce={"action": action, "reason": reason, "status": bounce.status, "at": judged.at}
        )
    if (
        action == "failed"
        and _nobody_is_there(judged, bounce)
        and item.to_key is not None
        and not _is_told_to_others(txn, item)
    ):
        dead_addresses.mark(txn, address_key=item.to_key, reason=reason, at=judged.at)
    return _conclude(txn, intake, judged, item, action, reason)


def _nobody_is_there(judged: Judged, bounce: Bounce) -> bool:
    """Whether a report says of the address, not of one mail alone, that nothing arrives."""
    if (bounce.status or "") in _SAYS_NOTHING:
        return bounce_marks.OF_THIS_MAIL.search(judged.message.text[:_HEAD]) is None
    return _NOBODY_THERE.match(bounce.status or "") is not None


def _is_told_to_others(txn: "Connection", item: OutboxItem) -> bool:
    """Whether others have the Message-ID of an item in References of their own mail, and may report what they like."""
    if item.ticket_id is None:
        return False
    # What was merged is told under the ticket that it went into.
    numbers = {item.ticket_id, ticket_links.survivor(txn, tickets.get_by_id(txn, item.ticket_id)).id}
    written = (each for number in numbers for each in items.list_(txn, ticket_id=number))
    return any(each.to_key != item.to_key and item.message_id in each.thread for each in written)


def _conclude(
    txn: "Connection", intake: Intake, judged: Judged, item: OutboxItem, action: str, reason: str
) -> dict[str, Any]:
    said = f"It reports on outbox item {item.id}, a {item.kind}: {reason}."
    if item.ticket_id is None:
        rows.conclude(txn, intake.id, status="ignored", reason=said)
        return {"status": "ignored", "reason": said}
    ticket = ticket_links.locked(txn, item.ticket_id)
    status: Status = "threaded" if item.kind == "reply" else "ignored"
    if item.kind == "reply":
        # What a person wrote and nobody read belongs to the conversation; a program's mail does not.
        tickets.append(txn, ticket.id, _entry(intake, judged))
    what = f"{item.kind} {_TOLD[action]}"
    if action == "failed":
        undelivered.say(txn, judged.policy, ticket, item, what=what, why=reason, at=judged.at)
    else:
        tickets.event(txn, ticket.id, at=judged.at, actor="inboxd", what=what, why=reason)
    rows.conclude(txn, intake.id, status=status, reason=said, ticket_id=ticket.id)
    return {"status": status, "ref": ticket.ref, "reason": said}


_TOLD: Final = {"failed": "bounced", "delayed": "deferred", "delivered": "arrived"}


def _entry(intake: Intake, judged: Judged) -> NewEntry:
    message = judged.message
    return NewEntry(
        kind="email",
        at=judged.at,
        author=None,  # whoever reports on a mail takes no part in the conversation
        text=message.text,
        reply_text=message.reply_text,
        identity={"by": None, "evidence": [f"{message.from_addr or 'Somebody'} reports on a mail of ours."]},
        authentication=judged.authentication.to_json(),
        attachments=tuple(map(asdict, message.attachments)),
        intake_id=intake.id,
        message_id=message.message_id,
    )
