"""What the recogniser hears for the desk's own words, as corrections of transcripts have taught."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from store.schema import phrases
from store.sql import insert_or_ignore

MOST = 2000
"""So many phrases are looked for in a recording, those most often taught first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """What is heard (folded) and what was meant; in how many recordings a person put it right, who did last, when."""

    heard: str
    meant: str
    times: int
    taught_by: str
    at: int


def teach(txn: Connection, pairs: Sequence[tuple[str, str]], *, by: str, at: int) -> None:
    """Count each pair of heard and meant once more."""
    c = phrases.c
    for heard, meant in sorted(set(pairs)):  # in one order, so that two who teach the same do not wait for each other
        row = {"heard": heard, "meant": meant, "times": 0, "taught_by": by, "at": at}
        txn.execute(insert_or_ignore(txn, phrases), row)
        this = update(phrases).where(c.heard == heard, c.meant == meant)
        txn.execute(this.values(times=c.times + 1, taught_by=by, at=at))


def take_back(txn: Connection, pairs: Sequence[tuple[str, str]]) -> None:
    """Count each pair once less: its recording was put right anew. What nothing teaches any more goes."""
    c = phrases.c
    for heard, meant in sorted(set(pairs)):
        txn.execute(update(phrases).where(c.heard == heard, c.meant == meant).values(times=c.times - 1))
        txn.execute(delete(phrases).where(c.heard == heard, c.meant == meant, c.times < 1))


def taught(txn: Connection, limit: int | None = None) -> list[Phrase]:
    """Give what was taught, the most often taught first, and among equals the latest."""
    c = phrases.c
    query = select(c.heard, c.meant, c.times, c.taught_by, c.at)
    query = query.order_by(c.times.desc(), c.at.desc(), c.heard, c.meant).limit(limit)
    return [Phrase(**row) for row in txn.execute(query).mappings()]


def remove(txn: Connection, heard: str, meant: str | None = None) -> int:
    """Forget what is heard so, or only one meaning of it; give how many pairs went."""
    c = phrases.c
    statement = delete(phrases).where(c.heard == heard)
    return txn.execute(statement if meant is None else statement.where(c.meant == meant)).rowcount
