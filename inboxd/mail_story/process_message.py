"""The story of a mail: read it, say who it seems to be and what is proven, decide, and file it in one transaction.

Everything slow (reading in a worker process, asking the DNS) happens before the transaction; what may have changed in
the meantime (a duplicate, the ticket it joins) is looked at inside it.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import structlog

from inboxd import addresses, no_ticket
from inboxd.canary import canary_back
from inboxd.errors import NotYet
from inboxd.joining import join_ticket
from inboxd.joining.join_ticket import Join
from inboxd.judging import known_before
from inboxd.judging.examine import Examiner
from inboxd.judging.judge_message import Judged, judge_intake
from inboxd.judging.trace_message import trace
from inboxd.mail_story import bounced, folding, onto_ticket, raise_proof
from inboxd.mail_story.voicemail_mail import Left, PhoneSystems
from inboxd.message import Message
from inboxd.outbox import is_ours
from inboxd.policy.policy import PolicyHolder
from inboxd.staff import proven_late, staff_mail
from store import dead_addresses, jobs, outbox, ticket_links, tickets
from store import intake as rows
from store.intake import Intake
from store.jobs import Job
from store.outbox import OutboxItem
from store.tickets import Entry, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.open import Store

# Each look but the last says that the ticket has changed since the one before.
_LOOKS: Final = 5

log = structlog.get_logger("inboxd.process_message")


class MessageStory:
    """Handles jobs of kind `message`."""

    def __init__(
        self,
        store: "Store",
        policy: PolicyHolder,
        examiner: Examiner,
        *,
        systems: PhoneSystems,
        wake: Callable[[], None],
    ) -> None:
        """`systems` send voicemails by mail; `wake` is called when a job has made another one."""
        self._store = store
        self._policy = policy
        self._examiner = examiner
        self._systems = systems
        self._wake = wake

    def __call__(self, job: Job) -> None:
        """File the mail of a job."""
        assert job.intake_id is not None
        with self._store.read() as connection:
            intake = rows.get(connection, job.intake_id)
        message, findings = self._examiner.examine(intake)
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
    becomes: no_ticket.Becomes = "nothing" if goes_nowhere else "report" if judged.message.is_bounce else "entry"
    author, fingerprint = judged.identity.address, judged.message.fingerprint
    if twin := no_ticket.duplicate(txn, intake.id, fingerprint, becomes=becomes, author=author):
        return twin | _of_twin(txn, intake, judged, twin["duplicate_of"])
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
    join, ticket = _found(txn, intake, judged)
    if ticket is None:
        ref = onto_ticket.open_one(txn, intake, judged, join)
        return {"status": "filed", "ref": ref, "verdict": judged.authentication.verdict}
    onto_ticket.append(txn, intake, judged, ticket, join)
    return {"status": "threaded", "ref": ticket.ref, "verdict": judged.authentication.verdict}


def _found(txn: "Connection", intake: Intake, judged: Judged) -> tuple[Join, Ticket | None]:
    """Look for the ticket of a mail, and lock it; look again where somebody has changed it in between.

    Another node may have closed it, merged it or given it to another account: who is let in is said of it as it stands.
    Raises NotYet where it changes at every look.
    """
    for _ in range(_LOOKS):
        join = join_ticket.find(
            txn,
            judged.message,
            judged.quotes,
            judged.identity,
            judged.authentication.verdict,
            old=judged.old is not None,
            recipients=intake.envelope.get("rcpt_tos") or (),
        )
        if join.ticket is None:
            join = folding.find(txn, judged, join)
        if join.ticket is None:
            return join, None
        ticket = ticket_links.locked(txn, join.ticket.id)
        if ticket == join.ticket:
            return join, ticket
    raise NotYet("the ticket that it belongs to is being changed", seconds=1.0)


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
    by_a_person = not judged.message.is_automatic
    if judged.identity.address is not None and by_a_person and judged.authentication.verdict != "failed":
        dead_addresses.forget(txn, addresses.key(judged.identity.address))


def _of_twin(txn: "Connection", intake: Intake, judged: Judged, first: str) -> dict[str, Any]:
    """Let a second copy do for the entry that the first one became what that one could not."""
    entry = tickets.entry_of_intake(txn, first)
    if entry is None:
        return {}
    # A program's mark, too, is soon put on a copy that somebody hands in first.
    was_automatic = entry.kind == "email" and entry.recipients is None and entry.author is not None
    ticket = _proof_of_twin(txn, intake, judged, first, entry)
    if was_automatic and not judged.message.is_automatic and judged.old is None:
        onto_ticket.by_a_person(txn, intake, judged, entry)
    return {} if ticket is None else {"proves": ticket.ref}


def _proof_of_twin(txn: "Connection", intake: Intake, judged: Judged, first: str, entry: Entry) -> Ticket | None:
    """Put the proof that a second copy brings onto the entry that the first one became."""
    if judged.findings.proof is None:
        return None
    ticket = proven_late.take(txn, intake, judged, entry, at=judged.at)
    if ticket is None and judged.authentication.verdict == "authenticated":
        why = f"The same mail came again ({intake.id}), and that copy is proven."
        ticket = raise_proof.onto(txn, first, judged, at=judged.at, why=why)
    if ticket is not None:
        trace(txn, intake, judged, ticket_id=ticket.id)
    return ticket
