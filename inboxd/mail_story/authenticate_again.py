"""The later look at a mail whose proof could not be found out at first: the DNS had not answered.

The ticket stands since then. What is found now is put onto its entry; what still cannot be asked is asked again, later
each time, and after a day and a half no more.
"""

from typing import TYPE_CHECKING, Any, Final

import structlog

from inboxd.intake.door import now_ms
from inboxd.judging.examine import Examiner
from inboxd.judging.judge_message import Judged, judge_intake
from inboxd.judging.trace_message import trace
from inboxd.mail_story import raise_proof
from inboxd.policy.policy import PolicyHolder
from inboxd.staff import proven_late
from store import clock, jobs, tickets
from store import intake as rows
from store.jobs import Job

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.open import Store

log = structlog.get_logger("inboxd.authenticate_again")

KIND: Final = "authenticate-again"
SECONDS_BETWEEN: Final = (60, 300, 900, 3_600, 4 * 3_600, 12 * 3_600, 18 * 3_600)
"""Until the first, second, … look."""


def wants(judged: Judged) -> bool:
    """Whether a later look may prove what this one could not, and anything follows from it."""
    if not judged.findings.wait:
        return False
    return judged.authentication.verdict == "unverified" or proven_late.may_be(judged)


def plan(txn: "Connection", intake_id: str, ticket_id: int, *, looks: int = 0) -> None:
    """Queue the next look, after so many; the last one leaves the mail as it is."""
    if looks < len(SECONDS_BETWEEN):
        # The intake is through: it stands in the payload alone, so that nobody waits for this job.
        payload = {"intake_id": intake_id, "looks": looks + 1}
        due_at = clock.shared_ms(txn) + SECONDS_BETWEEN[looks] * 1000
        jobs.add(txn, kind=KIND, lane="mail", ticket_id=ticket_id, payload=payload, due_at=due_at)


class LaterLook:
    """Handles jobs of kind `authenticate-again`."""

    def __init__(self, store: "Store", policy: PolicyHolder, examiner: Examiner) -> None:
        self._store = store
        self._policy = policy
        self._examiner = examiner

    def __call__(self, job: Job) -> None:
        """Look again at the mail of a job."""
        with self._store.read() as connection:
            intake = rows.get(connection, job.payload["intake_id"])
            entry = tickets.entry_of_intake(connection, intake.id)
        if entry is None or (entry.authentication or {}).get("verdict") == "authenticated":
            self._store.write(lambda txn: jobs.finish(txn, job))
            return
        message, findings = self._examiner.examine(intake)
        gives_up = findings.wait and job.payload["looks"] >= len(SECONDS_BETWEEN)
        if gives_up:
            findings = findings.for_good()
        judged = judge_intake(message, intake, self._policy.current, findings)
        outcome = self._store.write(lambda txn: _settle(txn, job, intake, judged, gives_up=gives_up))
        log.info("authenticated_again", queue_id=intake.id, **outcome)


def _settle(txn: "Connection", job: Job, intake: rows.Intake, judged: Judged, *, gives_up: bool) -> dict[str, Any]:
    jobs.finish(txn, job)
    verdict = judged.authentication.verdict
    assert job.ticket_id is not None
    if wants(judged):
        plan(txn, intake.id, job.ticket_id, looks=job.payload["looks"])
        return {"verdict": verdict, "waits": True}
    why = "Looked at again, now that the DNS answers."
    if gives_up:
        why = "Looked at again for the last time: the DNS still does not say."
    at, entry = now_ms(), tickets.entry_of_intake(txn, intake.id)
    ticket = None if entry is None else proven_late.take(txn, intake, judged, entry, at=at)
    if ticket is None:
        ticket = raise_proof.onto(txn, intake.id, judged, at=at, why=why)
    if ticket is None and gives_up and entry is not None:
        tickets.event(txn, entry.ticket_id, at=at, actor="inboxd", what=f"looked at again: {verdict}", why=why)
    if ticket is not None and entry is not None:
        trace(txn, intake, judged, kind=KIND, ticket_id=ticket.id, entry_id=entry.id, evidence=judged.identity.evidence)
    return {"verdict": verdict, "ref": None if ticket is None else ticket.ref}
