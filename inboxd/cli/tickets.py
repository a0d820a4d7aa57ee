"""`inboxd tickets`: reading the queue and working on tickets."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from inboxd.cli import terminal, ticket_files, ticket_page, ticket_table, ticket_watch, times
from inboxd.cli.group import Group
from inboxd.cli.session import Session
from inboxd.errors import InboxdError, UsageWrong

_EXPORT_PAGE = 200  # tickets a call: whole ones, so that neither end holds the desk's history in memory
_NONE = "none"  # clears what may be empty
_STATUSES = ("open", "waiting", "solved", "closed")
_TYPES = ("incident", "problem", "service-request", _NONE)

_limit = click.option("--limit", metavar="N", type=click.IntRange(min=1), help="At most N tickets.")


@click.group("tickets", cls=Group)
def command() -> None:
    """Read the queue and work on tickets."""


@command.command("list")
@click.option("--mine", is_flag=True, help="Only tickets assigned to you.")
@click.option("--queue", metavar="NAME", help="Only this queue.")
@click.option("--account", metavar="ID", help="Only this account.")
@click.option("--status", type=click.Choice(_STATUSES), help="Only this status; default: all but closed.")
@click.option("--assignee", metavar="NAME", help="Only tickets assigned to NAME.")
@click.option(
    "--due",
    metavar="[WHEN]",
    is_flag=False,
    flag_value="",
    help="Only tickets with a clock due by WHEN: a time, or from now 30m, 4h, 2d; default now.",
)
@_limit
@click.pass_obj
def list_(session: Session, /, due: str | None, **wanted: Any) -> None:
    """List the tickets that are not closed, in the order to work them."""
    if due is not None:
        due = times.write(times.ahead(due, datetime.now(UTC)))
    _show_list(session, session.call("tickets.list", {**wanted, "due": due}))


@command.command("next")
@click.pass_obj
def next_(session: Session) -> None:
    """Take the first ticket that nobody has, and show it."""
    ticket = session.call("tickets.next")
    if ticket is not None:
        _show_page(session, ticket, whole=False)
    elif not session.out.json:
        session.out.text("Nothing waits.")


@command.command("show")
@click.argument("ref")
@click.option("--whole", is_flag=True, help="With the history and the signatures that later mails quote.")
@click.pass_obj
def show(session: Session, ref: str, whole: bool) -> None:
    """Show a ticket: who, what is proven, clocks, entries, events; of each later mail what is new in it."""
    _show_page(session, session.call("tickets.show", {"ref": ref}), whole=whole)


@command.command("search")
@click.argument("words", nargs=-1, required=True)
@_limit
@click.pass_obj
def search(session: Session, words: tuple[str, ...], limit: int | None) -> None:
    """Find tickets, closed ones too, by words in their subject, texts and transcripts."""
    _show_list(session, session.call("tickets.search", {"words": " ".join(words), "limit": limit}))


@command.command("set")
@click.argument("ref")
@click.option("--priority", metavar="NAME", help="urgent, high, medium, low, or the rules file's own name for it.")
@click.option("--status", type=click.Choice(_STATUSES))
@click.option("--assignee", metavar="NAME", help="Who works on it; `none`: nobody.")
@click.option("--type", "type_", type=click.Choice(_TYPES))
@click.option("--queue", metavar="NAME", help="Where it waits; `none`: nowhere.")
@click.option("--tag", metavar="NAME", multiple=True, help="Add a tag; may be given again.")
@click.option("--untag", metavar="NAME", multiple=True, help="Take a tag away; may be given again.")
@click.option("--account", metavar="ID", help="Whose ticket it is, `none`: nobody knows; the rules decide again.")
@click.option("--contact", metavar="NAME", help="Which contact of that account: a name, an address or a number.")
@click.option("--remember", is_flag=True, help="Put the number or address on file for that account.")
@click.option("--requester", metavar="ADDR", help="Who asks: answers go there from now on.")
@click.option("--called", is_flag=True, help="Count a call made to the customer; meets the clock `callback`.")
@click.pass_obj
def set_(
    session: Session,
    /,
    ref: str,
    type_: str | None,
    tag: tuple[str, ...],
    untag: tuple[str, ...],
    remember: bool,
    called: bool,
    requester: str | None,
    **given: Any,
) -> None:
    """Change a ticket; what a person sets, no later message or rule changes.

    A contact that --remember puts on file under a new name may ask for no changes; see `inboxd accounts`.
    """
    given["type"] = type_
    change = {name: value for name, value in given.items() if value is not None}
    for name in ("assignee", "type", "queue"):
        if change.get(name) == _NONE:
            change[name] = None
    if change.get("account") == _NONE:
        del change["account"]
        change["nobodys"] = True
    if not (change or tag or untag or called or requester):
        raise UsageWrong("nothing to set; see `inboxd tickets set --help`")
    if requester is not None:
        ticket = session.call("tickets.requester", {"ref": ref, "address": requester})
        if not (change or tag or untag or called):
            session.out.show(ticket, ticket_page.headline)
            return
    change |= {name: True for name, wanted in (("remember", remember), ("called", called)) if wanted}
    arguments = {"ref": ref, **change, "tag": list(tag), "untag": list(untag)}
    names = {name: change[name] for name in ("queue", "assignee") if change.get(name) is not None}
    with session.backend() as backend:
        unknown = backend.call("tickets.unknown_names", names) if names else ()
        ticket = backend.call("tickets.set", arguments)
    for what in unknown:
        session.out.hint(f"set as you said, but {what}")
    session.out.show(ticket, ticket_page.headline)


@command.command("note")
@click.argument("ref")
@click.argument("text", required=False)
@click.pass_obj
def note(session: Session, ref: str, text: str | None) -> None:
    """Add a note that only staff see; without TEXT from stdin, or from $EDITOR on a terminal."""
    words = text if text is not None else _ask_for_text()
    if not words.strip():
        raise UsageWrong("the note is empty; nothing was added")
    session.out.show(session.call("tickets.note", {"ref": ref, "text": words}), ticket_page.headline)


@command.command("allow")
@click.argument("ref")
@click.argument("action")
@click.option("--because", metavar="TEXT", required=True, help="Why; it stands in the ticket's events.")
@click.pass_obj
def allow(session: Session, ref: str, action: str, because: str) -> None:
    """Allow an action that waits for proof, on your own word; the rules say which may be (`override`)."""
    arguments = {"ref": ref, "action": action, "because": because}
    session.out.show(session.call("tickets.allow", arguments), ticket_page.headline)


@command.command("reply")
@click.argument("ref")
@click.argument("text", required=False)
@click.option(
    "--attach", metavar="PATH", multiple=True, type=click.Path(path_type=Path), help="A file that goes along."
)
@click.option("--cc", metavar="ADDR", multiple=True, help="Somebody else who gets it; may be given again.")
@click.option("--alone", is_flag=True, help="Only to who asked and --cc, whoever else is in the conversation.")
@click.option("--status", type=click.Choice(_STATUSES), help="What the ticket is then, like `waiting` or `solved`.")
@click.option("--canned", metavar="NAME", help="A template that is written below TEXT, or in its place.")
@click.pass_obj
def reply(
    session: Session,
    ref: str,
    text: str | None,
    attach: tuple[Path, ...],
    cc: tuple[str, ...],
    alone: bool,
    status: str | None,
    canned: str | None,
) -> None:
    """Answer who asked, by mail; without TEXT from stdin, or from $EDITOR on a terminal.

    Copies go to those they wrote to as well, where it is proven that they did, and to those who were in copy before and
    wait for an answer: `tickets show` names them. What is printed says who got it.
    """
    words = text if text is not None else "" if canned is not None else _ask_for_text()
    if not words.strip() and canned is None:
        raise UsageWrong("the reply is empty; nothing was sent")
    contents = [_read(path) for path in attach]
    arguments: dict[str, Any] = {"ref": ref, "text": words, "cc": list(cc), "status": status, "canned": canned}
    arguments["alone"] = alone
    pairs = zip(attach, contents, strict=True)
    arguments["attach"] = [{"filename": path.name, "size": len(data)} for path, data in pairs]
    with session.backend() as backend:
        # Asked before: what fails behind the answer would look as if that had not gone, and it would be written again.
        audience = backend.call("tickets.audience", {"ref": ref})
        ticket = backend.call("tickets.reply", arguments, b"".join(contents))
    other = ticket_page.answered_before(ticket, audience)
    if other is not None:
        session.out.hint(f"{other} has answered since the customer last wrote: two answers go out.")
    for address in () if alone else ticket_page.left_out(ticket, audience):
        session.out.hint(f"{address} has asked as well and got no copy; --cc {address} gives one.")
    session.out.show(ticket, ticket_page.answered)


@command.command("merge")
@click.argument("ref")
@click.argument("into")
@click.pass_obj
def merge(session: Session, ref: str, into: str) -> None:
    """Put a ticket into another, INTO: its entries go there, and whatever names it means that one."""
    session.out.show(session.call("tickets.merge", {"ref": ref, "into": into}), ticket_page.headline)


@command.command("split")
@click.argument("ref")
@click.argument("entry", type=click.IntRange(min=1))
@click.pass_obj
def split(session: Session, ref: str, entry: int) -> None:
    """Turn one ENTRY, counted from 1 as `show` lists them, into a ticket of its own."""
    session.out.show(session.call("tickets.split", {"ref": ref, "entry": entry}), ticket_page.headline)


@command.command("link")
@click.argument("ref")
@click.argument("other", metavar="REF")
@click.pass_obj
def link(session: Session, ref: str, other: str) -> None:
    """Say on both tickets that they belong together."""
    session.out.show(session.call("tickets.link", {"ref": ref, "other": other}), ticket_page.headline)


def _undone(ticket: dict[str, Any], ref: str) -> str:
    """Return the sentence that says what was taken back, and what stays."""
    if _digits(ticket["ref"]) != _digits(ref):
        return f"undone: the split; what was split off is on {ticket['ref']} again."
    last = [each for each in ticket["events"] if each["what"].startswith("undone: ")][-1]
    return f"{last['what']}. {last['why'] or ''}".rstrip()


def _digits(ref: str) -> str:
    return "".join(each for each in ref if each.isdecimal())


@command.command("undo")
@click.argument("ref")
@click.pass_obj
def undo(session: Session, ref: str) -> None:
    """Take back the last change, reply that has not gone, merge, split or link.

    Of a change by `tickets set` only what nobody has changed since is taken back. Whose the ticket is, and calls that
    were counted, stay; the command says what stays.
    """
    ticket = session.call("tickets.undo", {"ref": ref})
    session.out.hint(_undone(ticket, ref))
    session.out.show(ticket, ticket_page.headline)


command.add_command(ticket_watch.watch)
command.add_command(ticket_files.files)
command.add_command(ticket_files.play)
command.add_command(ticket_files.correct)


@command.command("export")
@click.pass_obj
def export(session: Session) -> None:
    """Print every ticket whole, closed ones too, in the order of creation.

    Each stands there as it was when its turn came; what comes in, is merged or split meanwhile may be missing. A backup
    (docs/operating.md) with a configuration of its own has all of one moment.
    """
    after: Any = None
    with session.backend() as backend:
        while True:
            page = backend.call("tickets.export", {"after": after, "limit": _EXPORT_PAGE})
            for ticket in page["tickets"]:
                session.out.show(ticket, lambda each: ticket_page.render(each, session.zone()) + "\n")
            after = page["after"]
            if after is None:
                return


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InboxdError(f"{path}: {error.strerror}") from error


def _ask_for_text() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.buffer.read().decode("utf-8", "replace")
    written: str | None = click.edit("", extension=".txt")
    return written or ""


def _show_page(session: Session, ticket: dict[str, Any], *, whole: bool) -> None:
    audience = None if session.out.json else session.call("tickets.audience", {"ref": ticket["ref"]})
    session.out.show(ticket, lambda each: ticket_page.render(each, session.zone(), whole=whole, audience=audience))


def _show_list(session: Session, tickets: list[dict[str, Any]]) -> None:
    if session.out.json:
        for ticket in tickets:
            session.out.record(ticket)
    else:
        session.out.text(ticket_table.render(tickets, now=datetime.now(UTC), limit=terminal.width()))
