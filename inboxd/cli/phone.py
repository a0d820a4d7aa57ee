"""`inboxd phone`: the lines at the provider, and callers who are turned away."""

from datetime import UTC, datetime
from typing import Any

import click

from inboxd.cli import terminal, times
from inboxd.cli.group import Group
from inboxd.cli.session import Session
from inboxd.errors import NoProvider


@click.group("phone", cls=Group)
def command() -> None:
    """Set the phone's lines up at the provider; turn callers away."""


@command.command("setup")
@click.option("--dry-run", is_flag=True, help="Say what would be changed, and change nothing.")
@click.pass_obj
def setup(session: Session, dry_run: bool) -> int:
    """Let the calls of each line come to inboxd, and to the fallback while it is away.

    Sets the addresses of each number that the rules file names, by the provider's API; other numbers stay as they are.
    Run it again after a change of http.public_url or twilio.fallback_url. Exit 1 when a line cannot be set up.
    """
    failed = 0
    for each in session.call("phone.setup", {"dry_run": dry_run}):
        failed |= each["error"] is not None
        session.out.show(each, lambda one: _line(one, dry_run=dry_run))
    return int(failed)


def _line(change: dict[str, Any], *, dry_run: bool) -> str:
    head = f"{change['number']} ({change['line']})"
    if change["error"] is not None:
        return terminal.one_line(f"{head}: {change['error']}")
    if not change["changes"]:
        return f"{head}: is as it should be"
    word = "would set" if dry_run else "set"
    return "\n".join([f"{head}: {word}", *(f"  {name:<24}{value}" for name, value in change["changes"].items())])


@command.command("twiml")
@click.pass_obj
def twiml(session: Session) -> None:
    """Print a fallback that greets and records while inboxd is away.

    Paste it into a TwiML Bin in the provider's console, put the bin's address into twilio.fallback_url, and run
    `inboxd phone setup`. What callers say then is fetched when inboxd is back. Needs the configuration alone: no store,
    and no daemon.
    """
    # By need: the provider's library costs a tenth of a second.
    from inboxd.phone.spoken import Voice
    from inboxd.policy import greetings

    settings = session.settings()
    if settings.twilio is None:
        raise NoProvider
    spoken = Voice(settings=settings.twilio).fallback(greetings.load(settings.templates.greetings))
    session.out.show({"twiml": spoken}, lambda answer: str(answer["twiml"]))


@command.command("block")
@click.argument("number")
@click.option("--until", metavar="WHEN", help="A time, or from now 30m, 4h, 2d; default: for good.")
@click.pass_obj
def block(session: Session, number: str, until: str | None) -> None:
    """Turn the calls of NUMBER away. What comes from it by another way is filed, tagged `blocked`, and pages nobody."""
    ends = None if until is None else times.write(times.ahead(until, datetime.now(UTC)))
    session.out.show(
        session.call("phone.block", {"number": number, "until": ends}), lambda each: _blocked(each, session)
    )


@command.command("unblock")
@click.argument("number")
@click.pass_obj
def unblock(session: Session, number: str) -> None:
    """Let the calls of NUMBER through again."""
    session.out.show(
        session.call("phone.unblock", {"number": number}), lambda answer: f"{answer['number']} is let through again."
    )


@command.command("blocked")
@click.pass_obj
def blocked(session: Session) -> None:
    """List the numbers that are turned away."""
    found = session.call("phone.blocks")
    session.out.show_all(found, lambda each: _blocked(each, session), none="No number is blocked.")


def _blocked(answer: dict[str, Any], session: Session) -> str:
    until = f"until {times.shown(answer['until'], session.zone())}" if answer["until"] else "for good"
    return f"{answer['number']} is turned away {until} (by {answer['blocked_by']})."


@command.group("phrases", cls=Group)
def phrases() -> None:
    """What the recogniser takes the desk's own words for, as `inboxd tickets correct` has taught it.

    Where one of them is heard again, staff see what is probably meant, and `says` in a rule finds that, too. The words
    that were heard are never changed.
    """


@phrases.command("list")
@click.pass_obj
def list_(session: Session) -> None:
    """List what is heard and what is meant, the most often taught first."""
    found = session.call("phone.phrases")
    session.out.show_all(found, lambda each: _phrase(each, session), none="No correction has taught anything yet.")


@phrases.command("remove")
@click.argument("heard")
@click.argument("meant", required=False)
@click.pass_obj
def remove(session: Session, heard: str, meant: str | None) -> None:
    """Forget what HEARD means, or that it means MEANT. What was found on tickets stays there."""
    session.out.show(
        session.call("phone.forget", {"heard": heard, "meant": meant}),
        lambda answer: terminal.one_line(f"'{answer['heard']}' means no more than it says."),
    )


def _phrase(phrase: dict[str, Any], session: Session) -> str:
    count = "once" if phrase["times"] == 1 else f"{phrase['times']} times"
    by = f"{count}, last by {phrase['taught_by']}, {times.shown(phrase['at'], session.zone())}"
    return terminal.one_line(f"heard '{phrase['heard']}', meant '{phrase['meant']}'  ({by})")
