"""The story of a mail: read it, say who it seems to be and what is proven, decide, and file it in one transaction.

Everything slow (reading in a worker process, asking the DNS) happens before the transaction; what may have changed in
the meantime (a duplicate, the ticket it joins) is looked at inside it.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import structlog

from inboxd import addresses, answers, confirm, filing, history, no_ticket
from inboxd.authentication import Checker
from inboxd.canary import canary_back
from inboxd.clocks import clocks
from inboxd.confirm import Reply
from inboxd.intake.bytes_of_intake import bytes_of
from inboxd.intake.door import moment
from inboxd.joining import join_ticket
from inboxd.joining.join_ticket import Join
from inboxd.judging import known_before
from inboxd.judging.judge_message import Judged, judge_intake, source_of
from inboxd.judging.trace_message import trace
from inboxd.mail_story import authenticate_again, bounced, fetched_in_part, folding, raise_proof
from inboxd.mail_story.voicemail_mail import Left, PhoneSystems
from inboxd.message import Message
from inboxd.outbox import is_ours
from inboxd.policy.policy import PolicyHolder
from inboxd.staff import staff_mail
from store import dead_addresses, jobs, messages, outbox, ticket_links, tickets
from store import intake as rows
from store.intake import Intake
from store.jobs import Job
from store.outbox import OutboxItem
from store.ticket_links import Link
from store.tickets import NewEntry, NewTicket, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.open import Store

log = structlog.get_logger("inboxd.process_message")

# Automatic mail opens nothing that a person has closed the book on.
_REOPENED_BY_MAIL = frozenset({"solved", "waiting"})


class MessageStory:
    """Handles jobs of kind `message`."""

    def __init__(
        self,
        store: "Store",
        policy: PolicyHolder,
        read: Callable[[bytes | Path], Message],
        checker: Checker,
        *,
        systems: PhoneSystems,
        wake: Callable[[], None],
    ) -> None:
        """`systems` send voicemails by mail; `wake` is called when a job has made another one."""
        self._store = store
        self._policy = policy
        self._read = read
        self._checker = checker
        self._systems = systems
        self._wake = wake

    def __call__(self, job: Job) -> None:
        """File the mail of a job."""
        assert job.intake_id is not None
        with self._store.read() as connection:
            intake = rows.get(connection, job.intake_id)
        with bytes_of(self._store, intake) as raw:
            message = self._read(raw)
            findings = self._checker.check(raw, message, intake.envelope, moment(intake.received_at))
        left = self._systems.take(message, intake.envelope, findings, intake.received_at)
        if left is not None and "history" not in intake.envelope:
            ended = self._store.write(lambda txn: _becomes_call(txn, job, intake, message, left))
            if ended is None:
                log.info("voicemail_by_mail", caller=left.envelope.caller, called=left.envelope.called)
            else:
                log.info(ended.pop("status"), **ended)
            self._wake()
            return
        beside = partial(known_before.with_store, self._store)
        judged = judge_intake(message, intake, self._policy.current, findings, beside)
        # Said after the commit, not inside it: a transaction may run again, and only a commit makes it true.
        outcome = self._store.write(lambda txn: _file(txn, job, intake, judged))
        alarm_over = outcome.pop(canary_back.OVER, None)
        log.info(outcome.pop("status"), **outcome)
        if alarm_over is not None:
            log.info("canary_back", address=alarm_over)
            self._wake()


def _becomes_call(txn: "Connection", job: Job, intake: Intake, message: Message, left: Left) -> dict[str, Any] | None:
    """Hand a phone system's mail on as the call that it brings: to the story of voicemails, by a job.

    Returns what to log where it has its place already.
    """
    jobs.finish(txn, job)
    if intake.status is not None:
        return {"status": intake.status, "again": True}
    if twin := no_ticket.duplicate(txn, intake.id, message.fingerprint, becomes="entry"):
        return twin
    rows.becomes_call(txn, intake.id, envelope=left.envelope.plain(), received_at=left.received_at)
    jobs.add(txn, kind="voicemail", lane="mail", intake_id=intake.id)
    return None


def _file(txn: "Connection", job: Job, intake: Intake, judged: Judged) -> dict[str, Any]:
    """Give the mail its one place and return what to log. Runs in the writer's transaction: no I/O but the store's."""
    jobs.finish(txn, job)  # first: when the lease is lost, all of this is rolled back
    if intake.status is not None:
        return {"status": intake.status, "again": True}  # a repeated job of a mail that has its place
    goes_nowhere = judged.message.is_read_receipt or judged.decision.disposal is not None
    becomes: no_ticket.Becomes = "nothing" if goes_nowhere else "entry"
    if twin := no_ticket.duplicate(txn, intake.id, judged.message.fingerprint, becomes=becomes):
        return twin | _proof_of_twin(txn, intake, judged, twin["duplicate_of"])
    if judged.message.is_read_receipt:
        rows.conclude(txn, intake.id, status="ignored", reason="A read receipt says nothing that needs an answer.")
        return {"status": "ignored"}
    sent_as = _sent_as(txn, judged)
    if ours := _canary(txn, intake, judged, sent_as):
        return ours  # whatever rules say of mail: nobody wrote this one
    if judged.decision.disposal is not None:
        trace(txn, intake, judged)
        return no_ticket.held(txn, intake.id, judged.decision.disposal)
    if ours := _own(txn, intake, sent_as) or bounced.take(txn, intake, judged) or staff_mail.take(txn, intake, judged):
        return ours
    _alive(txn, judged)
    join = join_ticket.find(
        txn,
        judged.message,
        judged.identity,
        judged.authentication.verdict,
        old=judged.old is not None,
        recipients=intake.envelope.get("rcpt_tos") or (),
    )
    if join.ticket is None:
        join = folding.find(txn, judged, join)
    if join.ticket is None:
        ref = _open(txn, intake, judged, join)
        return {"status": "filed", "ref": ref, "verdict": judged.authentication.verdict}
    # Locked and read again: another node may be appending to it, too, or merge it.
    ticket = ticket_links.locked(txn, join.ticket.id)
    _append(txn, intake, judged, ticket, join)
    return {"status": "threaded", "ref": ticket.ref, "verdict": judged.authentication.verdict}


def _canary(txn: "Connection", intake: Intake, judged: Judged, sent_as: Iterable[OutboxItem]) -> dict[str, Any] | None:
    for item in sent_as:
        sent_at = canary_back.sent_at(txn, item)
        if sent_at is not None:
            return canary_back.take(txn, intake, judged, item, sent_at)
    return None


def _own(txn: "Connection", intake: Intake, sent_as: Iterable[OutboxItem]) -> dict[str, Any] | None:
    """End what inboxd itself sent and gets back (a list, a rule, another address of the desk): a loop begins so.

    A canary's name on another mail makes that one nothing of ours.
    """
    items = [item for item in sent_as if canary_back.sent_at(txn, item) is None]
    if not items:
        return None
    reason = f"It is what inboxd itself sent to {items[0].to_address} (item {items[0].id})."
    rows.conclude(txn, intake.id, status="ignored", reason=reason, ticket_id=items[0].ticket_id)
    return {"status": "ignored", "reason": reason}


def _sent_as(txn: "Connection", judged: Judged) -> list[OutboxItem]:
    """Return what went out under the Message-ID of a mail."""
    message_id = judged.message.message_id
    return outbox.by_message_id(txn, [message_id]) if message_id is not None and is_ours(message_id) else []


def _alive(txn: "Connection", judged: Judged) -> None:
    """Whoever writes from an address can be written to: mail that came back from there is forgotten."""
    wrote_himself = not (judged.message.is_auto_reply or judged.message.is_bounce)
    if judged.identity.address is not None and wrote_himself and judged.authentication.verdict != "failed":
        dead_addresses.forget(txn, addresses.key(judged.identity.address))


def _proof_of_twin(txn: "Connection", intake: Intake, judged: Judged, first: str) -> dict[str, Any]:
    """Put the proof that a second copy brings onto the entry that the first one became."""
    if judged.authentication.verdict != "authenticated":
        return {}
    why = f"The same mail came again ({intake.id}), and that copy is proven."
    ticket = raise_proof.onto(txn, first, judged, at=judged.at, why=why)
    if ticket is not None:
        trace(txn, intake, judged, ticket_id=ticket.id)
    return {} if ticket is None else {"proves": ticket.ref}


def _open(txn: "Connection", intake: Intake, judged: Judged, join: Join) -> str:
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
            callback=filing.callback(None, decision, columns["clocks"]),
            created_at=judged.at,
            **filing.who(identity),
            **columns,
            **({} if judged.old is None else history.closed(judged.at)),
        ),
        _entry(intake, judged, evidence),
    )
    _remember(txn, intake, message, ticket.id, entry_id)
    why = f"Mail {intake.id}. {evidence[0]}"
    if judged.old is not None:
        why += f" {history.explained(judged.old)}"
    tickets.event(txn, ticket.id, at=judged.at, actor="inboxd", what="opened", why=why)
    if join.follows is not None and judged.old is None:
        _link(txn, ticket, join.follows, judged.at)
    fetched_in_part.say(txn, intake, ticket.id, at=judged.at)
    clocks.watch(txn, ticket)
    folding.count(txn, judged)
    rows.conclude(txn, intake.id, status="filed", ticket_id=ticket.id)
    trace(txn, intake, judged, ticket_id=ticket.id, entry_id=entry_id, evidence=evidence)
    if authenticate_again.wants(judged):
        authenticate_again.plan(txn, intake.id, ticket.id)
    answers.to_mail(txn, judged.policy, ticket, judged, intake.envelope, join, entry_id)
    return ticket.ref


def _link(txn: "Connection", ticket: Ticket, followed: Ticket, at: int) -> None:
    """Say on both tickets that the new one goes on where the other one ended."""
    ticket_links.add(txn, Link(ticket_id=ticket.id, other_id=followed.id, kind="linked", at=at, by="inboxd"))
    for one, other, why in (
        (ticket, followed, f"Its mail answers {followed.ref}."),
        (followed, ticket, "A mail that answers it was filed anew."),
    ):
        tickets.event(txn, one.id, at=at, actor="inboxd", what=f"linked with {other.ref}", why=why)


def _append(txn: "Connection", intake: Intake, judged: Judged, ticket: Ticket, join: Join) -> None:
    evidence = judged.identity.evidence + join.evidence
    reply = None if judged.old is not None else confirm.reply_to(txn, ticket, judged)
    changes: dict[str, Any] = _actions(txn, ticket, judged, reply)
    automatic = judged.message.is_auto_reply or judged.message.is_bounce
    if judged.old is not None:
        changes |= history.joined(ticket, judged.at)
    elif ticket.status in _REOPENED_BY_MAIL and not automatic:
        changes["status"] = "open"
        running = clocks.moved(ticket.clocks, "open", judged.at, judged.calendars)
        changes |= clocks.columns(ticket, running)
    kind: Literal["email", "confirmation"] = "confirmation" if _confirms(reply) else "email"
    entry_id = tickets.append(txn, ticket.id, _entry(intake, judged, evidence, kind), **changes)
    _remember(txn, intake, judged.message, ticket.id, entry_id)
    at = judged.at
    why = join.evidence[0] if judged.old is None else f"{join.evidence[0]} {history.JOINED}"
    tickets.event(txn, ticket.id, at=at, actor="inboxd", what="joined", why=why)
    fetched_in_part.say(txn, intake, ticket.id, at=at)
    if "status" in changes:
        tickets.event(txn, ticket.id, at=at, actor="inboxd", what="status open", why="A mail joined.")
        clocks.watch(txn, tickets.get_by_id(txn, ticket.id), ticket.clocks)
    if reply is not None:
        by = judged.identity.address or ""
        confirm.settle(txn, judged.policy, ticket, reply, at=at, entry_id=entry_id, by=by)
    rows.conclude(txn, intake.id, status="threaded", ticket_id=ticket.id)
    trace(txn, intake, judged, ticket_id=ticket.id, entry_id=entry_id, evidence=evidence)
    if authenticate_again.wants(judged):
        authenticate_again.plan(txn, intake.id, ticket.id)
    answers.to_joined_mail(txn, ticket, judged, intake.envelope, entry_id)


def _confirms(reply: Reply | None) -> bool:
    return reply is not None and reply.outcome == "confirms"


def _actions(txn: "Connection", ticket: Ticket, judged: Judged, reply: Reply | None) -> dict[str, Any]:
    """Proof covers what it came with: an unproven entry takes actions away; a proven one of somebody authorised counts.

    What is allowed then is what the rules say of that entry alone. A proven one that does not count, because a program
    wrote it or it refuses, changes nothing.
    """
    decision = judged.decision
    if confirm.counts(txn, ticket, judged, reply):
        return raise_proof.actions(decision)
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
        recipients=tuple(each for each in dict.fromkeys((*message.to, *message.cc)) if not judged.is_ours(each)),
    )


def _name(judged: Judged) -> str | None:
    forwarded = judged.message.forwarded
    return forwarded.name if judged.identity.by == "forwarded" and forwarded is not None else judged.message.from_name


def _remember(txn: "Connection", intake: Intake, message: Message, ticket_id: int, entry_id: int) -> None:
    if message.message_id is not None:
        messages.remember(
            txn, message_id=message.message_id, ticket_id=ticket_id, entry_id=entry_id, intake_id=intake.id
        )


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
