"""Tickets on which the address on file is asked: a desk with a real name server, and a story for each ticket."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from inboxd.settings import load
from inboxd.wiring.local_backend import open_backend
from tests.harness.dns import NameServer
from tests.integration.pipeline.conftest import ACCOUNTS, InProcessDesk
from tests.trust.world import COVERED, EVIL_IP, World

RULES = """
actions:
  discuss: {}
  credentials: {needs: {proof: authenticated, contact.authorized: true}, else: Needs a proven mail., override: true}
  account-changes: {needs: {proof: authenticated, contact.authorized: true}, else: Needs a proven mail.}
decide:
  answer:
    - rule: prove-it
      when: {account.known: true, any: [{channel: voicemail}, {authentication.verdict: unverified}]}
      then: {confirm: true}
"""
DESK = "support@example.com"
OPS, INTERN, STANDIN = "ops@acme.example", "intern@acme.example", "standin@acme.example"
SHARED, STRICT = "both@acme.example", "lead@strict.example"
CALLER = "+15550101"
BLOCKED = {"credentials", "account-changes"}
T0 = datetime(2026, 6, 10, 10, 0, tzinfo=UTC)
STAFF = [{"name": "engineer-1", "addresses": ["engineer-1@example.com"], "notify": True}]


Make = Callable[..., InProcessDesk]


def zone() -> dict[str, list[str]]:
    """The records of the customer's domains, of which one disowns what is forged."""
    world, strict = World(number=0, domain="acme.example"), World(number=0, domain="strict.example")
    world.zone(dmarc="v=DMARC1; p=none")
    strict.zone(dmarc="v=DMARC1; p=reject")
    return world.records | strict.records


@contextmanager
def desks(folder_of: Callable[[], Path], server: NameServer) -> Iterator[Make]:
    """Give a function that makes desks; they are closed when the block ends."""
    with ExitStack() as stack:

        def make(rules: str = RULES, **more: Any) -> InProcessDesk:
            folder = folder_of()
            accounts = json.loads(json.dumps(ACCOUNTS))
            acme = accounts["accounts"][0]["contacts"]
            acme.append({"name": "Intern", "addresses": [INTERN], "numbers": ["+15550109"], "authorized": False})
            acme.append({"name": "Lead", "addresses": [STRICT], "authorized": True})
            for each in (accounts["accounts"][0], accounts["accounts"][2]):
                each["contacts"].append({"name": "Both", "addresses": [SHARED], "authorized": True})
            (folder / "rules.yaml").write_text(rules)
            (folder / "accounts.yaml").write_text(json.dumps(accounts))
            settings = {
                "desk": {"zone": "America/Chicago"},
                "store": {"url": f"sqlite:///{folder}/inboxd.db"},
                "workers": {"mail": 1},
                "smtp": {"recipients": [DESK]},
                "dns": {"nameservers": [server.address]},
                "staff": STAFF,
                "rules": "rules.yaml",
                "accounts": "accounts.yaml",
                **more,
            }
            (folder / "inboxd.yaml").write_text(json.dumps(settings))
            backend = stack.enter_context(open_backend(load(folder / "inboxd.yaml"), actor="engineer"))
            return InProcessDesk(backend, folder)

        yield make


class Story:
    """One ticket and what happens to it. Each story has its hour, so that no limit of another one counts."""

    number = 0

    def __init__(self, desk: InProcessDesk) -> None:
        Story.number += 1
        self.number = Story.number
        self.desk = desk
        self.at = T0 + timedelta(hours=3 * self.number)
        self.sent = 0
        self.first: dict[str, Any] = {}

    def called(self, caller: str = CALLER, **more: Any) -> "Story":
        self.first = self.desk.voicemail(
            f"RIFF{self.number}".encode(), caller=caller, transcript="Please reset our password.",
            received_at=self.at.isoformat(), **more,
        )  # fmt: skip
        return self

    def wrote(self, **more: Any) -> "Story":
        """An unproven mail opens the ticket."""
        self.first = self.mail(subject="Reset it", signed=False, after=timedelta(0), **more)
        return self

    @property
    def ref(self) -> str:
        return self.first["ticket"]["ref"]

    @property
    def ticket(self) -> dict[str, Any]:
        return self.desk.show(self.first)

    def items(self, kind: str | None = None) -> list[dict[str, Any]]:
        found = [each for each in self.desk.call("outbox.list") if each["ticket"] == self.ref]
        return [each for each in found if kind in (None, each["kind"])]

    @property
    def question(self) -> dict[str, Any]:
        (asked,) = self.items("confirmation")
        return asked

    def notices(self) -> list[str]:
        return [each["subject"] for each in self.items("notice")]

    def events(self) -> list[str]:
        return [each["what"] for each in self.ticket["events"]]

    def mail(
        self, sender: str = OPS, *, body: str = "Yes, this was us. Please go ahead.\r\n", subject: str | None = None,
        signed: bool = True, after: timedelta = timedelta(minutes=20), answers: dict[str, Any] | None = None,
        head: str = "", tail: str = "", signs: str = "acme.example", names: Sequence[str] = COVERED,
        becomes: bytes | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """A mail to the desk; by itself an answer on the ticket that its domain has signed.

        `signs` is another domain's name on the signature, `names` what it covers, `becomes` the body when it arrives.
        """
        self.sent += 1
        at = self.at + after
        world = World(number=1000 * self.number + self.sent, domain="acme.example")
        if answers is not None:
            tail += f"In-Reply-To: {answers['message_id']}\r\nReferences: {answers['message_id']}\r\n"
            subject = subject or f"Re: {answers['subject']}"
        if subject is None:
            subject = f"Re: [#{self.ref}]"
        raw = world.mail(sender, to=DESK, subject=subject, body=body, date=at, head=head, tail=tail)
        if signed:
            raw = World(number=0, domain=signs).sign(raw, at=at, names=names)
        if becomes is not None:
            raw = raw.replace(body.encode(), becomes)
        envelope = {"mail_from": "bounce@evil.test", "client_ip": EVIL_IP, "helo": "x", "rcpt_tos": [DESK]}
        accepted = self.desk.call(
            "ingest.accept", raw, kind="mail", envelope=envelope, name="mail", received_at=at.isoformat()
        )
        return self.desk._through(accepted, 60)

    def reply(self, text: str) -> None:
        """Staff answer on the ticket."""
        self.desk.call("tickets.reply", ref=self.ref, text=text)


def is_held(story: Story) -> bool:
    ticket = story.ticket
    return not BLOCKED & set(ticket["actions_allowed"]) and set(ticket["actions_blocked_because"]) >= BLOCKED


def is_free(story: Story) -> bool:
    ticket = story.ticket
    return set(ticket["actions_allowed"]) >= BLOCKED and ticket["actions_blocked_because"] is None
