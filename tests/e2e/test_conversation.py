"""One conversation of twelve mails, by SMTP, by IMAP, by command and past the desk: a customer, a colleague, staff."""

import email
import email.policy
import json
from email.message import EmailMessage
from typing import Any

import pytest

from tests.harness.desk import Desk, wait_until
from tests.harness.dns import NameServer
from tests.harness.dovecot import HOST, Dovecot
from tests.harness.mails import hand_in, mail
from tests.harness.smarthost import Smarthost
from tests.plugins.dns import need_name_server

pytestmark = pytest.mark.timeout(300)

CUSTOMER, COLLEAGUE, STAFF = "ops@acme.example", "boss@acme.example", "engineer-1@staff.example"
DESK = "support@example.com"
RULES = """
decide:
  work:
    - {rule: all, then: {queue: tech, notice: A mail waits for an answer.}}
"""


class Correspondents:
    """What the people far away do: they read what the smarthost brings, and answer it."""

    def __init__(self, desk: Desk, smarthost: Smarthost) -> None:
        self._desk = desk
        self._smarthost = smarthost
        self._read = 0

    def received(self, who: str) -> EmailMessage:
        """The next mail to somebody that is no receipt; what others got before it is passed over."""

        def to_them() -> list[int]:
            taken = self._smarthost.taken
            return [
                number
                for number in range(self._read, len(taken))
                if taken[number].recipient == who and b"This receipt was written by a program" not in taken[number].raw
            ]

        wait_until(lambda: bool(to_them()), within=60, what=f"a mail to {who}", every=0.1)
        index = to_them()[0]
        self._read = index + 1
        return read(self._smarthost.taken[index].raw)

    def entries(self, ref: str, count: int) -> list[dict[str, Any]]:
        """The entries of the ticket, once there are so many."""

        def entries() -> list[dict[str, Any]]:
            (ticket,) = self._desk.json("tickets", "show", ref)
            return list(ticket["entries"])

        wait_until(lambda: len(entries()) >= count, within=60, what=f"{count} entries on {ref}", every=0.5)
        return entries()


def read(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def answer_to(parent: EmailMessage, text: str, *, sender: str, number: int) -> bytes:
    """An answer as mail programs write it: to Reply-To, with the text that it answers below."""
    to = parent["Reply-To"] or parent["From"]
    quoted = "".join(f"> {line}\n" for line in parent.get_body(("plain",)).get_content().splitlines())
    return mail(
        str(parent["Subject"]), f"{text}\n\nOn some day, {parent['From']} wrote:\n{quoted}", sender=sender,
        recipient=to.addresses[0].addr_spec, In_Reply_To=str(parent["Message-ID"]),
        Message_ID=f"<{number}@mail.example>",
    )  # fmt: skip


def test_twelve_mails_are_one_readable_ticket(desk: Desk, dovecot: Dovecot) -> None:
    need_name_server()
    account = dovecot.account()
    with account.session() as client:
        client.create_folder("Sent")
    password = desk.folder / "box-password"
    password.write_text(account.password)
    password.chmod(0o600)
    (desk.folder / "rules.yaml").write_text(RULES)
    contacts = [{"name": "Operations", "addresses": [CUSTOMER], "authorized": True}]
    account_on_file = {"name": "Acme", "id": "acme", "contacts": contacts}
    records = {
        "staff.example": ['TXT "v=spf1 ip4:127.0.0.1 -all"'],
        "acme.example": ['TXT "v=spf1 ip4:127.0.0.1 -all"'],
    }
    with NameServer.running(records) as server, Smarthost().running() as smarthost:
        desk.change(
            {
                "smtp": {"recipients": [DESK]},
                "dns": {"nameservers": [server.address]},
                "outgoing": {"host": "127.0.0.1", "port": smarthost.port, "tls": "none", "mode": "send"},
                "staff": [
                    {"name": "engineer-1", "login": "eng1", "addresses": [STAFF], "queues": ["tech"], "notify": True}
                ],
                "imap": [
                    {
                        "name": "support", "host": HOST, "port": account.server.tls_port,
                        "ca_file": str(account.server.ca_file), "user": account.user, "password_file": str(password),
                        "address": DESK, "start": "all", "sent": "Sent",
                    }
                ],
            }
        )  # fmt: skip
        (desk.folder / "accounts.yaml").write_text(json.dumps({"accounts": [account_on_file]}))
        daemon = desk.start()
        try:
            port = daemon.ports["smtp"]
            far = Correspondents(desk, smarthost)
            hand_in(
                port,
                mail("Printer", "It is on fire.\n", sender=CUSTOMER, recipient=DESK, Message_ID="<1@mail.example>"),
                sender=CUSTOMER,
            )
            notice = far.received(STAFF)
            ref = str(notice["Subject"]).partition("#")[2].partition("]")[0]
            hand_in(port, answer_to(notice, "Pull the plug.", sender=STAFF, number=2), sender=STAFF)
            far.entries(ref, 2)
            first = far.received(CUSTOMER)
            assert "Pull the plug." in str(first.get_body(("plain",)))
            hand_in(port, answer_to(first, "It still burns.", sender=CUSTOMER, number=3), sender=CUSTOMER)
            far.entries(ref, 3)
            desk.run("tickets", "reply", ref, "Use the extinguisher.", "--cc", COLLEAGUE)
            to_colleague = far.received(COLLEAGUE)
            # The colleague, in Cc of what staff wrote, answers into the mailbox that is pulled.
            account.append(answer_to(to_colleague, "Which one?", sender=COLLEAGUE, number=5))
            far.entries(ref, 5)
            desk.run("tickets", "note", ref, "They have only one.")
            desk.run("tickets", "reply", ref, "The red one.", "--status", "waiting")
            second = far.received(CUSTOMER)
            account.append(answer_to(second, "Done.", sender=CUSTOMER, number=8))
            entries = far.entries(ref, 8)
            desk.run("tickets", "reply", ref, "Good. Anything else?", "--status", "solved")
            third = far.received(CUSTOMER)
            fax = answer_to(third, "The fax, too.", sender=CUSTOMER, number=10)
            hand_in(port, fax, sender=CUSTOMER)
            entries = far.entries(ref, 10)
            # Somebody answers in the mailbox itself, past inboxd: what was sent lies in its folder.
            elsewhere = answer_to(read(fax), "That is a new matter, but yes.", sender=DESK, number=11)
            account.append(elsewhere, folder="Sent")
            desk.try_run("audit")  # which has the mailbox looked at now, not within a minute
            entries = far.entries(ref, 11)
            hand_in(port, answer_to(read(elsewhere), "Thank you.", sender=CUSTOMER, number=12), sender=CUSTOMER)
            entries = far.entries(ref, 12)
        finally:
            daemon.kill()
    said = [(each["kind"], (each["reply_text"] or "").strip()) for each in entries]
    assert said == [
        ("email", "It is on fire."),
        ("reply", "Pull the plug."),
        ("email", "It still burns."),
        ("reply", "Use the extinguisher."),
        ("email", "Which one?"),
        ("note", ""),
        ("reply", "The red one."),
        ("email", "Done."),
        ("reply", "Good. Anything else?"),
        ("email", "The fax, too."),
        ("reply", "That is a new matter, but yes."),
        ("email", "Thank you."),
    ]
    assert len(desk.json("tickets", "export")) == 1
    page = desk.run("tickets", "show", ref)
    assert page.index("Pull the plug.") < page.index("Which one?") < page.index("Thank you.")
    assert "That is a new matter" not in "".join(each.raw.decode() for each in smarthost.taken)
    assert "They have only one" not in "".join(each.raw.decode() for each in smarthost.taken)
