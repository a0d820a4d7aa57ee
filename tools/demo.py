"""`make demo`: a desk in a temporary folder, its daemon on loopback, two mails and a voicemail that become tickets.

Each step is looked at from outside, with the commands a person would type; the exit code is 0 only when all of it was
seen to be true. Nothing leaves the machine, and folder and daemon are gone at the end.
"""

import os
import shutil
import smtplib
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.harness.desk import Daemon, Desk, DeskFailed, wait_until

Ticket = dict[str, Any]

WIDTH = min(100, shutil.get_terminal_size((100, 24)).columns)
STRANGER = "someone@stranger.example"
# The first lines of a reading, shipped with the recogniser: ten seconds of speech.
RECORDING = Path("assets/beckett.wav")
HEARD = ("ever tried", "try again")


def paint(code: str, text: str) -> str:
    """Colour for terminals; plain text for everything else."""
    plain = not sys.stdout.isatty() or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    return text if plain else f"\x1b[{code}m{text}\x1b[0m"


class Show:
    """Says what is done and what came of it, and counts what was seen to be true."""

    def __init__(self) -> None:
        self._step = 0
        self.seen = 0

    def step(self, what: str, how: str) -> None:
        """Begin a step: what it is for a person, and the command behind it."""
        self._step += 1
        print(f"\n{paint('1', f'{self._step}. {what}')}  {paint('2', how)}", flush=True)

    def true(self, condition: bool, what: str) -> None:
        """Hold one sentence against what was seen; DeskFailed when it is not so."""
        if not condition:
            raise DeskFailed(f"this should be true and is not: {what}")
        self.seen += 1
        body = textwrap.fill(what, WIDTH - 5, subsequent_indent="     ")
        print(f"   {paint('32', '✓')} {body}", flush=True)

    def quote(self, text: str, lines: int) -> None:
        """Show the first lines of what a command printed."""
        every = text.rstrip().splitlines()
        for line in every[:lines]:
            print(paint("2", "   │ ") + (line if len(line) <= WIDTH - 5 else line[: WIDTH - 6] + "…"))
        if len(every) > lines:
            print(paint("2", f"   │ … {len(every) - lines} more lines"))


def send(daemon: Daemon, sender: str, recipient: str, subject: str, body: str, **headers: str) -> str:
    """Hand in one mail by SMTP and give the daemon's answer."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, recipient, subject
    mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain=sender.partition("@")[2])
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(body)
    with smtplib.SMTP("127.0.0.1", daemon.ports["smtp"], timeout=30) as client:
        client.ehlo("demo.example")
        client.mail(sender)
        client.rcpt(recipient)
        code, text = client.data(mail.as_bytes())
    return f"{code} {text.decode()}"


def ticket_of(desk: Desk, is_it: Callable[[Ticket], bool], what: str) -> Ticket:
    """Wait for the ticket and give it whole."""
    found: list[Ticket] = []

    def there() -> bool:
        found[:] = [ticket for ticket in desk.json("tickets", "list") if is_it(ticket)]
        return bool(found)

    wait_until(there, within=30, what=what, every=0.1)
    return desk.json("tickets", "show", found[0]["ref"])[0]


def on_file(desk: Desk) -> tuple[dict[str, Any], dict[str, Any]]:
    """The first account of the desk with a contact who has an address and a number."""
    for account in desk.json("accounts", "list"):
        for contact in account["contacts"]:
            if contact["authorized"] and contact["addresses"] and contact["numbers"]:
                return account, contact
    raise DeskFailed("the accounts that `init` writes have no authorised contact with an address and a number")


def show_stranger(show: Show, desk: Desk, daemon: Daemon, recipient: str) -> Ticket:
    """A mail that shouts, from an address nobody knows."""
    show.step("A mail from a stranger that claims to be urgent", f"by SMTP, X-Priority: 1, from {STRANGER}")
    subject = "URGENT!!! The fax server is down"
    text = "Nothing goes out. This is urgent, call me at once.\n"
    answer = send(daemon, STRANGER, recipient, subject, text, X_Priority="1 (Highest)", Importance="high")
    show.true(answer.startswith("250 "), f"stored, and only then acknowledged: {answer}")
    ticket = ticket_of(desk, lambda ticket: ticket["requester"]["address"] == STRANGER, "a ticket of the stranger's")
    show.true(
        ticket["priority"] == "medium" and ticket["claimed_urgency"] == "urgent",
        f"ticket {ticket['ref']}: priority {ticket['priority']}; that it claims to be {ticket['claimed_urgency']} "
        "stands beside it and moves nothing",
    )
    show.true(
        ticket["account"] is None and ticket["authentication"]["verdict"] == "unknown",
        "nobody's account: the address is not on file",
    )
    return ticket


def show_customer(show: Show, desk: Desk, daemon: Daemon, recipient: str) -> None:
    """A mail from an address on file."""
    account, contact = on_file(desk)
    address = contact["addresses"][0]
    show.step("A mail from an address on file", f"by SMTP, from {address}")
    answer = send(daemon, address, recipient, "Cover pages", "How do we change the cover page?\n")
    show.true(answer.startswith("250 "), f"stored, and only then acknowledged: {answer}")
    ticket = ticket_of(desk, lambda ticket: ticket["requester"]["address"] == address, "a ticket of the customer's")
    show.true(
        ticket["account"] is not None and ticket["account"]["id"] == account["id"],
        f"ticket {ticket['ref']}: {ticket['account'] and ticket['account']['name']}, plan {account['plan']}, "
        f"contact {contact['name']}",
    )
    verdict = ticket["authentication"]["verdict"]
    show.true(
        verdict == "unverified",
        f"{verdict}: the address is on file, and nothing proves that the mail comes from there",
    )


def show_voicemail(show: Show, desk: Desk, called: str) -> None:
    """A recording, handed to the running daemon."""
    account, contact = on_file(desk)
    caller = contact["numbers"][0]
    spec = find_spec("moonshine_voice")
    if spec is None or spec.origin is None:
        raise DeskFailed("the speech package is not installed: make venv")
    recording = Path(spec.origin).parent / RECORDING
    show.step("A voicemail", f"inboxd ingest --caller {caller} --called {called} {recording.name}")
    outcome = desk.json("ingest", "--caller", caller, "--called", called, str(recording))[0]
    show.true(outcome["status"] == "filed", f"filed as ticket {outcome['ticket']['ref']}")
    ticket = desk.json("tickets", "show", outcome["ticket"]["ref"])[0]
    show.true(
        ticket["account"] is not None and ticket["account"]["id"] == account["id"],
        f"{ticket['account'] and ticket['account']['name']}, by the caller's number; it identifies, and proves nothing",
    )
    transcript = next(entry["transcript"] for entry in ticket["entries"] if entry["kind"] == "voicemail")
    words = transcript["text"].lower()
    show.true(
        all(part in words for part in HEARD),
        f"heard by {transcript['engine']}, on this machine: “{transcript['text']}”",
    )


def show_reasons(show: Show, desk: Desk, ref: str) -> None:
    """The queue, and why one ticket is where it is."""
    show.step("The queue", "inboxd tickets list")
    listed = desk.run("tickets", "list")
    show.quote(listed, 12)
    show.true(len(desk.json("tickets", "list")) == 3, "three messages, three tickets")
    show.step("And why?", f"inboxd why {ref}")
    explained = desk.run("why", ref)
    show.quote(explained, 16)
    show.true(ref in explained and "priority" in explained.lower(), "every decision is explained from what was stored")


def called_line(desk: Desk) -> str:
    """The number that callers of this desk dial: the first one in its rules file, else the shipped books' line."""
    rules = (desk.folder / "rules.yaml").read_text("utf-8")
    words = rules.replace(",", " ").replace('"', " ").split()
    return next((word for word in words if word.startswith("+1555")), "+15550190")


def demo(folder: Path) -> None:
    """Run every step; DeskFailed at the first thing that is not as it should be."""
    started, show = time.monotonic(), Show()
    print(paint("1", "inboxd: a mail and a voicemail become tickets.") + " Nothing leaves this machine.")
    show.step("A desk of its own", f"inboxd init {folder}/desk")
    desk = Desk.init(folder / "desk")
    desk.environment["COLUMNS"] = str(WIDTH - 5)  # what commands print stands behind a bar
    recipient = desk.settings()["smtp"]["recipients"][0]
    show.true(desk.config.exists(), "inboxd.yaml, rules.yaml, accounts.yaml; SQLite and the bundled speech model")
    show.step("Its daemon", "inboxd run")
    daemon = desk.start()
    try:
        show.true("smtp" in daemon.ports, f"takes mail for {recipient} on 127.0.0.1:{daemon.ports['smtp']}")
        stranger = show_stranger(show, desk, daemon, recipient)
        show_customer(show, desk, daemon, recipient)
        show_voicemail(show, desk, called_line(desk))
        show_reasons(show, desk, stranger["ref"])
        show.step("The end", "SIGTERM")
        show.true(daemon.stop() == 0, "the daemon finished what was under way and ended with 0")
    except (DeskFailed, OSError, LookupError) as failed:
        raise DeskFailed(
            f"{failed}\n\nThe daemon's last lines:\n" + "\n".join(daemon.log().splitlines()[-15:])
        ) from failed
    finally:
        daemon.kill()
    print(f"\n{paint('1;32', f'All {show.seen} things were seen to be true')} in {time.monotonic() - started:.0f} s.")


NEXT = """
Next, a desk of your own:

  .venv/bin/inboxd init desk                      three commented files, and the lines to edit first
  .venv/bin/inboxd -c desk/inboxd.yaml check      what would go wrong, before anything runs
  .venv/bin/inboxd -c desk/inboxd.yaml run        the daemon; Ctrl-C ends it

README.md goes on from there."""


def main() -> int:
    """Exit 0 only when everything was seen to be true."""
    with tempfile.TemporaryDirectory(prefix="inboxd-demo-") as folder:
        try:
            demo(Path(folder))
        except DeskFailed as failed:
            print(f"\n{paint('1;31', 'The demo failed')}: {failed}", file=sys.stderr)
            return 1
    print(NEXT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
