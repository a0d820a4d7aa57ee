"""What a process does first: take back what its forerunner held, clear what nobody was promised, miss what is gone."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from store import clock_steps, jobs
from store.blobs import Swept
from store.claimant import this_host
from store.open import Store
from store.schema import files, intake

_PAGE: Final = 500
_LATELY_MS: Final = 24 * 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What was found at start. `missing` is an alarm: intakes whose blob is not where it should be."""

    jobs: int
    swept: Swept
    missing: tuple[str, ...]


def recover(store: Store, *, host: str | None = None, older_than_seconds: float = 3600.0) -> Recovered:
    """Recover a store that was just opened for writing.

    Jobs that earlier processes of this host held are ready again. Blobs that no row names go when they are older than
    `older_than_seconds`: they were never acknowledged; a younger one may be another process's, on its way.
    """
    back = store.write(lambda txn: jobs.recover(txn, host or this_host()))
    swept = store.blobs.sweep(lambda names: _in_use(store, names), older_than_seconds + _set_forward(store))
    return Recovered(jobs=back, swept=swept, missing=tuple(_missing(store)))


def _set_forward(store: Store) -> float:
    """Give by how many seconds the clock was set forward in the last hours: a file's age goes by it, too."""
    with store.read() as conn:
        known = clock_steps.of(conn)
    return 0.0 if known is None else sum(max(0, step.by) for step in known.lately(_LATELY_MS)) / 1000


def _in_use(store: Store, names: Collection[str]) -> set[str]:
    with store.read() as conn:
        named = (table.c.blob for table in (intake, files))
        return {str(name) for blob in named for name in conn.scalars(select(blob).where(blob.in_(names)))}


def _missing(store: Store) -> list[str]:
    lost: list[str] = []
    after = 0
    while True:
        with store.read() as conn:
            named = select(intake.c.seq, intake.c.id, intake.c.blob).where(intake.c.blob.is_not(None))
            page = conn.execute(named.where(intake.c.seq > after).order_by(intake.c.seq).limit(_PAGE)).all()
        if not page:
            return lost
        gone = store.blobs.missing({row.blob for row in page})
        lost += [row.id for row in page if row.blob in gone]
        after = page[-1].seq
