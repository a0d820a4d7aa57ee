"""What is kept of the decision on a mail, so that the store alone can explain it."""

from typing import TYPE_CHECKING, Any

from inboxd import filing
from inboxd.judging.judge_message import Judged
from store import traces
from store.intake import Intake

if TYPE_CHECKING:
    from sqlalchemy import Connection


def body(judged: Judged, evidence: tuple[str, ...]) -> dict[str, Any]:
    """Return the trace: facts, decision, evidence, each check with the records that gave it."""
    return {
        **filing.trace(judged.facts, judged.decision, evidence or judged.identity.evidence),
        "authentication": judged.authentication.to_json(),
        "checks": judged.findings.to_json(),
        "defects": list(judged.message.defects),
        "history": judged.old,
    }


def trace(
    txn: "Connection",
    intake: Intake,
    judged: Judged,
    *,
    kind: str = "message",
    ticket_id: int | None = None,
    entry_id: int | None = None,
    evidence: tuple[str, ...] = (),
) -> None:
    """Keep the trace of a decision on a mail."""
    traces.record(
        txn,
        intake_id=intake.id,
        ticket_id=ticket_id,
        entry_id=entry_id,
        at=judged.at,
        kind=kind,
        body=body(judged, evidence),
    )
