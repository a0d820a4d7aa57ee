"""What a person should know of the clock that everything goes by: that it was set, or that others show another time."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Final

from inboxd import views
from inboxd.intake.door import now_ms
from rules.clocks import duration
from store import clock, clock_steps

if TYPE_CHECKING:
    from sqlalchemy import Connection

# For so long a step is news, unless it is taken back.
_NEWS_MS: Final = 24 * 3_600_000
_MUCH_SECONDS: Final = 60
_OTHERS: Final = {"ahead_of_database_seconds": "the database's", "ahead_of_provider_seconds": "the phone provider's"}


def view(connection: "Connection", ahead_of_provider: int | None) -> dict[str, Any]:
    """Return by how much the clock was set in the last day, and when last; and how far it is ahead of others' clocks.

    Seconds, negative where it was set back, or is behind. None where there is nothing to compare.
    """
    known = clock_steps.of(connection)
    steps = () if known is None else known.lately(_NEWS_MS)
    database = clock.shared_ms(connection) if connection.dialect.name == "postgresql" else None
    return {
        "set_by_seconds": sum(step.by for step in steps) // 1000 if steps else None,
        "set_at": views.time(steps[-1].at + steps[-1].by) if steps else None,
        "ahead_of_database_seconds": None if database is None else (now_ms() - database) // 1000,
        "ahead_of_provider_seconds": ahead_of_provider,
    }


def problems(found: dict[str, Any], zone: tzinfo) -> Iterator[str]:
    """Say what of it needs a person; times are those of the desk's `zone`."""
    by = found.get("set_by_seconds") or 0
    if abs(by) >= _MUCH_SECONDS:
        at = f"{datetime.fromisoformat(found['set_at']).astimezone(zone):%Y-%m-%d %H:%M %Z}"
        yield (
            f"This machine's clock was set {'forward' if by > 0 else 'back'} by {_said(by)}, and showed {at} then: "
            "where that is wrong, set it right (`timedatectl`). Deadlines, and the times of what comes in, go by it."
        )
    for key, whose in _OTHERS.items():
        ahead = found.get(key) or 0
        if abs(ahead) >= _MUCH_SECONDS:
            yield (
                f"This machine's clock is {_said(ahead)} {'ahead of' if ahead > 0 else 'behind'} {whose}: "
                "let a time server set it (`timedatectl`)."
            )


def _said(seconds: int) -> str:
    days, minutes = divmod(round(abs(seconds) / 60), 24 * 60)
    rest = duration(timedelta(minutes=minutes))
    return rest if not days else f"{days}d" if not minutes else f"{days}d {rest}"
