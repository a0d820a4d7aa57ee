"""What staff answer to a notice: on to the customer with its files, or a note, and what its first lines command.

When anything is wrong nothing is sent and nothing changed: the mail becomes a note, and its author is told why.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from inboxd import addresses, readers, reply
from inboxd.errors import InboxdError
from inboxd.joining import thread_evidence
from inboxd.judging.judge_message import Judged
from inboxd.message import forwards
from inboxd.oncall import paging
from inboxd.policy.names import of_nobody_on_ticket
from inboxd.reply import Reply
from inboxd.staff import copies, crossed, enclosures, robots, staff_changes, staff_commands, staff_notices, take_back
from inboxd.staff.staff_changes import Change
from inboxd.staff.staff_commands import Commands
from inboxd.staff.staff_entries import TOLD_STAFF, Author, append, proven_of, remember
from store import messages, tickets
from store import outbox as items
from store.intake import Intake
from store.tickets import Entry, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

# RFC 3676 4.3.
_SIGNATURE: Final = re.compile(r"-- ?$", re.MULTILINE)
# Shorter lines (a greeting, a name) may stand in anybody's mail.
_TELLING: Final = 12  # characters
# And so many words in a row are the same in no two mails by chance.
_RUN: Final = 8
_LAST_TOLD: Final = "This is the last mail of this kind about the ticket for a day; the notes on it say the same."
_A_PERSON_S: Final = "If it is for the customer, send it again below a line with nothing but #reply."
_A_PERSON_S_PAGE: Final = "The page does not count as seen by it; #note above your words says that you have seen it."
_NOTHING_DONE: Final = "Nothing was sent or changed; your mail is a note now."


def take(
    txn: "Connection", intake: Intake, judged: Judged, ticket: Ticket, author: Author, cc: Sequence[str],
    late: str | None = None,
) -> None:  # fmt: skip
    """Do what a mail of staff says to a ticket; `cc` are others to whom it was written as well.

    `late` is a sentence where it comes too late to be sent on, or to change anything.
    """
    message = judged.message
    page = any(each.kind == "page" for each in items.by_message_id(txn, message.in_reply_to))
    commands = commands_of(judged, author)
    # A word at the head is a person's.
    robot = None if commands.reply or commands.alone or commands.note else robots.sign(judged, commands.text)
    if page and robot is None:
        how = "By an answer to the page's mail."
        paging.acknowledge_ticket(txn, ticket.id, by=author.name, how=how, at=judged.at)
    goes_on = not (page or commands.note or _is_between_staff(judged) or asks_himself(ticket, author))
    wrong = [*commands.wrong, *_unknown_names(judged, commands)]
    if goes_on:
        wrong += _hindrances(txn, judged, ticket, author, commands, cc)
    if robot is not None and (goes_on or page):
        wrong.append(f"{robot}: perhaps a program wrote it. {_A_PERSON_S_PAGE if page else _A_PERSON_S}")
    if late is not None and (goes_on or commands.changes):
        wrong.append(late)
    if not wrong and goes_on and commands.text:
        unseen = crossed.unseen(txn, judged, ticket, author)
        wrong = _sent_on(txn, intake, judged, ticket, author, commands, cc)
        if not wrong:
            _apply(txn, judged, ticket, author, commands, undoable=False)
            crossed.tell(txn, judged, ticket, author, unseen, elsewhere=False)
            return
    elif not wrong:
        _apply(txn, judged, ticket, author, commands)
    append(txn, intake, judged, ticket, author, "note")
    tickets.event(txn, ticket.id, at=judged.at, actor=author.name, what="note", why=" ".join(wrong) or "by mail")
    if wrong:
        _say_why(txn, judged, ticket, author, wrong)


def commands_of(judged: Judged, author: Author) -> Commands:
    """Return what a mail of staff commands, and the text below that."""
    return staff_commands.read(judged.message.reply_text, author.name, whole=judged.message.text)


def asks_himself(ticket: Ticket, author: Author) -> bool:
    """Whether somebody of staff asks for something on a ticket: what he writes there is no answer to himself."""
    return addresses.key(ticket.requester.get("address") or "") == addresses.key(author.address)


def _is_between_staff(judged: Judged) -> bool:
    """Whether it was written to somebody else of the staff, and to the desk for its files alone."""
    to = judged.message.to
    return any(map(judged.policy.office.is_staff, to)) and not any(map(judged.is_ours, to))


def _hindrances(
    txn: "Connection", judged: Judged, ticket: Ticket, author: Author, commands: Commands, cc: Sequence[str]
) -> Iterator[str]:  # fmt: skip
    if messages.is_of_answer(txn, judged.message.message_id):
        # It was written to two of our addresses, say, and a gateway has put something into one of the copies.
        yield "It came before under the same Message-ID, with another text, and that copy is the answer."
    unproven = set(cc).difference(proven_of(judged, cc))
    if unproven:
        said = ", ".join(sorted(unproven))
        yield f"The signature of your mail leaves its Cc open to anybody ({said}): write to the desk alone."
    yield from _unfit(txn, judged, ticket, author, commands)


def _unknown_names(judged: Judged, commands: Commands) -> Iterator[str]:
    settings = judged.policy.office.settings
    if settings is not None:
        for what in of_nobody_on_ticket(judged.policy.rules, settings, commands.fields):
            yield f"{what[0].upper()}{what[1:]}{'' if what.endswith('?') else '.'}"


def _unfit(txn: "Connection", judged: Judged, ticket: Ticket, author: Author, commands: Commands) -> Iterator[str]:
    """Say why a mail must not be sent on to the customer."""
    message, office = judged.message, judged.policy.office
    if message.is_encrypted or message.unreadable is not None:
        yield "It could not be read: it is encrypted, or broken."
    elif message.says_nothing_new or _SIGNATURE.match(commands.text):
        # What a notice tells staff is no answer to a customer.
        yield "There is nothing new in it, only what it answers, or a signature."
    if not commands.text:
        if not commands.changes and any(not each.inline for each in message.attachments):
            yield "It brings files, and no words to the customer."
        return
    colleagues = [each for each in dict.fromkeys((*message.to, *message.cc)) if office.is_staff(each)]
    colleagues = [each for each in colleagues if addresses.key(each) != addresses.key(author.address)]
    if colleagues:
        yield f"It was written to {', '.join(colleagues)} as well, and what goes on is written to the desk alone."
    if message.forwarded is not None:
        yield "It sends a mail on, and what goes on is an answer."
    elif not thread_evidence.answers_something(message):
        yield "It answers no mail: answer the notice, or begin the subject with Re:."
    yield from commands.unclear
    stay = enclosures.that_stay(message)
    if stay:
        yield f"{', '.join(stay)} cannot be sent on from here: inboxd tickets reply --attach takes any file."
    if _tells_staff_s(txn, ticket, message.in_reply_to, commands.text):
        yield "It holds what only staff were told, between your words: take the quoted lines out."


def _tells_staff_s(txn: "Connection", ticket: Ticket, answered: Sequence[str], text: str) -> bool:
    """Whether a text holds a line of what inboxd told staff of the ticket: quoted where no mark says so, or answered.

    Mail programs quote in many ways, and what is not known for a quote would go to the customer. They break lines anew,
    too: so many words in a row are told by staff's mail alone where no customer has written them. `answered` are the
    Message-IDs of what the mail answers, which may have been about a ticket that was merged into this one.
    """
    asked = {addresses.key(each) for each in readers.askers(ticket)}
    told = [
        each.text.partition("\n-- \n")[0]  # the signature is the answer's, too
        for each in (*items.list_(txn, ticket_id=ticket.id), *items.by_message_id(txn, answered))
        if each.kind in TOLD_STAFF and each.to_key not in asked  # what a rule has told the customer is a notice, too
    ]
    lines = {line for each in told for line in _bare_lines(each) if len(line) >= _TELLING}.intersection(
        _bare_lines(text)
    )
    runs = {run for each in told for run in _runs(each)}.intersection(_runs(text))
    if lines or runs:
        # A notice holds the customer's own words as well.
        entries = (each for each in tickets.entries(txn, ticket.id) if each.kind != "note")
        for said in map(_said_by_customer, entries):
            lines.difference_update(_bare_lines(said))
            runs.difference_update(_runs(said))
    return bool(lines or runs)


def _said_by_customer(entry: Entry) -> str:
    text = entry.text or (entry.transcript or {}).get("text") or ""
    return forwards.sent_on(text) if (entry.identity or {}).get("by") == "forwarded" else text


def _bare_lines(text: str) -> Iterator[str]:
    return (" ".join(line.lstrip("> \t|").split()) for line in text.splitlines())


def _runs(text: str) -> Iterator[str]:
    """All words of a text, so many at a time, wherever its lines end."""
    words = [word for line in _bare_lines(text) for word in line.split(" ") if word]
    return (" ".join(words[start : start + _RUN]) for start in range(len(words) - _RUN + 1))


def _sent_on(
    txn: "Connection", intake: Intake, judged: Judged, ticket: Ticket, author: Author, commands: Commands,
    cc: Sequence[str],
) -> list[str]:  # fmt: skip
    """Send the answer to the customer; return why it was not sent."""
    message = judged.message
    try:
        found = copies.of(txn, judged, ticket)
    except InboxdError as error:
        return [str(error)]
    in_copy = () if commands.alone else found.named
    answer = Reply(
        text=enclosures.with_names(message, commands.text),
        author=author.name,
        actor=author.name,
        at=judged.at,
        cc=(*cc, *in_copy),
        attachments=tuple(map(asdict, message.attachments)),
        enclosed=enclosures.of(message, commands.text, intake.id),
        change=take_back.before(ticket, _wanted(commands)),
        intake_id=intake.id,
        authentication=judged.authentication.to_json(),
    )
    try:
        entry_id = reply.write(txn, judged.policy, ticket, answer)
    except InboxdError as error:
        return [str(error)]
    remember(txn, intake, judged, ticket, entry_id)
    if not commands.alone:
        copies.tell(txn, judged, ticket, author, found, cc)
    return []


def _apply(
    txn: "Connection", judged: Judged, ticket: Ticket, author: Author, commands: Commands, *, undoable: bool = True
) -> None:
    if not commands.changes:
        return
    now = tickets.get_by_id(txn, ticket.id)
    staff_changes.change(
        txn, judged.policy, now, _wanted(commands), actor=author.name, name=author.name, at=judged.at,
        undoable=undoable,
    )  # fmt: skip


def _wanted(commands: Commands) -> Change:
    return Change(fields=commands.fields, tag=commands.tag, untag=commands.untag)


def _say_why(txn: "Connection", judged: Judged, ticket: Ticket, author: Author, why: Sequence[str]) -> None:
    """Tell the author why nothing was done; not for ever, should it be a program that answers each of these mails."""
    left = staff_notices.left(txn, ticket, author, at=judged.at)
    if left:
        last = [_LAST_TOLD] if left == 1 else []
        staff_notices.tell(txn, judged, ticket, author, [_NOTHING_DONE, *why, *last], at=judged.at)
