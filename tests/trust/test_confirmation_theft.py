"""Who would confirm in another's place: every way to answer a question that was put to somebody else's address."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.harness.dns import NameServer
from tests.integration.pipeline.conftest import InProcessDesk
from tests.integration.pipeline.stories import CALLER, INTERN, OPS, STANDIN, Story, desks, is_free, is_held, zone
from tests.plugins.dns import need_name_server
from tests.trust.world import COVERED


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcessDesk]:
    need_name_server()
    with NameServer.running(zone()) as server, desks(lambda: tmp_path_factory.mktemp("desk"), server) as make:
        yield make()


def as_outlook_quotes(story: Story) -> str:
    """The question below a block of its header fields, without marks."""
    block = f"From: Support <support@example.com>\nSent: Wednesday\nTo: {OPS}\nSubject: {story.question['subject']}\n\n"
    return (block + story.question["text"]).replace("\n", "\r\n")


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
    "nothing but what is quoted, as Outlook quotes": lambda s: s.mail(answers=s.question, body=as_outlook_quotes(s)),
    "a no below what Outlook quotes": lambda s: s.mail(
        answers=s.question, body=as_outlook_quotes(s) + "\r\nNo, that was somebody else.\r\n"
    ),
    "forwarded to the desk, without a word": lambda s: s.mail(
        answers=s.question, subject=f"Fwd: {s.question['subject']}",
        body="---------- Forwarded message ---------\r\nFrom: Support <support@example.com>\r\n"
        f"Subject: {s.question['subject']}\r\nTo: <{OPS}>\r\n\r\n" + s.question["text"].replace("\n", "\r\n"),
    ),
    "by a vacation program that says so in its words alone": lambda s: s.mail(
        answers=s.question, body="Hello,\r\nI am out of the office until Monday.\r\n"
    ),
    "said on the phone": lambda s: s.desk.voicemail(
        f"RIFFx{s.number}".encode(), caller=CALLER, transcript=f"Reference {s.ref}. Yes, I confirm.",
        received_at=(s.at + timedelta(minutes=9)).isoformat(),
    ),
    "a guessed reply token": lambda s: s.mail(
        "thief@evil.test", signed=False, subject="Yes",
        head=f"Cc: support+t{s.ref.replace('-', '')}.aaaaaaaaaaaaaaaa@example.com\r\n",
    ),
    "a signature that does not cover who it is to": lambda s: s.mail(answers=s.question, names=("from", "subject")),
    "a name that shows the address on file": lambda s: s.mail(
        f'"{OPS}" <thief@evil.test>', answers=s.question, signed=False
    ),
    "a reply to that is on file": lambda s: s.mail(
        "thief@evil.test", answers=s.question, signed=False, head=f"Reply-To: {OPS}\r\n"
    ),
    "results that the thief wrote himself": lambda s: s.mail(
        answers=s.question, signed=False,
        head="Authentication-Results: mail.example.com; dkim=pass header.d=acme.example; spf=pass\r\n",
    ),
    "signed by another domain": lambda s: s.mail(answers=s.question, signs="evil.test"),
    "changed after it was signed": lambda s: s.mail(answers=s.question, body="Wait.\r\n", becomes=b"Yes!.\r\n"),
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


def test_an_answer_to_a_mail_that_only_has_the_forgers_id_confirms_nothing(desk) -> None:
    # The thief writes to the victim, desk in Cc, under the very Message-ID under which he wrote in the victim's name:
    # whoever answers him would answer the desk's question, which he may never have read.
    story = Story(desk).wrote()
    bait = f"<{1000 * story.number + 1}.1@acme.example>"
    answered = story.mail(
        subject="Re: Lunch on Friday", body="Yes, gladly.\r\n", tail=f"In-Reply-To: {bait}\r\nReferences: {bait}\r\n"
    )
    assert answered["ticket"]["ref"] == story.ref
    assert is_held(story), story.ticket["events"]
    story.mail(answers=story.question, after=timedelta(hours=1))
    assert is_free(story)


def test_a_signed_mail_about_something_else_answers_nothing_by_a_field_that_the_thief_put_into_it(desk) -> None:
    # The thief takes part in the ticket, and so knows the Message-ID of a reply there. He holds a mail that the victim
    # really wrote to the desk, keeps it back, and hands it in with that id.
    story = Story(desk).wrote()
    story.reply("What shall it be?")
    known = story.items("reply")[0]["message_id"]
    fields = f"In-Reply-To: {known}\r\nReferences: {known}\r\n"
    stolen = story.mail(subject="Lunch on Friday", body="Yes, gladly.\r\n", head=fields, after=timedelta(hours=1))
    assert (stolen["status"], stolen["ticket"]["ref"]) == ("threaded", story.ref)
    assert stolen["ticket"]["entries"][-1]["authentication"]["verdict"] == "authenticated"
    assert is_held(story), story.ticket["events"]
    # Where the victim's program signs what it answers, the same words count.
    story.mail(
        subject="Lunch on Friday", body="Yes, gladly.\r\n", tail=fields, after=timedelta(hours=2),
        names=(*COVERED, "in-reply-to", "references"),
    )  # fmt: skip
    assert is_free(story), story.ticket["events"]


@pytest.mark.parametrize("covered", [False, True])
def test_whom_a_thief_puts_into_cc_of_a_signed_mail_takes_no_part_in_its_ticket(desk, *, covered: bool) -> None:
    # He holds it back, and hands it in with himself in a field that its signature does not cover.
    names = (*COVERED, "cc") if covered else COVERED
    story, field = Story(desk), "Cc: thief@evil.test\r\n"
    story.first = story.mail(subject="Reset it", tail=field, names=names, after=timedelta(0))
    assert story.ticket["authentication"]["verdict"] == "authenticated"
    written = story.mail("thief@evil.test", signed=False, body="Send it to me.\r\n")
    assert (written["ticket"]["ref"] == story.ref) is covered


@pytest.mark.parametrize("by", ["subject", "address"])
def test_an_answer_to_the_thiefs_own_mail_confirms_nothing_whatever_it_carries(desk, by: str) -> None:
    # He called, was told the reference, and writes to the victim as himself, answers to go to the desk; or he takes
    # part in the ticket, and gives its own address of the desk.
    story = Story(desk).called()
    bait = "<lunch@evil.test>"
    body = "Yes, gladly!\r\n\r\nThief wrote:\r\n> Lunch on Friday? Just say yes, that is all I need.\r\n"
    fields = f"In-Reply-To: {bait}\r\nReferences: {bait}\r\n"
    subject = f"Re: [#{story.ref}] Lunch on Friday" if by == "subject" else "Re: Lunch on Friday"
    if by == "address":
        story.reply("We look into it.")
        named = story.items("reply")[0]["reply_to"]
        assert "+t" in named
        fields += f"Cc: {named}\r\n"
    names = (*COVERED, "cc", "in-reply-to", "references")
    answered = story.mail(subject=subject, body=body, tail=fields, names=names)
    assert answered["ticket"]["ref"] == story.ref
    assert is_held(story), story.ticket["events"]
    assert any("somebody else" in each["why"] for each in story.ticket["events"] if each["why"])
    assert len(story.notices()) == 1
    # A smarthost may have given our question another id: who quotes it answers it.
    quoted = "".join(f"> {line}\r\n" for line in story.question["text"].splitlines())
    body = f"Yes, that was us.\r\n\r\n{quoted}"
    story.mail(subject=subject, body=body, tail=fields, names=names, after=timedelta(hours=1))
    assert is_free(story), story.ticket["events"]


def test_who_answers_the_question_itself_is_understood_whatever_the_signature_covers(desk) -> None:
    story = Story(desk).wrote()
    story.mail(answers=story.question, subject="Our answer")
    assert is_free(story), story.ticket["events"]


def test_a_no_counts_for_the_ticket_that_the_asked_one_was_merged_into(desk) -> None:
    asked, other = Story(desk).called(), Story(desk).called()
    question = asked.question
    other.mail(answers=other.question)
    assert is_free(other)
    desk.call("tickets.merge", ref=asked.ref, into=other.ref)
    # What nobody has proven stands there now, too.
    assert is_held(other)
    desk.call("tickets.undo", ref=asked.ref)
    assert is_free(other)
    desk.call("tickets.merge", ref=asked.ref, into=other.ref)
    asked.mail(answers=question, body="No, this was not us.\r\n")
    assert is_held(other)
    assert "confirmation refused" in other.events()
    desk.call("tickets.undo", ref=asked.ref)
    assert is_held(other)
