"""`inboxd oncall`: the rota, and answers to its pages."""

from datetime import tzinfo
from typing import Any

import click

from inboxd.cli import times
from inboxd.cli.group import Group
from inboxd.cli.session import Session


@click.group("oncall", cls=Group)
def command() -> None:
    """Look at the rota, try it, and take a page."""


@command.command("now")
@click.pass_obj
def now(session: Session) -> None:
    """Show who is on call, until when, who is next, and the pages that nobody has taken."""
    found = session.call("oncall.now")
    session.out.show(found, lambda each: _now(each, session.zone()))


@command.command("test")
@click.argument("person", required=False)
@click.pass_obj
def test(session: Session, person: str | None) -> None:
    """Page whoever is on call, or PERSON, and say that it is a test."""
    for item in session.call("oncall.test", {"person": person}):
        session.out.show(item, lambda each: f"{each['kind']} {each['id']} to {each['to']}: {each['state']}")
    if not session.out.json:
        session.out.hint("The daemon carries it out: `inboxd outbox list` shows what became of it.")


@command.command("ack")
@click.argument("ref")
@click.pass_obj
def ack(session: Session, ref: str) -> None:
    """Take the page of a ticket: nobody else is woken for it."""
    session.out.show(session.call("oncall.ack", {"ref": ref}), lambda each: _taken(each, session.zone()))


def _taken(page: dict[str, Any], zone: tzinfo) -> str:
    when = times.shown(page["acknowledged_at"], zone)
    return f"{page['ticket']}: acknowledged by {page['acknowledged_by']} at {when}"


def _now(found: dict[str, Any], zone: tzinfo) -> str:
    lines = ["Nobody is on call by a rota."]
    if found["person"] is not None:
        ways = ", ".join(f"{way['kind']} to {way['to']}" for way in found["ways"])
        lines = [f"{found['person']} is on call until {times.shown(found['until'], zone)} ({ways})"]
        if found["next"] is not None:
            lines.append(f"{found['next']['person']} is next, until {times.shown(found['next']['until'], zone)}")
    for page in found["pages"]:
        since = times.shown(page["caused_at"], zone)
        paged = ", ".join(page["paged"]) or "nobody yet"
        lines.append(
            f"Nobody has taken {page['ticket']} (since {since}; paged: {paged}): inboxd oncall ack {page['ticket']}"
        )
    return "\n".join(lines)
