"""The record of a job, and what every statement about jobs says alike."""

from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, FromClause, literal_column

from store.schema import jobs

State = Literal["ready", "running", "done", "dead"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of work. `due_at` None is at once; `attempt` counts from 1 at the first claim."""

    id: int
    kind: str
    lane: str
    intake_id: str | None
    ticket_id: int | None
    payload: dict[str, Any]
    state: State
    due_at: int | None
    attempt: int
    max_attempts: int
    failures: int
    claimant: str | None
    error: str | None
    created_at: int

    @property
    def exhausted(self) -> bool:
        """Whether every attempt was used up: bury it, do not run it.

        So ends work that takes its process down each time: nobody lived to count its attempts, the claim did.
        """
        return self.attempt > self.max_attempts


COLUMNS: Final = tuple(jobs.c[field.name] for field in fields(Job))

# What a job has while nobody runs it.
FREE: Final[dict[str, Any]] = {"claimant": None, "lease_clock": None, "lease_until": None}


def is_(state: State, table: FromClause = jobs) -> ColumnElement[bool]:
    """Give the condition that a job is in a state: as a literal, since only that lets partial indexes serve."""
    condition: ColumnElement[bool] = table.c.state == literal_column(f"'{state}'")
    return condition
