"""Mail of the desk's own people about a ticket: an answer to a notice, or a copy of what they wrote to the customer.

Who only says that he is staff is nobody here: the author must be proven like any customer's (`authentication`), or the
mail must lie in the folder of what a mailbox of ours has sent. An answer to a notice goes out to the customer as if it
had been written by command; lines that begin with `#` at its head are commands (`staff_commands`). When anything is
wrong with those, nothing is sent and nothing changed: the mail becomes a note, and its author is told why.
"""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from inboxd import outbox, reply
from inboxd.clocks import clocks
from inboxd.errors import InboxdError
from inboxd.joining import thread_evidence
from inboxd.judging.judge_message import Judged
from inboxd.letters import compose
from inboxd.letters.compose import About
from inboxd.oncall import paging
from inboxd.reply import Reply
from inboxd.staff import staff_changes, staff_commands
from inboxd.staff.staff_changes import Change
from inboxd.staff.staff_commands import Commands
from store import intake as rows
from store import messages, ticket_links, tickets
from store import outbox as items
from store.intake import Intake
from store.tickets import NewEntry, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NOTICE: Final = "notice"
_DESK: Final = "the desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Author:
    """Whose words these are: the name that staff go by, and their address."""

    name: str
    address: str


def take(txn: "Connection", intake: Intake, judged: Judged) -> dict[str, Any] | None:
    """Put a mail of staff in its place; None for anybody else's, and for one that is about no ticket."""
    if judged.old is not None or judged.identity.by == "forwarded":
        return None
    sent_folder = _is_sent(intake, judged)
    author = _author(judged, sent_folder=sent_folder)
    if author is None:
        return None
    found = thread_evidence.candidates(txn, judged.message, intake.envelope.get("rcpt_tos") or ())
    # A reference in the text alone may be one of several things spoken of, and what follows goes to a customer.
    meant = (each.ticket.id for each in found if each.ticket is not None and each.how != "text")
    ticket_id = next(meant, None)
    outsiders = _outsiders(judged)
    if sent_folder and (ticket_id is None or not outsiders):
        return _ignored(txn, intake, "It was sent from a mailbox of the desk, and answers nobody about a ticket.")
    if ticket_id is None:
        return None
    if judged.message.is_automatic:
        return _ignored(txn, intake, "A program of staff's wrote it in answer to a mail of ours.")
    ticket = ticket_links.locked(txn, ticket_id)
    if outsiders:
        _copy(txn, intake, judged, ticket, author)
    else:
        _answer(txn, intake, judged, ticket, author)
    rows.conclude(txn, intake.id, status="threaded", ticket_id=ticket.id)
    return {"status": "threaded", "ref": ticket.ref, "by": "staff"}


def _is_sent(intake: Intake, judged: Judged) -> bool:
    """Whether it lies among what a mailbox of ours has sent: only who may write into that folder puts it there."""
    settings = judged.policy.office.settings
    boxes = settings.imap if settings is not None else ()
    of_box = {box.name: box.sent for box in boxes if box.sent is not None}
    name, folder = intake.envelope.get("mailbox"), intake.envelope.get("folder")
    return folder is not None and of_box.get(name or "") == folder


def _author(judged: Judged, *, sent_folder: bool) -> _Author | None:
    address = judged.message.author.address
    if address is None:
        return None
    proven = judged.findings.proof is not None and judged.authentication.verdict != "failed"
    member = judged.policy.office.staff_member(address)
    if member is not None and (proven or sent_folder):
        return _Author(name=member.name, address=address)
    if sent_folder or (proven and judged.is_ours(address)):
        return _Author(name=_shown(judged.message.from_name), address=address)
    return None


def _shown(name: str | None) -> str:
    # Never an address: who wrote an entry took part in the ticket, and nobody shall by writing in the desk's name.
    return name if name and "@" not in name else _DESK


def _outsiders(judged: Judged) -> list[str]:
    office = judged.policy.office
    named = dict.fromkeys((*judged.message.to, *judged.message.cc))
    return [each for each in named if not judged.is_ours(each) and not office.is_staff(each)]


def _copy(txn: "Connection", intake: Intake, judged: Judged, ticket: Ticket, author: _Author) -> None:
    """Note what was answered elsewhere: the clocks stop, nobody answers twice, and nothing is sent again."""
    running = clocks.happened(ticket.clocks, "reply", judged.at, judged.calendars)
    entry_id = _append(txn, intake, judged, ticket, author, "reply", **clocks.columns(ticket, running))
    clocks.watch(txn, tickets.get_by_id(txn, ticket.id), ticket.clocks)
    why = f"written elsewhere, to {', '.join(_outsiders(judged)) or 'nobody else'}"
    tickets.event(txn, ticket.id, at=judged.at, actor=author.name, what="reply", why=why)
    _remember(txn, intake, judged, ticket, entry_id)


def _answer(txn: "Connection", intake: Intake, judged: Judged, ticket: Ticket, author: _Author) -> None:
    """Do what staff answer to a notice or a page."""
    answered = items.by_message_id(txn, judged.message.in_reply_to)
    message, page = judged.message, any(each.kind == "page" for each in answered)
    if page:
        paging.acknowledge_ticket(txn, ticket.id, by=author.name, how="By an answer to the page's mail.", at=judged.at)
    commands = staff_commands.read(message.reply_text, author.name, whole=message.text)
    wrong = list(commands.wrong)
    if message.says_nothing_new and not page:
        # What a notice tells staff is no answer to a customer.
        wrong.append("there is nothing new in it, only what it answers.")
    if not wrong and not commands.note and commands.text and not page:
        wrong += _sent_out(txn, intake, judged, ticket, author, commands)
        if not wrong:
            _apply(txn, judged, ticket, author, commands)
            return
    elif not wrong:
        _apply(txn, judged, ticket, author, commands)
    entry_id = _append(txn, intake, judged, ticket, author, "note")
    tickets.event(txn, ticket.id, at=judged.at, actor=author.name, what="note", why=" ".join(wrong) or "by mail")
    _remember(txn, intake, judged, ticket, entry_id)
    if wrong:
        _tell(txn, judged, ticket, author, wrong)


def _sent_out(
    txn: "Connection", intake: Intake, judged: Judged, ticket: Ticket, author: _Author, commands: Commands
) -> list[str]:
    """Send the answer to the customer; return why it was not sent."""
    if any(not each.inline for each in judged.message.attachments):
        return ["a mail with files is not sent on: inboxd tickets reply takes them with --attach"]
    answer = Reply(
        text=commands.text,
        author=author.name,
        actor=author.name,
        at=judged.at,
        intake_id=intake.id,
        authentication=judged.authentication.to_json(),
    )
    try:
        entry_id = reply.write(txn, judged.policy, ticket, answer)
    except InboxdError as error:
        return [str(error)]
    _remember(txn, intake, judged, ticket, entry_id)
    return []


def _apply(txn: "Connection", judged: Judged, ticket: Ticket, author: _Author, commands: Commands) -> None:
    if not (commands.fields or commands.tag or commands.untag):
        return
    wanted = Change(fields=commands.fields, tag=commands.tag, untag=commands.untag)
    now = tickets.get_by_id(txn, ticket.id)
    staff_changes.change(txn, judged.policy, now, wanted, actor=author.name, name=author.name, at=judged.at)


def _tell(txn: "Connection", judged: Judged, ticket: Ticket, author: _Author, wrong: list[str]) -> None:
    what = f"Nothing was sent or changed; your mail is a note now: {' '.join(wrong)}"
    letter = compose.letter(
        judged.policy,
        About(ticket=ticket),
        kind="notice",
        template=_NOTICE,
        to=author.address,
        to_name=author.name,
        at=judged.at,
        values={"what": what},
        in_reply_to=judged.message.message_id,
    )
    outbox.queue(txn, letter)


def _append(
    txn: "Connection",
    intake: Intake,
    judged: Judged,
    ticket: Ticket,
    author: _Author,
    kind: Literal["reply", "note"],
    **columns: Any,
) -> int:
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
        recipients=tuple(_outsiders(judged)) if kind == "reply" else (),
    )
    return tickets.append(txn, ticket.id, entry, **columns)


def _remember(txn: "Connection", intake: Intake, judged: Judged, ticket: Ticket, entry_id: int) -> None:
    if judged.message.message_id is not None:
        messages.remember(
            txn, message_id=judged.message.message_id, ticket_id=ticket.id, entry_id=entry_id, intake_id=intake.id
        )


def _ignored(txn: "Connection", intake: Intake, reason: str) -> dict[str, Any]:
    rows.conclude(txn, intake.id, status="ignored", reason=reason)
    return {"status": "ignored", "reason": reason}
