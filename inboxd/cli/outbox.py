"""`inboxd outbox`: what inboxd sends, and what it suppressed and why."""

from datetime import tzinfo
from typing import Any

import click

from inboxd.cli import terminal, times
from inboxd.cli.group import Group
from inboxd.cli.session import Session
from inboxd.errors import UsageWrong

_STATES = ("queued", "sending", "sent", "failed", "suppressed")


@click.group("outbox", cls=Group)
def command() -> None:
    """Look at what inboxd sends, try it again, let it go."""


@command.command("list")
@click.option("--state", type=click.Choice(_STATES), help="Only what is in this state.")
@click.option("--limit", metavar="N", type=click.IntRange(min=1), help="At most N items.")
@click.pass_obj
def list_(session: Session, state: str | None, limit: int | None) -> None:
    """List what waits to be sent, what was sent, and what was suppressed and why."""
    items = session.call("outbox.list", {"state": state, "limit": limit})
    if session.out.json:
        for item in items:
            session.out.record(item)
    else:
        nothing = f"Nothing in the outbox is {state}." if state else "The outbox is empty."
        session.out.text(_table(items) if items else nothing)


@command.command("show")
@click.argument("number", metavar="ID", type=click.IntRange(min=0))
@click.pass_obj
def show(session: Session, number: int) -> None:
    """Show one item whole: to whom, why, what became of it, and its text."""
    zone = None if session.out.json else session.zone()
    session.out.show(session.call("outbox.show", {"number": number}), lambda item: _page(item, zone))


@command.command("retry")
@click.argument("numbers", metavar="ID…", nargs=-1, required=True, type=click.IntRange(min=0))
@click.pass_obj
def retry(session: Session, numbers: tuple[int, ...]) -> None:
    """Try items at once that failed, or that wait after a failure; the Message-ID stays."""
    with session.backend() as backend:
        for number in numbers:
            session.out.show(backend.call("outbox.retry", {"number": number}), _line)


@command.command("release")
@click.argument("numbers", metavar="[ID…]", nargs=-1, type=click.IntRange(min=0))
@click.option("--all", "everything", is_flag=True, help="Everything that waits for this word.")
@click.pass_obj
def release(session: Session, numbers: tuple[int, ...], everything: bool) -> None:
    """Let items go that are held by `outgoing.mode: hold`."""
    if bool(numbers) == everything:
        raise UsageWrong("name the items to release, or --all of them")
    items = session.call("outbox.release", {"numbers": None if everything else list(numbers)})
    session.out.show_all(items, _line, none="Nothing was held.")


def _table(items: list[dict[str, Any]]) -> str:
    rows = [
        (item["id"], item["kind"], item["to"], item["ticket"], item["state"], item["subject"], item["reason"])
        for item in items
    ]
    headers = ("ID", "KIND", "TO", "TICKET", "STATE", "SUBJECT", "REASON")
    return terminal.table(headers, rows, limit=terminal.width(), gives=6)


def _page(item: dict[str, Any], zone: tzinfo | None) -> str:
    assert zone is not None
    shown = {**item, **{name: times.shown(item[name], zone) for name in ("created_at", "sent_at") if item[name]}}
    lines = [f"{name + ':':<17}{terminal.one_line(value)}" for name, value in shown.items() if name != "text"]
    return "\n".join([*lines, "", terminal.quoted(item["text"])])


def _line(item: dict[str, Any]) -> str:
    reason = f": {item['reason']}" if item["reason"] else ""
    return terminal.one_line(f"{item['id']}  {item['kind']} to {item['to']}  {item['state']}{reason}")
