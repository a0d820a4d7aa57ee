"""Was that really you: the question to the address on file, and every way in which it is answered, or is not."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from inboxd.confirm import KIND
from inboxd.settings import load
from inboxd.wiring import open_backend
from store.schema import jobs
from tests.harness.desk import wait_until
from tests.harness.dns import NameServer
from tests.integration.pipeline.conftest import ACCOUNTS, InProcessDesk
from tests.plugins.dns import need_name_server
from tests.trust.world import EVIL_IP, World

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
CALLER = "+15550101"
BLOCKED = {"credentials", "account-changes"}
T0 = datetime(2026, 6, 10, 10, 0, tzinfo=UTC)
STAFF = [{"name": "engineer-1", "addresses": ["engineer-1@example.com"], "notify": True}]


@pytest.fixture(scope="module")
def server() -> Iterator[NameServer]:
    need_name_server()
    world = World(number=0, domain="acme.example")
    world.zone(dmarc="v=DMARC1; p=none")
    with NameServer.running(world.records) as running:
        yield running


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory, server: NameServer) -> Iterator[Callable[..., InProcessDesk]]:
    opened = []

    def make(rules: str = RULES, **more: Any) -> InProcessDesk:
        folder: Path = tmp_path_factory.mktemp("desk")
        accounts = json.loads(json.dumps(ACCOUNTS))
        acme = accounts["accounts"][0]["contacts"]
        acme.append({"name": "Intern", "addresses": [INTERN], "numbers": ["+15550109"], "authorized": False})
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
        context = open_backend(load(folder / "inboxd.yaml"), actor="engineer")
        opened.append(context)
        return InProcessDesk(context.__enter__(), folder)

    yield make
    for context in reversed(opened):
        context.__exit__(None, None, None)


@pytest.fixture(scope="module")
def desk(make: Callable[..., InProcessDesk]) -> InProcessDesk:
    """One desk for all that do not disturb each other: each test has its own ticket."""
    return make()


class Story:
    """One ticket and what happens to it. Each story has its hour, so that no limit of another one counts."""

    number = 0

    def __init__(self, desk: InProcessDesk) -> None:
        Story.number += 1
        self.desk = desk
        self.at = T0 + timedelta(hours=3 * Story.number)
        self.sent = 0
        self.first: dict[str, Any] = {}

    def called(self, caller: str = CALLER, **more: Any) -> "Story":
        self.first = self.desk.voicemail(
            f"RIFF{Story.number}".encode(), caller=caller, transcript="Please reset our password.",
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
        head: str = "", tail: str = "", domain: str = "acme.example",
    ) -> dict[str, Any]:  # fmt: skip
        """A mail to the desk; by itself an answer on the ticket that its domain has signed."""
        self.sent += 1
        at = self.at + after
        world = World(number=1000 * Story.number + self.sent, domain=domain)
        if answers is not None:
            tail += f"In-Reply-To: {answers['message_id']}\r\nReferences: {answers['message_id']}\r\n"
            subject = subject or f"Re: {answers['subject']}"
        if subject is None:
            subject = f"Re: [#{self.ref}]"
        raw = world.mail(sender, to=DESK, subject=subject, body=body, date=at, head=head, tail=tail)
        if signed:
            raw = World(number=0, domain=domain).sign(raw, at=at)
        envelope = {"mail_from": "bounce@evil.test", "client_ip": EVIL_IP, "helo": "x", "rcpt_tos": [DESK]}
        accepted = self.desk.call(
            "ingest.accept", raw, kind="mail", envelope=envelope, name="mail", received_at=at.isoformat()
        )
        return self.desk._through(accepted, 60)


def is_held(story: Story) -> bool:
    ticket = story.ticket
    return not BLOCKED & set(ticket["actions_allowed"]) and set(ticket["actions_blocked_because"]) >= BLOCKED


def is_free(story: Story) -> bool:
    ticket = story.ticket
    return set(ticket["actions_allowed"]) >= BLOCKED and ticket["actions_blocked_because"] is None


def test_a_caller_is_asked_at_the_address_on_file_and_a_proven_answer_frees_what_waited(desk) -> None:
    story = Story(desk).called()
    assert is_held(story)
    asked = story.question
    assert (asked["to"], asked["from"], asked["state"]) == (OPS, DESK, "queued")
    assert asked["subject"] == f"[#{story.ref}] Was this you?"
    assert "password." not in asked["text"].replace("asks for no password.", "")
    assert "http" not in asked["text"]
    assert "- credentials" in asked["text"]
    assert "If you only asked a question, you need not answer." in asked["text"]
    assert asked["created_at"] == story.ticket["created_at"]
    outcome = story.mail(answers=asked)
    assert outcome["status"] == "threaded"
    assert is_free(story)
    ticket = story.ticket
    assert [each["kind"] for each in ticket["entries"]] == ["voicemail", "confirmation"]
    confirmed = next(each for each in ticket["events"] if each["what"] == "confirmed")
    assert OPS in confirmed["why"]
    assert "proven by dkim" in confirmed["why"]
    assert story.items("acknowledgement") == []
    why = desk.call("why", ref=story.ref)["text"]
    assert f"asked {OPS} for confirmation" in why
    assert "confirmed" in why


def test_the_reference_in_the_subject_will_do(desk) -> None:
    story = Story(desk).called()
    story.mail()
    assert is_free(story)


@pytest.mark.parametrize(
    "body",
    ["No.\r\n", "no, that was not us\r\n", "NOT US\r\n", "Stop!\r\n", "Deny\r\n", "cancel this\r\n", "* No *\r\n",
     "Hello,\r\n\r\nno, we did not ask for that.\r\n", "Nein, das waren wir nicht.\r\n", "This was not us!\r\n",
     "Guten Tag,\r\n\r\nnein.\r\n", "It wasn't me.\r\n"],
)  # fmt: skip
def test_a_refusal_confirms_nothing_and_is_told_to_staff(desk, body: str) -> None:
    story = Story(desk).called()
    story.mail(answers=story.question, body=body)
    assert is_held(story)
    assert "confirmation refused" in story.events()
    assert story.notices() == [f"[#{story.ref}] A confirmation was refused. {OPS} answered: no."]
    story.mail(body="Who was it?\r\n", after=timedelta(hours=1))
    assert is_held(story)


def test_notable_is_no_refusal(desk) -> None:
    story = Story(desk).called()
    story.mail(answers=story.question, body="Nobody else could have: it was us. Notify me when done.\r\n")
    assert is_free(story)


THEFTS: dict[str, Callable[[Story], Any]] = {
    "an answer that nothing proves": lambda s: s.mail(answers=s.question, signed=False),
    "from an address that looks like it": lambda s: s.mail("ops@acme.example.org", answers=s.question, signed=False),
    "from a look-alike domain": lambda s: s.mail("ops@acrne.example", answers=s.question, signed=False),
    "by a vacation program, signed": lambda s: s.mail(
        answers=s.question, body="I am away.\r\n", tail="Auto-Submitted: auto-replied\r\n"
    ),
    "by an automatic answer that only its subject tells": lambda s: s.mail(
        answers=s.question, subject=f"Automatic reply: [#{s.ref}] Was this you?"
    ),
    "by an unauthorised contact": lambda s: s.mail(INTERN, answers=s.question),
    "by a contact whose authorisation has ended": lambda s: s.mail(STANDIN, answers=s.question),
    "forwarded, and answered by somebody else": lambda s: s.mail(
        "helper@acme.example", answers=s.question, body=f"Yes.\r\n\r\n> From: support\r\n> [#{s.ref}]\r\n"
    ),
    "quoted by a stranger": lambda s: s.mail(
        "thief@evil.test", answers=s.question, signed=False, body=s.question["text"].replace("\n", "\r\n")
    ),
    "two authors": lambda s: s.mail(f"{OPS}, thief@evil.test", answers=s.question),
    "received before it was asked": lambda s: s.mail(answers=s.question, after=timedelta(minutes=-5)),
    "eight days later": lambda s: s.mail(answers=s.question, after=timedelta(days=8)),
    "nothing but what is quoted": lambda s: s.mail(
        answers=s.question, body="".join(f"> {line}\r\n" for line in s.question["text"].splitlines())
    ),
    "encrypted": lambda s: s.mail(
        answers=s.question,
        body="-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA0wX\r\n=abcd\r\n-----END PGP MESSAGE-----\r\n",
    ),
    "said on the phone": lambda s: s.desk.voicemail(
        f"RIFFx{s.number}".encode(), caller=CALLER, transcript=f"Reference {s.ref}. Yes, I confirm.",
        received_at=(s.at + timedelta(minutes=9)).isoformat(),
    ),
    "a guessed Message-ID of ours": lambda s: s.mail(
        "thief@evil.test", signed=False, subject="Re: Was this you?",
        tail=f"In-Reply-To: <inboxd.{'0' * 32}@example.com>\r\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("theft", THEFTS, ids=str)
def test_a_confirmation_is_not_stolen(desk, theft: str) -> None:
    story = Story(desk).called()
    THEFTS[theft](story)
    assert is_held(story), story.ticket["events"]
    assert "confirmed" not in story.events()
    # And the real one still counts.
    story.mail(answers=story.question, after=timedelta(hours=1))
    assert is_free(story)


def test_another_tickets_confirmation_confirms_that_ticket_alone(desk) -> None:
    one, other = Story(desk).called(), Story(desk).called()
    other.mail(answers=other.question)
    assert is_free(other)
    assert is_held(one)


def test_the_same_answer_again_is_a_duplicate(desk) -> None:
    one = Story(desk).called()
    one.mail(answers=one.question)
    one.sent -= 1
    assert one.mail(answers=one.question)["status"] == "duplicate"


def test_what_fails_is_told_to_staff_once(desk) -> None:
    story = Story(desk).called()
    for minutes in (10, 20, 30):
        story.mail(answers=story.question, signed=False, after=timedelta(minutes=minutes))
    assert story.events().count("not confirmed") == 3
    (notice,) = story.items("notice")
    assert notice["to"] == "engineer-1@example.com"
    assert "A confirmation failed." in notice["subject"]
    assert "not proven" in notice["text"]


def test_an_unproven_mail_is_the_cause_and_its_reply_to_gets_nothing(desk) -> None:
    story = Story(desk).wrote(head="Reply-To: thief@evil.test\r\n")
    assert is_held(story)
    assert [each["to"] for each in story.items()] == [OPS]
    story.mail(answers=story.question)
    assert is_free(story)


def test_for_somebody_who_is_not_authorised_the_primary_contact_is_asked(desk) -> None:
    story = Story(desk).called("+15550109")
    assert story.question["to"] == OPS


def test_an_unproven_mail_takes_the_actions_away_again_and_is_asked_about(desk) -> None:
    story = Story(desk).called()
    story.mail(answers=story.question)
    story.mail(body="And send it to my other address.\r\n", signed=False, after=timedelta(hours=1))
    assert is_held(story)
    first, second = story.items("confirmation")
    story.mail(answers=second, after=timedelta(hours=2))
    assert is_free(story)
    story.mail(body="Thanks.\r\n", signed=False, tail="Auto-Submitted: auto-replied\r\n", after=timedelta(hours=3))
    assert len(story.items("confirmation")) == 2
    assert is_held(story)
    assert first["id"] != second["id"]


def test_what_came_in_between_is_named_as_not_covered(desk) -> None:
    story = Story(desk).called()
    story.mail(signed=False, body="And our bank account is another now.\r\n", after=timedelta(minutes=5))
    assert len(story.items("confirmation")) == 1
    story.mail(answers=story.question)
    why = next(each["why"] for each in story.ticket["events"] if each["what"] == "confirmed")
    assert f"not covered by it: the email of {OPS}" in why


def test_an_account_on_which_nobody_may_be_asked_is_told_to_staff(make) -> None:
    desk = make()
    accounts = {"accounts": [{"id": "lone", "name": "Lone", "contacts": [{"name": "Shop", "numbers": ["+15550177"]}]}]}
    (desk.folder / "accounts.yaml").write_text(json.dumps(accounts))
    story = Story(desk).called("+15550177")
    assert is_held(story)
    assert [each["kind"] for each in story.items()] == ["notice"]
    assert "nobody to ask for confirmation" in story.events()


def run_due(desk: InProcessDesk) -> int:
    """Bring the time of the questions that wait for their end, and run those jobs."""
    house = desk.backend.houses()[0]
    statement = sa.update(jobs).where(jobs.c.kind == KIND, jobs.c.state == "ready").values(due_at=1)
    count = house.store.write(lambda txn: txn.execute(statement).rowcount)
    house.worker._only = None
    house.worker.wake()
    wait_until(lambda: _open(desk) == 0, within=60, what="the end of the questions")
    return count


def _open(desk: InProcessDesk) -> int:
    query = sa.select(sa.func.count()).where(jobs.c.kind == KIND, jobs.c.state != "done")
    with desk.backend.houses()[0].store.read() as connection:
        return int(connection.execute(query).scalar_one())


def test_a_question_that_nobody_answers_expires_and_an_answer_received_in_time_still_counts(make) -> None:
    desk = make()
    silent, late = Story(desk).called(), Story(desk).called()
    answered = Story(desk).called()
    answered.mail(answers=answered.question)
    assert run_due(desk) == 3
    assert "confirmation expired" in silent.events()
    expired = next(each for each in silent.ticket["events"] if each["what"] == "confirmation expired")
    assert expired["at"] == (silent.at + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert silent.notices() == [f"[#{silent.ref}] Nobody confirmed. {OPS} did not answer within seven days."]
    assert "confirmation expired" not in answered.events()
    late.mail(answers=late.question, after=timedelta(days=6))
    assert is_free(late)
    silent.mail(answers=silent.question, after=timedelta(days=8))
    assert is_held(silent)
