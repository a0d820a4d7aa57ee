"""`inboxd oauth`: a person signs in once, so that inboxd may fetch or send mail in their name."""

from typing import TYPE_CHECKING

import click

from inboxd.cli.group import Group
from inboxd.cli.hidden_line import read_hidden_line
from inboxd.cli.session import Session
from inboxd.errors import UsageWrong

if TYPE_CHECKING:
    from inboxd.settings import OAuth2, Settings


@click.group("oauth", cls=Group)
def command() -> None:
    """Sign in for a mailbox or for outgoing mail."""


@command.command("login")
@click.argument("name", metavar="MAILBOX|outgoing")
@click.pass_obj
def login(session: Session, name: str) -> None:
    """Sign in for a mailbox, or for outgoing mail, and keep what inboxd needs to go on alone.

    Prints an address. Open it in any browser, sign in and agree. The browser then shows an error page: nothing listens
    at the address it was sent to. Paste that page's address here (nothing of it is shown), or hand it in on stdin.
    """
    from inboxd.oauth import login as sign_in
    from inboxd.oauth.refresh_tokens import origin_of

    oauth2, user = _find(session.settings(), name)
    under_way = sign_in.begin(oauth2, user)
    if oauth2.client_secret is not None:
        oauth2.client_secret.check()  # before somebody signs in for nothing
    origin = origin_of(oauth2)
    if session.out.json:
        session.out.record({"name": oauth2.name, "address": under_way.address})
    else:
        whom = f" as {user}, or as somebody who may open that mailbox" if user else ""
        session.out.text(f"Open this address in a browser and sign in{whom}:\n\n{under_way.address}\n")
        session.out.hint(
            f"At the end the browser shows an error page whose address begins with {under_way.redirect_uri}.\n"
            "That is right: nothing listens there. Its address is what is wanted here."
        )
    token = sign_in.finish(under_way, read_hidden_line("Paste the address (it is not shown): "))
    session.call("oauth.keep", {"name": oauth2.name, "token": token, "origin": origin})
    session.out.show(
        {"name": oauth2.name, "kept": True},
        lambda _: (
            f"Signed in. The store keeps the sign-in of {oauth2.name}; `inboxd check` tries it. A running daemon that "
            "waits for it comes to it within a quarter of an hour."
        ),
    )


def _find(settings: "Settings", name: str) -> "tuple[OAuth2, str | None]":
    """Return the sign-in that is meant, and whom it is for. Raises UsageWrong."""
    found: dict[str, tuple[OAuth2, str | None]] = {}
    outgoing = settings.outgoing
    if outgoing is not None and outgoing.oauth2 is not None:
        found["outgoing"] = (outgoing.oauth2, outgoing.user)
    for mailbox in settings.imap:
        if mailbox.oauth2 is not None:
            found[f"imap.{mailbox.name}"] = (mailbox.oauth2, mailbox.user)
    for wanted in (name, f"imap.{name}"):
        if wanted in found:
            return found[wanted]
    if any(mailbox.name == name.removeprefix("imap.") for mailbox in settings.imap):
        raise UsageWrong(f"{name} is signed in to by password: there is nothing to log in to")
    known = ", ".join(each.removeprefix("imap.") for each in found) or "none"
    raise UsageWrong(f'no mailbox "{name}" that is signed in to by oauth2: there is {known}')
