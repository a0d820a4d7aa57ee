"""`inboxd status`: listeners, what waits and how old it is, for a person."""

from collections.abc import Iterator
from typing import Any

import click

from inboxd.cli import terminal, times
from inboxd.cli.group import Command
from inboxd.cli.session import Session


@click.command("status", cls=Command)
@click.pass_obj
def command(session: Session) -> None:
    """Show what listens, what waits and how old it is."""
    session.out.show(session.call("status"), lambda status: "\n".join(_lines(status)))


def _lines(status: dict[str, Any]) -> Iterator[str]:
    yield f"inboxd {status['version']}, {_life(status)}"
    yield _line("Configuration", status["configuration"])
    yield _line("Store", status["store"])
    for listener in status.get("listeners", ()):
        yield _line("Listens", f"{listener['listener']} at {listener['address']}")
    yield from _waiting(status)
    held = status["quarantined"]
    since = (
        f", the first since {status['quarantined_since']}; see `inboxd intake list --status quarantined`"
        if held
        else ""
    )
    yield _line("Quarantine", f"{held}{since}")


def _life(status: dict[str, Any]) -> str:
    if not status["running"]:
        return "no daemon is running"
    return f"running for {times.age(status['seconds_up'])} as process {status['pid']}"


def _waiting(status: dict[str, Any]) -> Iterator[str]:
    waits = []
    for lane, states in status["jobs"].items():
        counts = [f"{count} {state}" for state, count in states.items() if count and state != "done"]
        if counts:
            waits.append(f"{lane}: {', '.join(counts)}")
    oldest = status["oldest_waiting_seconds"]
    age = f"; the oldest for {times.age(oldest)}" if oldest is not None else ""
    yield _line("Work", ("; ".join(waits) or "nothing waits") + age)


def _line(name: str, value: object) -> str:
    return f"{name + ':':<15}{terminal.one_line(value)}"
