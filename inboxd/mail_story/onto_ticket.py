"""What a mail becomes: a ticket of its own, or an entry on one that is there. Runs in the writer's transaction."""

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Literal

from inboxd import answers, confirm, filing, old_mail
from inboxd.clocks import clocks
from inboxd.confirm import Reply
from inboxd.joining import following
from inboxd.joining.join_ticket import Join
from inboxd.judging.judge_message import Judged, source_of
from inboxd.judging.trace_message import trace
from inboxd.mail_story import authenticate_again, brought_in, fetched_in_part, folding
from inboxd.message import Message
from store import intake as rows
from store import messages, ticket_links, tickets
from store.intake import Intake
from store.tickets import Entry, NewEntry, NewTicket, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

# Automatic mail opens nothing that a person has closed the book on.
_REOPENED_BY_MAIL = frozenset({"solved", "waiting"})


def open_one(txn: "Connection", intake: Intake, judged: Judged, join: Join) -> str:
    """Open a ticket with a mail as its first entry; return its reference."""
    message, identity, decision = judged.message, judged.identity, judged.decision
    columns = filing.columns(decision)
    evidence = identity.evidence + join.evidence
    ticket, entry_id = tickets.open_with(
        txn,
        NewTicket(
            channel="email",
            source=source_of(intake.envelope),
            subject=message.subject or "(no subject)",
            claimed_urgency=message.claimed_urgency,
            requester={"address": identity.address, "name": _name(judged), "phone": None},
            identity={"by": identity.by, "evidence": list(evidence)},
            authentication=judged.authentication.to_json(),
            callback=filing.callback(judged.call_at, decision, columns["clocks"]),
            created_at=judged.at,
            **filing.who(identity),
            **columns,
            **({} if judged.old is None else old_mail.closed(judged.at)),
        ),
        _entry(intake, judged, evidence),
    )
    messages.remember(txn, message_id=message.message_id, ticket_id=ticket.id, entry_id=entry_id, intake_id=intake.id)
    why = f"Mail {intake.id}. {evidence[0]}{_nature(message)}"
    if judged.old is not None:
        why += f" {old_mail.explained(judged.old)}"
    tickets.event(txn, ticket.id, at=judged.at, actor="inboxd", what="opened", why=why)
    if join.follows is not None and judged.old is None:
        why, there = f"Its mail answers {join.follows.ref}.", "A mail that answers it was filed anew."
        following.link(txn, ticket, join.follows, at=judged.at, why=why, why_there=there)
    if join.disowned is not None and judged.old is None:
        _forged_answer(txn, judged, join.disowned, ticket)
    fetched_in_part.say(txn, intake, ticket.id, at=judged.at)
    clocks.watch(txn, ticket)
    folding.count(txn, judged)
    rows.conclude(txn, intake.id, status="filed", ticket_id=ticket.id)
    trace(txn, intake, judged, ticket_id=ticket.id, entry_id=entry_id, evidence=evidence)
    if authenticate_again.wants(judged):
        authenticate_again.plan(txn, intake.id, ticket.id)
    answers.to_mail(txn, judged.policy, ticket, judged, intake.envelope, join, entry_id)
    return ticket.ref


def _forged_answer(txn: "Connection", judged: Judged, asked: Ticket, filed: Ticket) -> None:
    """Tell on a ticket where a question is open that somebody answers it in another's name; the mail joins nothing."""
    ticket = ticket_links.locked(txn, asked.id)
    reply = confirm.reply_to(txn, ticket, judged)
    if reply is not None and reply.outcome == "unproven":
        told = replace(reply, sentence=f"{reply.sentence} It is filed as {filed.ref}.")
        confirm.settle(txn, judged.policy, ticket, told, at=judged.at, entry_id=0, by="")


def append(txn: "Connection", intake: Intake, judged: Judged, ticket: Ticket, join: Join) -> None:
    """Let a mail be an entry on a ticket that it joins, with all that this changes there."""
    evidence = judged.identity.evidence + join.evidence
    reply = None if judged.old is not None else confirm.reply_to(txn, ticket, judged)
    changes: dict[str, Any] = _actions(txn, ticket, judged, reply)
    if judged.old is not None:
        changes |= old_mail.joined(ticket, judged.at)
    elif ticket.status in _REOPENED_BY_MAIL and not judged.message.is_automatic:
        changes |= _reopening(ticket, judged)
    kind: Literal["email", "confirmation"] = "confirmation" if _confirms(reply) else "email"
    named = brought_in.by(txn, ticket, judged)
    entry = replace(_entry(intake, judged, evidence, kind), recipients=named)
    entry_id = tickets.append(txn, ticket.id, entry, **changes)
    message_id = judged.message.message_id
    messages.remember(txn, message_id=message_id, ticket_id=ticket.id, entry_id=entry_id, intake_id=intake.id)
    at = judged.at
    why = join.evidence[0] + _nature(judged.message) + ("" if judged.old is None else f" {old_mail.JOINED}")
    why += "" if named == judged.written_to else f" {brought_in.NOBODY_NEW}"
    tickets.event(txn, ticket.id, at=at, actor="inboxd", what="joined", why=why)
    fetched_in_part.say(txn, intake, ticket.id, at=at)
    filing.say_withheld(txn, ticket, changes, at=at, why=_why_withheld(judged))
    if not _confirms(reply):  # (a confirmation says so itself)
        filing.say_allowed(txn, ticket, changes, at=at, why="The mail that joined is proven, of somebody authorised.")
    if "status" in changes:
        _say_reopened(txn, ticket, at=at)
    if reply is not None:
        by = judged.identity.address or ""
        confirm.settle(txn, judged.policy, ticket, reply, at=at, entry_id=entry_id, by=by)
    rows.conclude(txn, intake.id, status="threaded", ticket_id=ticket.id)
    trace(txn, intake, judged, ticket_id=ticket.id, entry_id=entry_id, evidence=evidence)
    if authenticate_again.wants(judged):
        authenticate_again.plan(txn, intake.id, ticket.id)
    answers.to_joined_mail(txn, ticket, judged, intake.envelope, entry_id, settles=reply is not None)


def by_a_person(txn: "Connection", intake: Intake, judged: Judged, entry: Entry) -> None:
    """Do what a person's mail does on a ticket where an `entry` of it stands as a program's: a second copy is none."""
    ticket = ticket_links.locked(txn, entry.ticket_id)
    if judged.authentication.verdict == "failed":
        return
    now = tickets.entry_of_intake(txn, entry.intake_id or "") or entry
    named = brought_in.by(txn, ticket, judged, entry_id=entry.id)
    tickets.set_authentication(txn, entry.id, now.authentication or {}, recipients=named)
    why = f"The same mail came again ({intake.id}), without a program's mark."
    tickets.event(txn, ticket.id, at=judged.at, actor="inboxd", what="a person's", why=why)
    if ticket.status in _REOPENED_BY_MAIL:
        tickets.update(txn, ticket.id, at=judged.at, **_reopening(ticket, judged))
        _say_reopened(txn, ticket, at=judged.at)
    answers.to_joined_mail(txn, ticket, judged, intake.envelope, entry.id, settles=False)


def _reopening(ticket: Ticket, judged: Judged) -> dict[str, Any]:
    """Return the columns that a mail changes on a ticket that it reopens."""
    running = clocks.moved(ticket.clocks, "open", judged.at, judged.calendars)
    return {"status": "open", **clocks.columns(ticket, running)}


def _say_reopened(txn: "Connection", before: Ticket, *, at: int) -> None:
    tickets.event(txn, before.id, at=at, actor="inboxd", what="status open", why="A mail joined.")
    clocks.watch(txn, tickets.get_by_id(txn, before.id), before.clocks)


def _why_withheld(judged: Judged) -> str:
    if judged.authentication.verdict != "authenticated":
        return f"The mail that joined is not proven ({judged.authentication.verdict})."
    if not judged.identity.authorized:
        return "Who wrote the mail that joined is not authorised."
    return "The rules say so of the mail that joined."


def _nature(message: Message) -> str:
    """Say behind why a mail is where it is that nobody wrote it; nothing of what a person wrote."""
    if message.is_bounce:
        return " It is a bounce: a mail server wrote it."
    return " It is an automatic reply: a program wrote it, and gets no answer." if message.is_auto_reply else ""


def _confirms(reply: Reply | None) -> bool:
    return reply is not None and reply.outcome == "confirms"


def _actions(txn: "Connection", ticket: Ticket, judged: Judged, reply: Reply | None) -> dict[str, Any]:
    """Proof covers what it came with: an unproven entry takes actions away; a proven one of somebody authorised counts.

    What is allowed then is what the rules say of that entry alone. A proven one that does not count, because a program
    wrote it or it refuses, changes nothing.
    """
    decision = judged.decision
    if confirm.counts(txn, ticket, judged, reply):
        return filing.rights(decision)
    if judged.authentication.verdict == "authenticated" and judged.identity.authorized:
        return {}
    return filing.without(ticket, decision.actions_blocked)


def _entry(
    intake: Intake, judged: Judged, evidence: tuple[str, ...], kind: Literal["email", "confirmation"] = "email"
) -> NewEntry:
    message = judged.message
    return NewEntry(
        kind=kind,
        at=judged.at,
        author=judged.identity.address,
        text=message.text,
        reply_text=message.reply_text,
        identity={"by": judged.identity.by, "evidence": list(evidence)},
        authentication=judged.authentication.to_json(),
        attachments=(*map(asdict, message.attachments), *_raw_if_unread(intake, message)),
        transcript=None,
        intake_id=intake.id,
        message_id=message.message_id,
        recipients=judged.written_to,
    )


def _name(judged: Judged) -> str | None:
    forwarded = judged.message.forwarded
    return forwarded.name if judged.identity.by == "forwarded" and forwarded is not None else judged.message.from_name


def _raw_if_unread(intake: Intake, message: Message) -> tuple[dict[str, Any], ...]:
    """What could not be read is attached whole, so that a person can."""
    if message.unreadable is None:
        return ()
    return (
        {
            "filename": f"{intake.id}.eml",
            "content_type": "message/rfc822",
            "size": intake.size,
            "sha256": intake.sha256,
            "inline": False,
            "content_id": None,
            "dangerous": True,
        },
    )
