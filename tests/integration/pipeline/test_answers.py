"""Who gets an answer and who does not: real mails, a real name server, and what stands in the outbox then."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from inboxd.errors import ConfigurationWrong
from inboxd.settings import load
from inboxd.wiring.local_backend import open_backend
from tests.harness.dns import NameServer, txt
from tests.integration.pipeline.conftest import ACCOUNTS, InProcessDesk
from tests.integration.pipeline.stories import DESK, OPS
from tests.plugins.dns import need_name_server
from tests.trust.world import EVIL_IP, GOOD_IP, World

STRANGER = "visitor@client.example"
T0 = datetime(2026, 6, 10, 10, 0, tzinfo=UTC)
RULES = """
calendars: {office: {mon-fri: 08:00-17:00, closed: [2026-12-24]}}
clocks: {first-response: {within: 1h, calendar: office}, callback: {within: 2h, calendar: office}}
phrases: {held: [quarantine me], refused: [reject me], quiet: [no receipt], own: [special]}
decide:
  hold:
    - {rule: hold, when: {says: held}, then: {quarantine: Held.}}
    - {rule: refuse, when: {says: refused}, then: {reject: Refused.}}
  who:
    - {rule: nobody, when: {account.known: false}, then: {queue: look-up, notice: Nobody knows who this is.}}
    - {rule: known, then: {queue: tech}}
  answer:
    - {rule: quiet, when: {says: quiet}, then: {acknowledge: "off"}}
    - {rule: own, when: {says: own}, then: {acknowledge: special}}
"""
TEMPLATES = {
    "folder": "templates", "name": "Example Support", "signature": "Example Support\n+1 555 0100",
    "queues": [{"queue": "look-up", "name": "Front desk"}],
}  # fmt: skip
STAFF = [
    {"name": "finder", "addresses": ["finder@example.com"], "queues": ["look-up"], "notify": True},
    {"name": "engineer-1", "addresses": ["engineer-1@example.com"], "queues": ["tech"], "notify": True},
    {"name": "quiet", "addresses": ["quiet@example.com"], "queues": ["look-up"]},
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcessDesk]:
    need_name_server()
    folder: Path = tmp_path_factory.mktemp("desk")
    records: dict[str, list[str]] = {}
    for domain, dmarc in (("acme.example", "v=DMARC1; p=reject"), ("client.example", None)):
        world = World(number=0, domain=domain)
        world.zone(dmarc=dmarc)
        records |= world.records
    records |= {
        "soft.example": [txt(f"v=spf1 ip4:{GOOD_IP} ~all")],
        "hard.example": [txt(f"v=spf1 ip4:{GOOD_IP} -all")],
        "neutral.example": [txt(f"v=spf1 ip4:{GOOD_IP} ?all")],
        "none.example": [txt("hello")],
    }
    (folder / "rules.yaml").write_text(RULES)
    (folder / "accounts.yaml").write_text(json.dumps(ACCOUNTS))
    (folder / "templates").mkdir()
    (folder / "templates" / "special.yaml").write_text('en: {subject: "Special {reference}", body: Special.}\n')
    with NameServer.running(records) as server:
        settings = {
            "desk": {"zone": "America/Chicago"},
            "store": {"url": f"sqlite:///{folder}/inboxd.db"},
            "workers": {"mail": 1},
            "smtp": {"recipients": [DESK, "billing@example.com"]},
            "dns": {"nameservers": [server.address]},
            "templates": TEMPLATES,
            "staff": STAFF,
            "rules": "rules.yaml",
            "accounts": "accounts.yaml",
        }
        (folder / "inboxd.yaml").write_text(json.dumps(settings))
        with open_backend(load(folder / "inboxd.yaml"), actor="engineer") as backend:
            yield InProcessDesk(backend, folder)


class Sent:
    """A mail of a person, but for what is changed, and what became of it. Each has its day, so that no limit counts."""

    number = 0

    def __init__(
        self, desk: InProcessDesk, head: str = "", *, sender: str = STRANGER, to: str | None = DESK,
        subject: str = "A question", body: str = "How do I add a user?\r\n", ip: str = GOOD_IP, **envelope: Any,
    ) -> None:  # fmt: skip
        Sent.number += 1
        self.desk = desk
        self.at = T0 + timedelta(days=Sent.number)
        world = World(number=Sent.number, domain="client.example")
        if "Content-Type" in head:
            body = body or "\r\n"
        raw = world.mail(sender, to=to, subject=subject, body=body, date=self.at, tail=head.replace("\n", "\r\n"))
        address = sender.rpartition("<")[2].rstrip(">")
        said = {"mail_from": address, "client_ip": ip, "helo": "mx.client.example", "rcpt_tos": [DESK], **envelope}
        accepted = desk.call(
            "ingest.accept", raw, kind="mail", envelope=said, name="mail", received_at=self.at.isoformat()
        )
        before = {item["id"] for item in desk.call("outbox.list")}
        self.outcome = desk._through(accepted, 60)
        self.items = [item for item in desk.call("outbox.list") if item["id"] not in before]

    @property
    def answers(self) -> list[dict[str, Any]]:
        """What was said to anybody but staff."""
        return [each for each in self.items if each["state"] != "suppressed" and each["kind"] != "notice"]

    @property
    def suppressed(self) -> list[str]:
        return [each["reason"] for each in self.items if each["state"] == "suppressed"]


REPORT = "MIME-Version: 1.0\nContent-Type: multipart/report; report-type={kind}; boundary=b\n"
DSN = (
    "--b\r\nContent-Type: text/plain\r\n\r\nlost\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    "Reporting-MTA: dns; mx.client.example\r\n\r\nFinal-Recipient: rfc822; x@client.example\r\nAction: failed\r\n"
    "Status: 5.1.1\r\n--b--\r\n"
)
MDN = (
    "--b\r\nContent-Type: text/plain\r\n\r\nread\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\n"
    "Disposition: manual-action/MDN-sent-manually; displayed\r\n--b--\r\n"
)
HOPS = "".join(f"Received: from a{n}.example by b{n}.example; Wed, 10 Jun 2026 10:00:00 +0000\n" for n in range(50))

# By what it is: what it takes to make it of a person's mail.
SUPPRESSED: dict[str, dict[str, Any]] = {
    "null sender": {"mail_from": ""},
    "empty return path": {"head": "Return-Path: <>\n"},
    "auto-replied": {"head": "Auto-Submitted: auto-replied\n"},
    "auto-generated, with a comment and in capitals": {"head": "Auto-Submitted: (by cron) AUTO-GENERATED; owner=x\n"},
    "auto-notified": {"head": "Auto-Submitted: auto-notified\n"},
    "a word for it that nobody has registered": {"head": "Auto-Submitted: yes\n"},
    **{f"precedence {word}": {"head": f"Precedence: {word}\n"} for word in ("bulk", "LIST", "junk", "auto_reply")},
    **{
        f"list field {name}": {"head": f"{name}: <mailto:x@client.example>\n"}
        for name in ("List-Id", "List-Post", "List-Unsubscribe", "List-Help", "List-Subscribe", "List-Owner",
                     "List-Archive")
    },
    **{
        f"suppress {word}": {"head": f"X-Auto-Response-Suppress: {word}\n"}
        for word in ("All", "AutoReply", "OOF", "DR", "DR, NDR, RN, NRN, OOF, AutoReply")
    },
    **{
        f"mark {name}": {"head": f"{name}: yes\n"}
        for name in ("X-Autoreply", "X-Autorespond", "X-Loop", "X-Failed-Recipients", "Feedback-ID", "X-Inboxd")
    },
    **{
        f"address {local}": {"sender": f"{local}@client.example"}
        for local in (
            "mailer-daemon", "MAILER-DAEMON", "postmaster", "no-reply", "noreply", "NoReply", "no_reply",
            "do-not-reply", "donotreply", "owner-news", "news-owner", "news-request", "news-bounces", "bounce",
            "bounce-77-abc", "bounces+77", "root", "www-data", "listserv", "majordomo", "noreply+tag", "news-noreply",
            "mailer_daemon", "news-errors", "dontreply", "ne-pas-repondre", "nao-responda", "nicht-antworten",
        )
    },
    "said twice, and once as a program does": {"head": "Auto-Submitted: no\nAuto-Submitted: auto-replied\n"},
    "a job that a machine runs": {"head": "X-Cron-Env: <SHELL=/bin/sh>\n"},
    "sent by the owner of a list": {"head": "Sender: owner-news@client.example\n"},
    "to be answered to nobody": {"head": "Reply-To: noreply@client.example\n"},
    "the envelope of a program": {"mail_from": "mailer-daemon@client.example"},
    "the envelope of the desk itself": {"mail_from": DESK},
    "from the desk itself": {"sender": DESK},
    "from the desk's address with a token": {"sender": "support+t482137.k3j5ghq2w7xv4m2p@example.com"},
    "from another address of the desk": {"sender": "Billing@EXAMPLE.com"},
    "to be answered to the desk": {"head": f"Reply-To: {DESK}\n"},
    "to be answered to the desk, among others": {"head": f"Reply-To: x@client.example, {DESK}\n"},
    "sent by the desk's own program": {"head": f"Sender: {DESK}\n"},
    "a delivery report": {"head": REPORT.format(kind="delivery-status"), "body": DSN},
    "a read receipt": {"head": REPORT.format(kind="disposition-notification"), "body": MDN},
    "fifty servers": {"head": HOPS},
    "the desk in neither To nor Cc": {"to": "somebody@client.example"},
    "undisclosed recipients": {"to": "undisclosed-recipients:;"},
    "no To at all": {"to": None},
    "an absence by its words": {"subject": "Automatic reply: your question", "head": "In-Reply-To: <x@y.example>\n"},
    "two authors": {"sender": f"{STRANGER}, other@client.example"},
    "SPF fail": {"sender": "visitor@hard.example", "ip": EVIL_IP},
    "SPF softfail": {"sender": "visitor@soft.example", "ip": EVIL_IP},
    "disowned": {"sender": OPS, "ip": EVIL_IP, "mail_from": "x@client.example"},
    "quarantined by a rule": {"body": "Please quarantine me.\r\n"},
    "rejected by a rule": {"body": "Please reject me.\r\n"},
    "a rule wants none": {"body": "I want no receipt.\r\n"},
    "old mail": {"history": True},
    "unreadable": {"head": "X-Padding: x\n" * 1100},
}  # fmt: skip

SENT: dict[str, dict[str, Any]] = {
    "a stranger whose server is listed": {},
    "no SPF record": {"sender": "visitor@none.example", "ip": EVIL_IP},
    "SPF neutral": {"sender": "visitor@neutral.example", "ip": EVIL_IP},
    "a customer, proven": {"sender": OPS},
    "auto-submitted: no": {"head": "Auto-Submitted: no\n"},
    "a comment beside the no": {"head": "Auto-Submitted: (really) no\n"},
    "precedence first-class": {"head": "Precedence: first-class\n"},
    "a reply to": {"head": "Reply-To: other@client.example\n"},
    "the desk in copy": {"to": "somebody@client.example", "head": f"Cc: {DESK}\n"},
    "the desk in capitals": {"to": "Support <SUPPORT@Example.COM>"},
    "a read receipt is asked for": {"head": "Disposition-Notification-To: visitor@client.example\n"},
    "out of office as a subject of people": {"subject": "Out of office printing does not work"},
    "no subject": {"subject": ""},
    "suppress: none": {"head": "X-Auto-Response-Suppress: None\n"},
    "reply in the local part": {"sender": "replyteam@client.example"},
    "bouncy": {"sender": "bouncer@client.example"},
    "a trade in holidays": {"sender": "vacationrentals@client.example"},
    "an envelope that takes bounces of people's mail": {"mail_from": "bounces+31-ab@client.example"},
    "somebody sends on what a program wrote": {
        "head": "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n",
        "body": "--b\r\nContent-Type: text/plain\r\n\r\nWhy do I get this?\r\n--b\r\n"
        "Content-Type: message/rfc822\r\n\r\nFrom: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\n"
        "Auto-Submitted: auto-replied\r\n\r\n550 no\r\n--b--\r\n",
    },
    "quotes the marks of programs": {"body": "> Auto-Submitted: auto-replied\r\n> Precedence: bulk\r\nWhat is it?\r\n"},
    "several addresses of the desk, in a group": {"to": "Team: support@example.com, billing@example.com;"},
    "speaks of automatic answers": {"subject": "Automatic reply does not work"},
    "another language": {"head": "Content-Language: de-DE\n"},
}


@pytest.mark.parametrize("case", SUPPRESSED, ids=str)
def test_nobody_is_answered_by_a_program_who_should_not_be(desk, case: str) -> None:
    given = dict(SUPPRESSED[case])
    sent = Sent(desk, given.pop("head", ""), **given)
    assert sent.answers == [], sent.outcome
    for reason in sent.suppressed:
        assert len(reason) > 10


@pytest.mark.parametrize("case", SENT, ids=str)
def test_a_person_is_answered_exactly_once(desk, case: str) -> None:
    given = dict(SENT[case])
    sent = Sent(desk, given.pop("head", ""), **given)
    (answer,) = sent.answers
    ref = sent.outcome["ticket"]["ref"]
    assert answer["kind"] == "acknowledgement"
    assert answer["to"] == given.get("sender", STRANGER)
    assert answer["from"] == DESK
    assert f"[#{ref}]" in answer["subject"]
    assert ref in answer["text"]
    assert answer["ticket"] == ref
    assert answer["message_id"].startswith("<inboxd.")


def test_what_is_not_sent_is_listed_with_its_reason(desk) -> None:
    sent = Sent(desk, "Auto-Submitted: auto-replied\n")
    assert sent.suppressed == ["it is an automatic answer itself (RFC 3834 2)"]
    assert f"acknowledgement to {STRANGER}, suppressed" in desk.call("why", ref=sent.outcome["ticket"]["ref"])["text"]
    # And the ticket says what opened it.
    (opened, *_) = desk.call("tickets.show", ref=sent.outcome["ticket"]["ref"])["events"]
    assert opened["why"].endswith("It is an automatic reply: a program wrote it, and gets no answer.")
    (opened, *_) = desk.call("tickets.show", ref=Sent(desk).outcome["ticket"]["ref"])["events"]
    assert "program" not in opened["why"]


def test_the_receipt_says_what_was_understood(desk) -> None:
    sent = Sent(desk, sender=OPS, subject="Fax server down")
    (answer,) = sent.answers
    assert "Your subject: Fax server down" in answer["text"]
    assert "It waits for: tech" in answer["text"]
    due = sent.outcome["ticket"]["clocks"][0]["due_at"]
    local = datetime.fromisoformat(due).astimezone(load(desk.folder / "inboxd.yaml").desk.zone)
    assert f"{local:%Y-%m-%d %H:%M %Z}" in answer["text"]
    assert "Our hours: Monday to Friday 08:00-17:00 (America/Chicago)" in answer["text"]
    assert answer["text"].endswith("\n-- \nExample Support\n+1 555 0100\n")


def test_a_stranger_hears_nothing_of_what_was_sent(desk) -> None:
    (answer,) = Sent(desk, subject="Buy cheap watches", body="At watches.example\r\n").answers
    assert "watches" not in answer["text"] + answer["subject"]


def test_a_rule_names_another_template_and_a_queue_writes_in_its_own_name(desk) -> None:
    sent = Sent(desk, body="Something special.\r\n")
    assert sent.answers[0]["text"] == "Special.\n\n-- \nExample Support\n+1 555 0100\n"
    with desk.backend.houses()[0].store.read() as connection:
        from store import outbox

        assert outbox.get(connection, sent.answers[0]["id"]).from_name == "Front desk"


def test_the_reader_is_answered_in_the_language_of_the_mail(desk) -> None:
    (answer,) = Sent(desk, "Content-Language: de-DE\n").answers
    assert "Ihre Nachricht" in answer["subject"]
    assert "Unsere Zeiten: Montag bis Freitag 08:00-17:00" in answer["text"]


@pytest.mark.parametrize(
    "subject",
    ["a\r\n Bcc: everybody@evil.test", "=?utf-8?q?a=0D=0ABcc:_everybody@evil.test?=", "=?utf-8?b?YQ0KDQpib2R5?=",
     "x" * 3000, "=?utf-8?q?=E2=80=AEgnp.exe?=", "=?utf-8?q?a=00=1Bb?="],
)  # fmt: skip
def test_no_subject_becomes_a_header(desk, subject: str) -> None:
    (answer,) = Sent(desk, sender=OPS, subject=subject).answers
    assert answer["subject"].isprintable()
    assert len(answer["subject"]) <= 200
    assert all(line.isprintable() for line in answer["text"].splitlines())
    assert not any(line.startswith("Bcc") for line in answer["text"].splitlines())


def test_staff_hear_what_a_rule_says_in_their_queues_alone(desk) -> None:
    notices = [item for item in Sent(desk).items if item["kind"] == "notice"]
    assert [each["to"] for each in notices] == ["finder@example.com"]
    assert "Nobody knows who this is." in notices[0]["subject"]
    robots = Sent(desk, "Auto-Submitted: auto-generated\n")
    assert [item["kind"] for item in robots.items] == ["acknowledgement"]


def a_reference(desk: InProcessDesk) -> str:
    return Sent(desk, sender=OPS).outcome["ticket"]["ref"]


def other_reference(ref: str) -> str:
    """A reference that nobody has, with a right check digit."""
    from store import references

    return next(
        text for number in range(90000, 99999) for digit in range(10)
        if references.check(text := f"{number}-{digit}") and text != ref
    )  # fmt: skip


def test_who_quotes_a_reference_from_another_address_learns_nothing_of_it(desk) -> None:
    ref = a_reference(desk)
    there = Sent(desk, subject=f"Re: [#{ref}] Fax server down").answers[0]
    nowhere = Sent(desk, subject=f"Re: [#{other_reference(ref)}] Fax server down").answers[0]
    assert "another address" in there["text"]
    told = [
        each["text"].replace(each["ticket"], "REF").replace(day, "DAY")
        for each in (there, nowhere)
        for day in [next(word for word in each["text"].split() if word.startswith("20"))]
    ]
    assert told[0] == told[1]
    assert there["ticket"] != ref
    assert ref not in there["text"] + there["subject"]


def test_a_closed_ticket_of_the_writers_own_gives_an_ordinary_receipt(desk) -> None:
    ref = a_reference(desk)
    desk.call("tickets.set", ref=ref, status="closed")
    again = Sent(desk, sender=OPS, subject=f"Re: [#{ref}]")
    assert again.outcome["ticket"]["ref"] != ref
    assert "another address" not in again.answers[0]["text"]


def test_a_mail_that_joins_gets_no_answer(desk) -> None:
    ref = a_reference(desk)
    again = Sent(desk, sender=OPS, subject=f"Re: [#{ref}]")
    assert again.outcome["status"] == "threaded"
    assert again.items == []


def test_a_duplicate_gets_no_second_answer(desk) -> None:
    first = Sent(desk)
    Sent.number -= 1
    again = Sent(desk)
    assert (first.outcome["status"], again.outcome["status"]) == ("filed", "duplicate")
    assert again.items == []


def test_the_twenty_first_to_one_address_in_an_hour_is_suppressed(desk) -> None:
    number = Sent.number
    sent = []
    for index in range(21):
        Sent.number = number  # the same day
        sent.append(Sent(desk, sender="many@client.example", subject=f"Question {index}"))
    Sent.number = number + 1
    assert [len(each.answers) for each in sent] == [1] * 20 + [0]
    assert "20" in sent[-1].suppressed[0]


@pytest.mark.parametrize(
    ("caller", "to"),
    [("+15550101", OPS), ("+15550104", "standin@acme.example"), ("+15550120", None), ("+15550999", None),
     ("anonymous", None)],
)  # fmt: skip
def test_a_caller_is_answered_at_an_address_on_file_or_not_at_all(desk, caller: str, to: str | None) -> None:
    Sent.number += 1
    at = (T0 + timedelta(days=Sent.number)).isoformat()
    outcome = desk.voicemail(f"RIFF{Sent.number}".encode(), caller=caller, transcript="Please call.", received_at=at)
    ref = outcome["ticket"]["ref"]
    items = [each for each in desk.call("outbox.list") if each["ticket"] == ref and each["kind"] != "notice"]
    assert [(each["kind"], each["to"]) for each in items] == ([("acknowledgement", to)] if to else [])
    if to:
        assert "You can expect to be called back by" in items[0]["text"]
        assert "Please call" not in items[0]["text"]


def test_a_changed_template_counts_after_a_reload_and_a_wrong_one_changes_nothing(desk) -> None:
    own = desk.folder / "templates" / "special.yaml"
    before = own.read_text()
    own.write_text('en: {subject: "Other {reference}", body: Other.}\n')
    desk.reload()
    assert Sent(desk, body="Something special.\r\n").answers[0]["subject"].startswith("Other ")
    own.write_text('en: {subject: "Other {reference}", body: "{nothing}"}\n')
    with pytest.raises(ConfigurationWrong, match=r'special\.yaml:1:43: unknown placeholder "\{nothing\}"'):
        desk.reload()
    assert Sent(desk, body="Something special.\r\n").answers[0]["subject"].startswith("Other ")
    own.write_text(before)
    desk.reload()
