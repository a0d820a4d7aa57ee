"""Options that say what a file's bytes do not: the envelope as an upstream relay or an exchange would give it."""

import re
from collections.abc import Callable
from dataclasses import asdict
from ipaddress import ip_address
from typing import Any, TypeVar

import click

from inboxd.cli.session import Session
from inboxd.errors import UsageWrong
from inboxd.intake.envelope import Envelope

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])

_SEPARATORS = re.compile(r"[ ().\-/]")
_NUMBER = re.compile(r"\+[0-9]{3,15}", re.ASCII)

_OPTIONS = (
    click.option("--mailbox", metavar="NAME", help="As fetched from this IMAP mailbox."),
    click.option("--client-ip", metavar="ADDR", help="As received by SMTP from this address."),
    click.option("--helo", metavar="NAME", help="What that client called itself."),
    click.option("--mail-from", metavar="ADDR", help="MAIL FROM; empty or <> is the null sender."),
    click.option("--rcpt-to", metavar="ADDR", multiple=True, help="RCPT TO; may be given again."),
    click.option("--caller", metavar="NUMBER", help="Who called: a number, or `anonymous`."),
    click.option("--called", metavar="NUMBER", help="The line that was called."),
)


def envelope_options(function: _Decorated) -> _Decorated:
    """Add the options; the function gets them as `envelope`'s keyword arguments."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def envelope(
    *,
    mailbox: str | None,
    client_ip: str | None,
    helo: str | None,
    mail_from: str | None,
    rcpt_to: tuple[str, ...],
    caller: str | None,
    called: str | None,
) -> Envelope:
    """Check the options' values. Raises UsageWrong."""
    return Envelope(
        mail_from=None if mail_from is None else _address(mail_from, "--mail-from"),
        rcpt_tos=tuple(_address(address, "--rcpt-to") for address in rcpt_to),
        client_ip=None if client_ip is None else _ip(client_ip),
        helo=helo,
        mailbox=mailbox,
        caller=None if caller is None else who_calls(caller),
        called=None if called is None else number(called, "--called"),
    )


def demand_mailbox(session: Session, value: Envelope) -> None:
    """Raise UsageWrong where the configuration names mailboxes and this is none of them.

    Without an imap section any name will do: it stands for a mailbox that is to come, or was.
    """
    if value.mailbox is None:
        return
    names = [each.name for each in session.settings().imap]
    if names and value.mailbox not in names:
        raise UsageWrong(
            f"--mailbox {value.mailbox!r}: there is no such mailbox; the configuration names {', '.join(names)}"
        )


def is_call(value: Envelope) -> bool:
    """Whether the options speak of a telephone call: a mail has no caller and no line."""
    return value.caller is not None or value.called is not None


def to_json(value: Envelope) -> dict[str, Any]:
    """Return the envelope as it travels to the door."""
    return {**asdict(value), "rcpt_tos": list(value.rcpt_tos)}


def number(text: str, option: str) -> str:
    """Return a telephone number as E.164 text; separators are dropped, no digit is guessed. Raises UsageWrong."""
    plain = _SEPARATORS.sub("", text)
    if not _NUMBER.fullmatch(plain):
        raise UsageWrong(f"{option} {text!r}: write the number with its country, like +15550100")
    return plain


def who_calls(text: str) -> str:
    """Return a caller's number as E.164 text, or `anonymous`. Raises UsageWrong."""
    return "anonymous" if text.lower() == "anonymous" else number(text, "--caller")


def _address(text: str, option: str) -> str:
    """Take the angle brackets of the SMTP command away; what stands in them is for the pipeline to judge."""
    plain = text[1:-1] if text.startswith("<") and text.endswith(">") else text
    if any(ord(letter) < 0x20 or ord(letter) == 0x7F for letter in plain):
        raise UsageWrong(f"{option} holds a control character")
    return plain


def _ip(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise UsageWrong(f"--client-ip {text!r} is not an IP address") from None
