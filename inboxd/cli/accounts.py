"""`inboxd accounts`: the on-file directory of accounts, contacts, addresses and numbers."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import click

from inboxd.cli import account_pages, terminal
from inboxd.cli.account_files import WRITERS
from inboxd.cli.account_import import import_
from inboxd.cli.group import Group
from inboxd.cli.session import Session

if TYPE_CHECKING:
    from inboxd.control.wire import Backend

_NONE = "none"  # clears what may be empty
_PAGE = 200

_because = click.option("--because", metavar="TEXT", help="Why; it stands in the account's events.")
_name = click.option("--name", metavar="TEXT", required=True, help="As staff shall read it.")


@click.group("accounts", cls=Group)
def command() -> None:
    """Look up and change accounts and their contacts."""


command.add_command(import_)


@command.command("list")
@click.pass_obj
def list_(session: Session) -> None:
    """List the accounts on file: the accounts file over what commands added."""
    with session.backend() as backend:
        if session.out.json:
            for account in everything(backend):
                session.out.record(account)
        else:
            session.out.text(account_pages.table(list(everything(backend)), terminal.width()))


@command.command("show")
@click.argument("account_id", metavar="ID")
@click.pass_obj
def show(session: Session, account_id: str) -> None:
    """Show an account with its contacts, where each came from, and what commands changed."""
    session.out.show(session.call("accounts.show", {"id": account_id}), _page(session))


@command.command("export")
@click.option("--format", "form", type=click.Choice(tuple(WRITERS)), default="yaml", help="Default: yaml.")
@click.pass_obj
def export(session: Session, form: str) -> None:
    """Print every account in a form that can be imported again; with --json, a line for each.

    In CSV, a cell that a spreadsheet would compute (it begins with =, +, - or @, as every number does) stands behind
    an apostrophe; an import takes it off again.
    """
    with session.backend() as backend:
        if session.out.json:
            for account in everything(backend):
                session.out.record(account)
            return
        for lines in WRITERS[form](everything(backend)):
            session.out.document(lines)


@command.command("add")
@click.argument("account_id", metavar="ID")
@_name
@click.option("--plan", metavar="PLAN", help="One of the rules file's `plans`, where it lists them.")
@_because
@click.pass_obj
def add(session: Session, /, account_id: str, **given: Any) -> None:
    """Put an account on file."""
    _say(session, session.call("accounts.add", {"id": account_id, **given}))


@command.command("set")
@click.argument("account_id", metavar="ID")
@click.option("--name", metavar="TEXT", help="As staff shall read it.")
@click.option("--plan", metavar="PLAN", help="The service plan; `none`: none.")
@_because
@click.pass_obj
def set_(session: Session, /, account_id: str, name: str | None, plan: str | None, because: str | None) -> None:
    """Change an account that a command or an import put on file; those of accounts.yaml are changed there."""
    change = {"name": name, "plan": plan}
    wanted = {key: None if value == _NONE else value for key, value in change.items() if value is not None}
    _say(session, session.call("accounts.set", {"id": account_id, "because": because, **wanted}))


@command.command("remove")
@click.argument("account_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_because
@click.pass_obj
def remove(session: Session, account_id: str, yes: bool, because: str | None) -> None:
    """Remove an account that a command or an import put on file, with its contacts; shows it as it was."""
    with session.backend() as backend:
        if yes or click.confirm(f"Remove {terminal.one_line(account_id)} and its contacts?", err=True):
            _say(session, backend.call("accounts.remove", {"id": account_id, "because": because}))


@command.command("add-contact")
@click.argument("account_id", metavar="ACCOUNT")
@_name
@click.option("--address", "addresses", metavar="ADDR", multiple=True, help="A mail address; may be given again.")
@click.option("--number", "numbers", metavar="N", multiple=True, help="A number like +15550100; may be given again.")
@click.option("--authorized/--not-authorized", default=False, help="Whether it may ask for changes; default: not.")
@click.option("--role", metavar="WORD", help="A word for the rules, like primary.")
@click.option("--valid-until", metavar="DAY", help="Last day on which it may ask for changes, like 2026-12-31.")
@_because
@click.pass_obj
def add_contact(session: Session, /, account_id: str, because: str | None, **contact: Any) -> None:
    """Put a contact on file, for an account of accounts.yaml, too; the first address names it."""
    contact = {key: list(value) if isinstance(value, tuple) else value for key, value in contact.items()}
    arguments = {"account": account_id, "contact": contact, "because": because}
    _say(session, session.call("accounts.add-contact", arguments))


@command.command("remove-contact")
@click.argument("account_id", metavar="ACCOUNT")
@click.argument("contact", metavar="ADDRESS-OR-NUMBER")
@_because
@click.pass_obj
def remove_contact(session: Session, account_id: str, contact: str, because: str | None) -> None:
    """Remove a contact that a command or an import put on file; named by one of its addresses."""
    arguments = {"account": account_id, "contact": contact, "because": because}
    _say(session, session.call("accounts.remove-contact", arguments))


@command.command("let-in")
@click.argument("account_id", metavar="ACCOUNT")
@click.argument("ref", metavar="REF")
@click.option("--until", metavar="DAY", required=True, help="The last day, like 2026-12-31; at most a year from now.")
@click.option("--name", metavar="TEXT", help="Who it is; default: the ticket's requester.")
@click.option("--address", metavar="ADDR", help="The mail address; default: the requester's.")
@click.option("--number", metavar="N", help="A number like +15550100; default: the requester's.")
@_because
@click.pass_obj
def let_in(session: Session, /, account_id: str, ref: str, **given: str | None) -> None:
    """Ask the account's primary contact whether a ticket's requester may ask in its name for a while.

    The primary contact answers the mail. Only a proven "yes" puts the requester on file, until that day.
    """
    done = session.call("accounts.let-in", {"account": account_id, "ref": ref, **given})
    session.out.show(done, lambda each: f"Asked {each['asked']}; the answer comes to {each['ticket']['ref']}.")


def everything(backend: "Backend") -> Iterator[dict[str, Any]]:
    """Give every account, page by page: the daemon holds no more of them as JSON."""
    after: Any = None
    while True:
        page = backend.call("accounts.list", {"after": after, "limit": _PAGE})
        yield from page["accounts"]
        after = page["after"]
        if after is None:
            return


def _say(session: Session, done: dict[str, Any]) -> None:
    for warning in done["warnings"]:
        session.out.complain(f"warning: {terminal.one_line(warning)}")
    if done["account"] is not None:
        session.out.show(done["account"], _page(session))


def _page(session: Session) -> Callable[[dict[str, Any]], str]:
    return lambda account: account_pages.page(account, session.zone())
