"""How often, and how far, the time of day was set: what has waited for a minute is not a month old because of that.

Everything is kept with the time of day at which it was. `age` tells how much time has really passed since then. Only a
store that goes by this machine's clock (SQLite) knows of any step; `inboxd.clock_watch` notes them.
"""

import json
from dataclasses import dataclass, replace
from typing import Final, Self

from sqlalchemy import Connection, select

from store.clock import boot_id, boot_ms, now_ms, shared_ms
from store.schema import meta
from store.sql import insert_or_update

_KEY: Final = "clock"
# Whose clock is set more often than that has other troubles.
_MOST: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The clock was set by `by` ms: forward, or back where negative.

    `at` is what it showed right before, `boot_at` the machine's time since boot. Of a step forward that was taken back
    later `left` is what is left of it.
    """

    at: int
    by: int
    left: int
    boot_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSteps:
    """The steps of this machine's clock, the earliest first; `ahead`: time of day less time since that boot, in ms."""

    boot: str
    ahead: int
    steps: tuple[Step, ...] = ()

    @classmethod
    def begun(cls) -> Self:
        """Return what is known of a clock that nobody has watched before."""
        return cls(boot=boot_id(), ahead=now_ms() - boot_ms())

    def after(self, by: int) -> "ClockSteps":
        """Return the steps with one more, that was noticed now; what it takes back of earlier ones is taken back."""
        steps, owed = list(self.steps), max(0, -by)
        for place in reversed(range(len(steps))):
            taken = min(owed, steps[place].left)
            steps[place] = replace(steps[place], left=steps[place].left - taken)
            owed -= taken
        steps.append(Step(at=now_ms() - by, by=by, left=max(0, by), boot_at=boot_ms()))
        return replace(self.at_rest(), steps=tuple(steps[-_MOST:]))

    def at_rest(self) -> "ClockSteps":
        """Return the steps with the clock as it stands now; after another boot, too."""
        return replace(self.begun(), steps=self.steps)

    def set_forward_since(self, at: int) -> int:
        """Return by how many ms the clock was set forward, for good, since it showed `at`."""
        return sum(step.left for step in self.steps if step.at >= at)

    def lately(self, within_ms: int) -> tuple[Step, ...]:
        """Return the steps of the last so many ms of this boot."""
        if self.boot != boot_id():
            return ()
        return tuple(step for step in self.steps if 0 <= boot_ms() - step.boot_at < within_ms)


def of(txn: Connection) -> ClockSteps | None:
    """Give what is known of the clock; None where nobody watches it."""
    found = txn.execute(select(meta.c.value).where(meta.c.key == _KEY)).scalar()
    if found is None:
        return None
    known = json.loads(found)
    return ClockSteps(boot=known["boot"], ahead=known["ahead"], steps=tuple(Step(**each) for each in known["steps"]))


def keep(txn: Connection, known: ClockSteps) -> None:
    """Keep what is known of the clock."""
    steps = [{"at": each.at, "by": each.by, "left": each.left, "boot_at": each.boot_at} for each in known.steps]
    row = {"key": _KEY, "value": json.dumps({"boot": known.boot, "ahead": known.ahead, "steps": steps})}
    txn.execute(insert_or_update(txn, meta, row, keys=["key"], change=["value"]))


def set_forward_since(txn: Connection, at: int) -> int:
    """Give by how many ms the clock was set forward since it showed `at`: that much of the time since did not pass."""
    known = of(txn)
    return 0 if known is None else known.set_forward_since(at)


def age(txn: Connection, at: int) -> int:
    """Give how many ms have really passed since the clock showed `at`; never less than 0."""
    return max(0, shared_ms(txn) - at - set_forward_since(txn, at))
