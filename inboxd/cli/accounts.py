"""`inboxd accounts`: the on-file directory of accounts, contacts, addresses and numbers."""

from typing import Any

import click

from inboxd.cli import terminal
from inboxd.cli.group import Group
from inboxd.cli.session import Session


@click.group("accounts", cls=Group)
def command() -> None:
    """Look up accounts and their contacts."""


@command.command("list")
@click.pass_obj
def list_(session: Session) -> None:
    """List the accounts on file."""
    found = session.call("accounts.list")
    if session.out.json:
        for account in found:
            session.out.record(account)
    else:
        session.out.text(_table(found))


@command.command("show")
@click.argument("account_id", metavar="ID")
@click.pass_obj
def show(session: Session, account_id: str) -> None:
    """Show an account with its contacts."""
    session.out.show(session.call("accounts.show", {"id": account_id}), _page)


def _table(found: list[dict[str, Any]]) -> str:
    if not found:
        return "No account is on file."
    rows = [(item["id"], item["name"], item["plan"], len(item["contacts"])) for item in found]
    return terminal.table(("ID", "NAME", "PLAN", "CONTACTS"), rows, limit=terminal.width(), gives=1)


def _page(account: dict[str, Any]) -> str:
    head = f"{account['id']}  {account['name']}  (plan: {account['plan'] or 'none'})"
    rows = [
        (
            contact["name"],
            contact["role"],
            "authorized" if contact["authorized"] else "not authorized",
            f"until {contact['valid_until']}" if contact["valid_until"] else "",
            ", ".join([*contact["addresses"], *contact["numbers"]]),
        )
        for contact in account["contacts"]
    ]
    headers = ("CONTACT", "ROLE", "MAY ASK", "VALID", "ON FILE")
    return terminal.one_line(head) + "\n\n" + terminal.table(headers, rows, limit=terminal.width(), gives=4)
