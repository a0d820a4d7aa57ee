"""`inboxd intake`: what came in and where it stands, quarantine included."""

import sys
from base64 import b64decode
from datetime import tzinfo
from typing import Any

import click

from inboxd.cli import terminal, times
from inboxd.cli.group import Group
from inboxd.cli.session import Session
from inboxd.errors import InboxdError, UsageWrong

_STATUSES = ("filed", "threaded", "duplicate", "ignored", "quarantined", "rejected")
_STATES = ("ready", "running", "done", "dead")


@click.group("intake", cls=Group)
def command() -> None:
    """Look at what came in, and repair it."""


@command.command("list")
@click.option("--status", type=click.Choice(_STATUSES), help="Only what ended that way.")
@click.option("--state", type=click.Choice(_STATES), help="Only what waits (ready), is under way, is done or died.")
@click.option("--limit", metavar="N", type=click.IntRange(min=1), help="At most N items.")
@click.pass_obj
def list_(session: Session, status: str | None, state: str | None, limit: int | None) -> None:
    """List what came in and where it stands."""
    items = session.call("intake.list", {"status": status, "state": state, "limit": limit})
    if session.out.json:
        for item in items:
            session.out.record(item)
    else:
        nothing = f"Nothing is {status or state}." if status or state else "Nothing came in."
        session.out.text(_table(items, session.zone()) if items else nothing)


@command.command("show")
@click.argument("intake_id", metavar="ID")
@click.option("--raw", is_flag=True, help="Write the bytes that came in, mail or recording, to stdout: `> FILE`.")
@click.pass_obj
def show(session: Session, intake_id: str, raw: bool) -> None:
    """Show one item: where from, how far it came, what stopped it."""
    if raw:
        _write_raw(session, intake_id)
        return
    session.out.show(session.call("intake.show", {"id": intake_id}), _page)


@command.command("replay")
@click.argument("intake_ids", metavar="ID…", nargs=-1, required=True)
@click.pass_obj
def replay(session: Session, intake_ids: tuple[str, ...]) -> None:
    """Send items through the pipeline again, from the bytes that were kept."""
    with session.backend() as backend:
        for intake_id in intake_ids:
            session.out.show(backend.call("intake.replay", {"id": intake_id}), _line)


@command.command("discard")
@click.argument("intake_ids", metavar="ID…", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def discard(session: Session, intake_ids: tuple[str, ...], yes: bool) -> None:
    """Give items up: no ticket comes of them; the bytes are kept."""
    with session.backend() as backend:
        for intake_id in intake_ids:
            if yes or click.confirm(f"Discard {terminal.one_line(intake_id)}?", err=True):
                session.out.show(backend.call("intake.discard", {"id": intake_id}), _line)


def _write_raw(session: Session, intake_id: str) -> None:
    if session.out.json:
        raise UsageWrong("--raw writes bytes, not JSON: give one or the other")
    if sys.stdout.isatty():
        raise UsageWrong("--raw writes bytes as they came in, which a terminal would obey: redirect them, `> FILE`")
    written, size = 0, None
    with session.backend() as backend:
        while size is None or written < size:
            piece = backend.call("intake.raw", {"id": intake_id, "offset": written})
            data, size = b64decode(piece["data"]), piece["size"]
            if not data and written < size:
                raise InboxdError(f"only {written} of the {size} bytes of {intake_id} could be read")
            sys.stdout.buffer.write(data)
            written += len(data)
    sys.stdout.buffer.flush()


def _table(items: list[dict[str, Any]], zone: tzinfo) -> str:
    rows = [
        (
            item["id"],
            item["channel"],
            item["source"],
            times.shown(item["received_at"], zone),
            item["state"],
            item["status"],
            item["ticket"],
            item["attempts"],
            item["reason"],
        )
        for item in items
    ]
    headers = ("ID", "CHANNEL", "SOURCE", "RECEIVED", "STATE", "STATUS", "TICKET", "TRIES", "REASON")
    return terminal.table(headers, rows, limit=terminal.width(), gives=8)


def _page(item: dict[str, Any]) -> str:
    return "\n".join(f"{name + ':':<14}{_value(value)}" for name, value in item.items())


def _value(value: object) -> str:
    if isinstance(value, (dict, list)):
        from inboxd.cli.output import json_line

        return terminal.one_line(json_line(value))
    return terminal.one_line(value)


def _line(item: dict[str, Any]) -> str:
    reason = f": {item['reason']}" if item["reason"] else ""
    return terminal.one_line(f"{item['id']}  {item['status'] or item['state']}{reason}")
