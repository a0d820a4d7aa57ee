"""Threads: answers of honest people find their ticket whatever their client drops, and nobody else's mail gets in."""

import base64
import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import make_msgid
from typing import Any

import pytest

from inboxd import reply_token
from store import references, secret
from store.references import check_digit
from tests.harness import conversations
from tests.harness.conversations import CLIENTS, Answered, Client
from tests.harness.mails import mail
from tests.integration.pipeline.conftest import InProcessDesk

FORWARD = "---------- Forwarded message ---------\r\nFrom: ops@acme.example\r\nSubject: [#{ref}]\r\n\r\nhello\r\n"
BOUNCE = "This is the mail system at host evil.example.\r\n\r\n<ops@acme.example>: user unknown\r\n"
COLLEAGUE = "colleague@partner.example"


@pytest.fixture
def store_url(tmp_path):
    # What joins is decided above the database: one of them is enough for so many mails.
    return f"sqlite:///{tmp_path}/inboxd.db"


@pytest.fixture
def desk(make_desk):
    return make_desk(smtp={"listen": "127.0.0.1:0", "recipients": ["support@example.com", "sales@example.com"]})


@dataclass
class Thread:
    """A ticket of ops@acme.example and what the outside has seen of it."""

    desk: InProcessDesk
    ref: str
    first_id: str
    ids: list[str] = field(default_factory=list)

    @classmethod
    def opened(cls, desk: InProcessDesk, subject: str = "Fax server") -> "Thread":
        first_id = make_msgid(domain="acme.example")
        filed = desk.mail(mail(subject, sender="ops@acme.example", Message_ID=first_id))
        assert filed["status"] == "filed"
        return cls(desk, filed["ticket"]["ref"], first_id, [first_id])

    def key(self) -> bytes:
        house = self.desk.backend.houses()[0]
        return house.store.write(secret.reply_key)

    def address(self) -> str:
        named = reply_token.address("support@example.com", self.ref, self.key())
        assert named is not None
        return named

    def ours(self) -> Answered:
        """What the desk wrote to its customer about it: an answer of ours, as clients see it."""
        sent = [item for item in self.desk.call("outbox.list") if item["ticket"] == self.ref]
        message_id = sent[-1]["message_id"] if sent else self.first_id
        return Answered(
            message_id=message_id,
            references=(self.first_id,),
            subject=f"[#{self.ref}] Fax server",
            reply_to=self.address(),
        )

    def entries(self) -> int:
        return len(self.desk.call("tickets.show", ref=self.ref)["entries"])


def follow(thread: Thread, client: Client, times: int = 3) -> Iterator[dict[str, Any]]:
    """Let a client answer what the desk wrote, and then its own answers, and give what became of each mail."""
    answered = thread.ours()
    for number in range(times):
        headers = client(answered)
        message_id = make_msgid(domain="acme.example")
        to = answered.reply_to if number else f"Support <{answered.reply_to}>"
        yield thread.desk.mail(conversations.mail(headers, sender="ops@acme.example", to=to, message_id=message_id))
        answered = Answered(
            message_id=message_id,
            references=(*answered.references, answered.message_id),
            subject=headers["Subject"].removeprefix("Re: "),
            reply_to=answered.reply_to,
        )


@pytest.mark.parametrize("name", CLIENTS)
def test_an_answer_finds_its_ticket_whatever_the_client_keeps(desk, name):
    thread = Thread.opened(desk)
    for got in follow(thread, CLIENTS[name]):
        assert (got["status"], got["ticket"]["ref"]) == ("threaded", thread.ref), got["ticket"]["identity"]
    assert thread.entries() == 4


def test_a_mail_to_two_of_our_addresses_is_one(desk):
    raw = mail("Fax server", sender="ops@acme.example", recipient="support@example.com, sales@example.com")
    assert desk.mail(raw)["status"] == "filed"
    assert desk.mail(raw, rcpt="sales@example.com")["status"] == "duplicate"


def stolen(thread: Thread, random_: random.Random) -> list[dict[str, Any]]:
    """What a stranger may have seen, or guesses, of somebody's ticket."""
    ref, address = thread.ref, thread.address()
    seen = thread.ours()
    other = str(random_.randrange(10_000, 99_999))
    guessed = f"{other}-{check_digit(other)}"
    wrong = f"{ref[:-1]}{(int(ref[-1]) + 1) % 10}"
    code = "".join(random_.choices("abcdefghijklmnopqrstuvwxyz234567", k=16))
    digits = ref.replace("-", "")
    return [
        {"headers": {"Subject": f"Re: [#{ref}] Fax server"}},
        {"headers": {"Subject": f"Your ticket {ref}"}},
        {"headers": {"Subject": f"Re: [#{wrong}] Fax server"}},
        {"headers": {"Subject": f"Re: [#{guessed}] Fax server"}},
        {"headers": {"Subject": "Re: Fax server", "In-Reply-To": thread.first_id}},
        {"headers": {"Subject": "Re: Fax server", "In-Reply-To": seen.message_id, "References": thread.first_id}},
        {"headers": {"Subject": "x", "References": f"<a@b.example> {seen.message_id} <c@d.example>"}},
        {"headers": {"Subject": "Re: Fax server"}},
        {"headers": {"Subject": "Fax server"}},
        {"headers": {"Subject": "x"}, "to": address},
        {"headers": {"Subject": "x"}, "cc": address},
        {"headers": {"Subject": "x"}, "to": f"support+t{digits}.{code}@example.com"},
        {"headers": {"Subject": "x"}, "to": address.replace(digits, guessed.replace("-", ""))},
        {"headers": {"Subject": "x"}, "text": f"About [#{ref}]: add me.\r\n"},
        {"headers": {"Subject": "Fwd: x"}, "text": FORWARD.format(ref=ref)},
        {"headers": {"Subject": f"[#{ref}] x", "Sender": "ops@acme.example", "Reply-To": "ops@acme.example"}},
        {"headers": {"Subject": f"=?utf-8?B?{base64.b64encode(f'Re: [#{ref}] Fax'.encode()).decode()}?="}},
        {"headers": {"Subject": f"Re: [#{ref}]", "Resent-From": "ops@acme.example"}},
        {"headers": {"Subject": "x", "X-Folded": f"1\r\nFrom: ops@acme.example\r\nReferences: {thread.first_id}"}},
        {"headers": {"Subject": "Re: x", "In-Reply-To": f"Your message of Tue. {seen.message_id}"}},
        {"headers": {"Subject": "x", "To": f'"support@example.com" <{address.upper()}>'}},
        {"headers": {"Subject": "Re: x", "In-Reply-To": seen.message_id, "Auto-Submitted": "auto-replied"}},
        {"headers": {"Subject": "Undelivered Mail Returned to Sender", "In-Reply-To": thread.first_id}, "text": BOUNCE},
        {"headers": {"Subject": f"Read: [#{ref}] x", "List-Id": "<list.acme.example>"}},
    ]


STRANGERS = (
    "stranger@evil.example",  # unknown
    "ops@harbor.example",  # unknown, of a domain that could be a customer's
    "ops@acme.example.org",  # on file, for two other accounts
    "ops@acme.example@evil.example",  # no address at all
    '"ops@acme.example" <stranger@evil.example>',  # built to deceive
    "ops@acme.exampIe",  # a capital i for an l
    "opѕ@acme.example",  # a letter of another alphabet
    "ops@acme.example, stranger@evil.example",  # two authors
    "<ops@acme.example> stranger@evil.example",
    COLLEAGUE,  # whom only an unproven mail names
)


@pytest.mark.parametrize("sender", STRANGERS)
def test_no_stranger_gets_into_a_ticket_whatever_he_stole_or_guessed(desk, sender):
    thread = Thread.opened(desk)
    random_ = random.Random(sender)
    for theft in stolen(thread, random_):
        theft.setdefault("text", f"Let me in {random_.random()}.\r\n")
        raw = conversations.mail(**theft, sender=sender, message_id=make_msgid(domain="evil.example"))
        got = desk.mail(raw, rcpt="support@example.com")
        assert got["ticket"] is None or got["ticket"]["ref"] != thread.ref, theft
    assert thread.entries() == 1


def test_the_same_from_somebody_on_file_joins_where_it_names_the_ticket(desk):
    """What the strangers tried is no straw man: it works for those whose ticket it is."""
    thread = Thread.opened(desk)
    random_ = random.Random(1)
    for theft in stolen(thread, random_):
        theft.setdefault("text", f"It is me {random_.random()}.\r\n")
        raw = conversations.mail(**theft, sender="ops@acme.example", message_id=make_msgid(domain="acme.example"))
        desk.mail(raw)
    assert thread.entries() == 1 + 16


def test_random_tokens_and_references_open_nothing(desk):
    thread = Thread.opened(desk)
    random_ = random.Random(7)
    key = thread.key()
    digits = thread.ref.replace("-", "")
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    tries = (f"support+t{digits}.{''.join(random_.choices(letters, k=16))}@example.com" for _ in range(20_000))
    assert reply_token.refs(tries, key) == []
    assert reply_token.refs([thread.address().upper()], key) == [thread.ref]
    assert reply_token.refs([thread.address()], bytes(32)) == []
    assert sum(references.check(f"{n}-{n % 10}") for n in range(10_000, 20_000)) == 1_000


def test_two_customers_with_one_subject_stay_apart_and_so_do_two_questions_of_one(desk):
    thread = Thread.opened(desk, "Invoice")
    apart = [
        desk.mail(mail("Re: Invoice", sender=sender, text=f"{sender} asks.\n"))
        for sender in ("someone@client.example", "other@client.example", "ops@acme.example")
    ]
    assert len({got["ticket"]["ref"] for got in apart} | {thread.ref}) == 4


def test_what_resembles_a_ticket_is_a_suggestion_and_joins_nothing(desk):
    thread = Thread.opened(desk, "Invoice of May")
    got = desk.mail(mail("AW: Invoice of May", sender="ops@acme.example", In_Reply_To="<unknown@acme.example>"))
    assert got["status"] == "filed"
    assert f"Resembles {thread.ref}" in " ".join(got["ticket"]["identity"]["evidence"])


def test_an_old_mail_taken_to_ask_something_else_does_not_reopen_a_solved_ticket(desk):
    thread = Thread.opened(desk)
    desk.call("tickets.set", ref=thread.ref, status="solved")
    new = mail("Phones in room 12", sender="ops@acme.example", In_Reply_To=thread.first_id)
    got = desk.mail(new)
    assert got["status"] == "filed"
    assert "another one" in " ".join(got["ticket"]["identity"]["evidence"])
    same = mail("Re: Fax server", sender="ops@acme.example", In_Reply_To=thread.first_id, text="Again.\n")
    assert desk.mail(same)["ticket"]["ref"] == thread.ref


def test_a_text_that_names_several_tickets_joins_none_of_them(desk):
    refs = [Thread.opened(desk, f"Fax {number}").ref for number in range(2)]
    text = f"Is {refs[0]} the same as {refs[1]}?\n"
    got = desk.mail(mail("Question", text, sender="ops@acme.example"))
    assert got["status"] == "filed"
    assert all(ref in " ".join(got["ticket"]["identity"]["evidence"]) for ref in refs)


def test_every_candidate_is_named_with_its_evidence(desk):
    first, second = Thread.opened(desk, "Fax"), Thread.opened(desk, "Phone")
    got = desk.mail(mail(f"Re: [#{first.ref}] Fax", sender="ops@acme.example", In_Reply_To=second.first_id))
    assert got["ticket"]["ref"] == first.ref
    said = " ".join(got["ticket"]["entries"][-1]["identity"]["evidence"])
    assert f"Joins {first.ref}: the subject" in said
    assert f"Names {second.ref} as well (In-Reply-To" in said


def test_what_inboxd_itself_sent_comes_back_and_is_ignored(desk):
    thread = Thread.opened(desk)
    item = next(each for each in desk.call("outbox.list") if each["ticket"] == thread.ref)
    back = mail(item["subject"], item["text"], sender="support@example.com", Message_ID=item["message_id"])
    got = desk.mail(back)
    assert got["status"] == "ignored"
    assert thread.entries() == 1


def test_a_flood_of_one_sender_goes_into_one_ticket_and_nothing_is_lost(desk):
    outcomes = [
        desk.mail(mail("Disk full", f"Number {number}.\n", sender="alerts@client.example")) for number in range(34)
    ]
    assert [each["status"] for each in outcomes] == ["filed"] * 30 + ["threaded"] * 4
    last = outcomes[-1]["ticket"]
    assert [re.sub(r"\D", "", each["text"]) for each in last["entries"]] == ["29", "30", "31", "32", "33"]
    assert "flood" in " ".join(last["entries"][-1]["identity"]["evidence"])
    another = desk.mail(mail("Disk empty", sender="alerts@client.example"))
    assert another["status"] == "filed"


def _waits(item: dict[str, Any], got: dict[str, Any]) -> bool:
    return item["ticket"] == got["ticket"]["ref"] and item["state"] != "suppressed"


def test_two_desks_that_answer_each_other_fall_silent(desk):
    answers = itertools.count()
    raw = mail("Re: your mail", "We have it.\n", sender="desk@other.example", Auto_Submitted="auto-replied")
    for _ in range(3):
        got = desk.mail(raw.replace(b"We have it.", b"We have it %d." % next(answers)))
        assert not [item for item in desk.call("outbox.list") if _waits(item, got)]


def test_why_of_a_mail_that_is_not_filed_names_the_tickets_it_may_belong_to(desk):
    thread = Thread.opened(desk)
    asked = mail("Re: Fax server", sender="someone@client.example", In_Reply_To=thread.first_id)
    said = desk.call("why.message", asked, envelope={"rcpt_tos": ["support@example.com"]}, name="x.eml")["text"]
    assert f"Quotes {thread.ref} (In-Reply-To names a message of {thread.ref})" in said
    assert "took no part in it" in said
    assert thread.entries() == 1
