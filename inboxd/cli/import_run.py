"""The import of a command: look at everything, file it, say what became of it, and add it all up."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Final

from inboxd.cli import terminal
from inboxd.cli.envelope_options import is_call
from inboxd.cli.import_feed import Feed
from inboxd.cli.import_plan import Plan
from inboxd.cli.progress import Meter, meter
from inboxd.cli.session import Session
from inboxd.intake.envelope import Envelope

_STATUSES: Final = ("filed", "threaded", "duplicate", "ignored", "quarantined", "rejected")
_AS_IT_SHOULD: Final = frozenset({"filed", "threaded", "duplicate"})
_SHOWN: Final = 10


def run(session: Session, paths: Iterable[Path], envelope: Envelope, received_at: str | None) -> int:
    """Import everything at the paths; return the exit code. Raises TryLater where nobody files it any more."""
    counts: Counter[str] = Counter()
    with session.backend() as backend, meter() as bar:
        plan = _look(paths, envelope, bar)
        feed = Feed(backend, envelope, received_at=received_at, whole=session.out.json)
        with _adding_up(session, plan, counts):
            bar.begin("filing", len(plan) + len(plan.failed))
            for result in chain(_failed(plan), feed.results(plan)):
                counts[result["status"] or "failed"] += 1
                shown = session.out.json or result["status"] not in _AS_IT_SHOULD or not envelope.history
                bar.step(partial(session.out.item, result, line) if shown else None)
    return 1 if counts["failed"] else 0


def _look(paths: Iterable[Path], envelope: Envelope, bar: Meter) -> Plan:
    plan = Plan()
    bar.begin("looking")
    for path in paths:
        plan.look(path, call=is_call(envelope), seen=lambda: bar.at(len(plan)))
    return plan


def _failed(plan: Plan) -> Iterator[dict[str, Any]]:
    for path, error in plan.failed:
        yield {"path": path, "intake_id": None, "status": None, "reason": None, "ticket": None, "error": str(error)}


@contextmanager
def _adding_up(session: Session, plan: Plan, counts: Counter[str]) -> Iterator[None]:
    """Say at the end, however it comes, what became of how many, and what was left out."""
    try:
        yield
    finally:
        for each in plan.left_out[:_SHOWN]:
            session.out.hint(f"inboxd: left out: {terminal.one_line(each.path)} {each.why}")
        if len(plan.left_out) > _SHOWN:
            session.out.hint(f"inboxd: left out: {len(plan.left_out) - _SHOWN} more")
        session.out.hint(f"inboxd: {summary(counts, len(plan) + len(plan.failed), len(plan.left_out))}")


def summary(counts: Counter[str], total: int, left_out: int) -> str:
    """Say in one line what became of `total` messages and paths; its numbers add up."""
    ended = [f"{counts[status]} {status}" for status in _STATUSES]
    ended.append(f"{counts['failed']} failed")
    if waiting := total - counts.total():
        ended.append(f"{waiting} not through (give the same command again)")
    return f"{total} message{'' if total == 1 else 's'}: {', '.join(ended)}; {left_out} left out"


def line(result: dict[str, Any]) -> str:
    """Say in one line what became of a message."""
    ticket = result["ticket"]
    place = f" as {ticket['ref']}" if ticket else ""
    reason = f": {result['reason']}" if result["reason"] else ""
    return terminal.one_line(f"{result['path']}: {result['status']}{place}{reason}")
