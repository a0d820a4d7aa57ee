"""The story of a mail: read it, say who it seems to be and what is proven, decide, and file it in one transaction.

Everything slow (reading in a worker process, later DNS) happens before the transaction; what may have changed in the
meantime (a duplicate, the ticket it joins) is looked at inside it.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import structlog

from inboxd import authenticate, facts, filing, history, identify, join_ticket, no_ticket
from inboxd.authenticate import Authentication
from inboxd.identify import Identity
from inboxd.intake import milliseconds, moment
from inboxd.join_ticket import Join
from inboxd.message import Message
from inboxd.policy import Policy, PolicyHolder
from rules.decide import decide
from rules.decision import Decision
from rules.facts import Facts
from store import intake as rows
from store import jobs, messages, tickets, traces
from store.intake import Intake
from store.jobs import Job
from store.tickets import NewEntry, NewTicket, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.open import Store

log = structlog.get_logger("inboxd.process_message")

# Automatic mail opens nothing that a person has closed the book on.
_REOPENED_BY_MAIL = frozenset({"solved", "waiting"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A mail with everything that can be said of it before the store is asked; `old`: what is kept of its own date."""

    message: Message
    identity: Identity
    authentication: Authentication
    facts: Facts
    decision: Decision
    old: dict[str, Any] | None = None

    @property
    def at(self) -> int:
        """The received time, in milliseconds since 1970: of old mail its own date."""
        return milliseconds(self.facts.received_at)


def judge(message: Message, intake_envelope: dict[str, Any], received_at: int, policy: Policy) -> Judged:
    """Say who wrote, what is proven and what the rules decide; files nothing."""
    at = moment(received_at)
    identity = identify.by_mail(policy.directory, message, policy.day_of(at))
    authentication = authenticate.of_mail(identity)
    seen = facts.of_mail(
        message,
        source=source_of(intake_envelope),
        identity=identity,
        authentication=authentication,
        received_at=at,
    )
    return Judged(
        message=message,
        identity=identity,
        authentication=authentication,
        facts=seen,
        decision=decide(policy.rules, seen),
    )


def source_of(envelope: dict[str, Any]) -> str:
    """Return the mailbox or the desk's address a mail came to."""
    recipients = envelope.get("rcpt_tos") or [""]
    return str(envelope.get("mailbox") or recipients[0])


class MessageStory:
    """Handles jobs of kind `message`."""

    def __init__(self, store: "Store", policy: PolicyHolder, read: Callable[[bytes | Path], Message]) -> None:
        self._store = store
        self._policy = policy
        self._read = read

    def __call__(self, job: Job) -> None:
        """File the mail of a job."""
        assert job.intake_id is not None
        with self._store.read() as connection:
            intake = rows.get(connection, job.intake_id)
        judged = self._judged(intake)
        # Said after the commit, not inside it: a transaction may run again, and only a commit makes it true.
        outcome = self._store.write(lambda txn: _file(txn, job, intake, judged))
        log.info(outcome.pop("status"), **outcome)

    def _judged(self, intake: Intake) -> Judged:
        message = self._reading(intake)
        if not history.is_old(intake.envelope):
            return judge(message, intake.envelope, intake.received_at, self._policy.current)
        own = history.date_of(message, intake)
        judged = judge(message, intake.envelope, milliseconds(own.at), self._policy.current)
        return replace(judged, decision=history.quiet(judged.decision), old=history.said(own.source))

    def _reading(self, intake: Intake) -> Message:
        if intake.blob is None:
            assert intake.raw is not None
            return self._read(intake.raw)
        with TemporaryDirectory(prefix="inboxd-") as folder:
            return self._read(self._store.blobs.path_or_copy(intake.blob, Path(folder)))


def _file(txn: "Connection", job: Job, intake: Intake, judged: Judged) -> dict[str, Any]:
    """Give the mail its one place and return what to log. Runs in the writer's transaction: no I/O but the store's."""
    jobs.finish(txn, job)  # first: when the lease is lost, all of this is rolled back
    if intake.status is not None:
        return {"status": intake.status, "again": True}  # a repeated job of a mail that has its place
    goes_nowhere = judged.message.is_read_receipt or judged.decision.disposal is not None
    becomes: no_ticket.Becomes = "nothing" if goes_nowhere else "entry"
    if twin := no_ticket.duplicate(txn, intake.id, judged.message.fingerprint, becomes=becomes):
        return twin
    if judged.message.is_read_receipt:
        rows.conclude(txn, intake.id, status="ignored", reason="A read receipt says nothing that needs an answer.")
        return {"status": "ignored"}
    if judged.decision.disposal is not None:
        _trace(txn, intake, judged, ticket_id=None, entry_id=None, evidence=())
        return no_ticket.held(txn, intake.id, judged.decision.disposal)
    join = join_ticket.find(
        txn, judged.message, judged.identity, judged.authentication.verdict, old=judged.old is not None
    )
    if join.ticket is None:
        ref = _open(txn, intake, judged, join)
        return {"status": "filed", "ref": ref, "verdict": judged.authentication.verdict}
    # Locked and read again: another node may be appending to it, too.
    _append(txn, intake, judged, tickets.get_by_id(txn, join.ticket.id, for_update=True), join)
    return {"status": "threaded", "ref": join.ticket.ref, "verdict": judged.authentication.verdict}


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
            requester={"address": identity.address or message.from_addr, "name": message.from_name, "phone": None},
            identity={"by": identity.by, "evidence": list(evidence)},
            authentication=judged.authentication.to_json(),
            callback=filing.callback(None, columns["clocks"]),
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
    rows.conclude(txn, intake.id, status="filed", ticket_id=ticket.id)
    _trace(txn, intake, judged, ticket_id=ticket.id, entry_id=entry_id, evidence=evidence)
    return ticket.ref


def _append(txn: "Connection", intake: Intake, judged: Judged, ticket: Ticket, join: Join) -> None:
    evidence = judged.identity.evidence + join.evidence
    changes: dict[str, Any] = _narrowed(ticket, judged.decision)
    automatic = judged.message.is_auto_reply or judged.message.is_bounce
    if judged.old is not None:
        changes |= history.joined(ticket, judged.at)
    elif ticket.status in _REOPENED_BY_MAIL and not automatic:
        changes["status"] = "open"
    entry_id = tickets.append(txn, ticket.id, _entry(intake, judged, evidence), **changes)
    _remember(txn, intake, judged.message, ticket.id, entry_id)
    at = judged.at
    why = join.evidence[0] if judged.old is None else f"{join.evidence[0]} {history.JOINED}"
    tickets.event(txn, ticket.id, at=at, actor="inboxd", what="joined", why=why)
    if "status" in changes:
        tickets.event(txn, ticket.id, at=at, actor="inboxd", what="status open", why="A mail joined.")
    rows.conclude(txn, intake.id, status="threaded", ticket_id=ticket.id)
    _trace(txn, intake, judged, ticket_id=ticket.id, entry_id=entry_id, evidence=evidence)


def _narrowed(ticket: Ticket, decision: Decision) -> dict[str, Any]:
    """Proof covers what it came with: an unproven entry takes actions away and gives none. Nothing else changes."""
    blocked = {**(ticket.actions_blocked or {}), **decision.actions_blocked}
    return {
        "actions_allowed": tuple(action for action in ticket.actions_allowed if action not in blocked),
        "actions_blocked": blocked or None,
    }


def _entry(intake: Intake, judged: Judged, evidence: tuple[str, ...]) -> NewEntry:
    message = judged.message
    return NewEntry(
        kind="email",
        at=judged.at,
        author=judged.identity.address or message.from_addr,
        text=message.text,
        reply_text=message.reply_text,
        identity={"by": judged.identity.by, "evidence": list(evidence)},
        authentication=judged.authentication.to_json(),
        attachments=(*map(asdict, message.attachments), *_raw_if_unread(intake, message)),
        transcript=None,
        intake_id=intake.id,
        message_id=message.message_id,
    )


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


def _trace(
    txn: "Connection",
    intake: Intake,
    judged: Judged,
    *,
    ticket_id: int | None,
    entry_id: int | None,
    evidence: tuple[str, ...],
) -> None:
    traces.record(
        txn,
        intake_id=intake.id,
        ticket_id=ticket_id,
        entry_id=entry_id,
        at=judged.at,
        kind="message",
        body={
            **filing.trace(judged.facts, judged.decision, evidence or judged.identity.evidence),
            "authentication": judged.authentication.to_json(),
            "defects": list(judged.message.defects),
            "history": judged.old,
        },
    )
