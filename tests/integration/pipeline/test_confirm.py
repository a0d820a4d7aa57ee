"""Was that really you: the question to the address on file, and every way in which it is answered, or is not."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from inboxd.confirm import KIND
from inboxd.mail_story import authenticate_again
from inboxd.resolver import Resolver
from store import clock, clock_steps
from store.schema import jobs
from tests.harness.desk import wait_until
from tests.harness.dns import NameServer, free_port
from tests.integration.pipeline.conftest import InProcessDesk
from tests.integration.pipeline.stories import (
    DESK,
    OPS,
    STRICT,
    Make,
    Story,
    desks,
    is_free,
    is_held,
    zone,
)
from tests.plugins.dns import need_name_server


@pytest.fixture(scope="module")
def server() -> Iterator[NameServer]:
    need_name_server()
    with NameServer.running(zone()) as running:
        yield running


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory, server: NameServer) -> Iterator[Make]:
    with desks(lambda: tmp_path_factory.mktemp("desk"), server) as make:
        yield make


@pytest.fixture(scope="module")
def desk(make: Make) -> InProcessDesk:
    """One desk for all that do not disturb each other: each test has its own ticket."""
    return make()


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


def test_a_yes_after_a_refusal_allows_nothing_and_staff_hear_of_it_once(desk) -> None:
    story = Story(desk).called()
    story.mail(answers=story.question, body="No.\r\n")
    story.mail(answers=story.question, body="Yes, sorry, it was us.\r\n", signed=False, after=timedelta(hours=1))
    assert "yes after a refusal" not in story.events()
    for hours in (2, 3):
        story.mail(answers=story.question, body="Yes, sorry, it was us.\r\n", after=timedelta(hours=hours))
    assert is_held(story)
    assert [each["kind"] for each in story.ticket["entries"]] == ["voicemail"] + ["email"] * 4
    assert story.events().count("yes after a refusal") == 2
    told = [each for each in story.notices() if "A yes came after a refusal." in each]
    assert len(told) == 1
    said = next(each for each in story.items("notice") if "A yes came after" in each["subject"])
    assert f"inboxd tickets allow {story.ref} ACTION" in said["text"]


def test_notable_is_no_refusal(desk) -> None:
    story = Story(desk).called()
    story.mail(answers=story.question, body="Nobody else could have: it was us. Notify me when done.\r\n")
    assert is_free(story)


def test_what_fails_is_told_to_staff_once(desk) -> None:
    story = Story(desk).called()
    for minutes in (10, 20, 30):
        story.mail(answers=story.question, signed=False, after=timedelta(minutes=minutes))
    assert story.events().count("not confirmed") == 3
    (notice,) = story.items("notice")
    assert notice["to"] == "engineer-1@example.com"
    assert "A confirmation failed." in notice["subject"]
    assert "not proven" in notice["text"]


def test_a_forged_answer_is_told_on_the_ticket_that_it_does_not_join(desk) -> None:
    story = Story(desk).called()
    forged = story.mail(STRICT, answers=story.question, signed=False)
    assert (forged["status"], forged["ticket"]["authentication"]["verdict"]) == ("filed", "failed")
    assert is_held(story)
    (event,) = [each for each in story.ticket["events"] if each["what"] == "not confirmed"]
    assert f"It is filed as {forged['ticket']['ref']}." in event["why"]
    assert len(story.ticket["entries"]) == 1
    assert len(story.notices()) == 1
    # Nobody hears of it by whom nothing was asked, nor twice.
    story.mail("nobody@strict.example", answers=story.question, signed=False)
    story.mail(STRICT, answers=story.question, signed=False)
    assert len(story.notices()) == 1
    story.mail(answers=story.question, after=timedelta(hours=1))
    assert is_free(story)


def test_an_unproven_mail_is_the_cause_and_its_reply_to_gets_nothing(desk) -> None:
    story = Story(desk).wrote(head="Reply-To: thief@evil.test\r\n")
    assert is_held(story)
    assert [each["to"] for each in story.items()] == [OPS]
    story.mail(answers=story.question)
    assert is_free(story)


def test_a_mail_that_staff_hand_in_for_a_customer_is_asked_about_at_the_address_on_file(desk) -> None:
    story = Story(desk)
    raw = f"From: {OPS}\r\nTo: {DESK}\r\nSubject: Fax server\r\n\r\nAsked in person, story {story.number}.\r\n"
    at = story.at.isoformat()
    accepted = desk.call("ingest.accept", raw.encode(), kind="mail", envelope={}, name="asked.eml", received_at=at)
    story.first = desk.call("ingest.outcome", intake_id=accepted["intake_id"], wait_seconds=30)
    assert story.ticket["authentication"]["verdict"] == "unverified"
    assert is_held(story)
    assert story.question["to"] == OPS


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


def run_due(desk: InProcessDesk, kind: str = KIND, *, end: bool = True) -> int:
    """Bring the time of the jobs of a kind (the ends of questions), and run them and no others.

    `end` False: they write others in their place.
    """
    house = desk.backend.houses()[0]
    waiting = sa.update(jobs).where(jobs.c.state == "ready")
    far = int((datetime.now(UTC) + timedelta(days=1)).timestamp() * 1000)
    house.store.write(lambda txn: txn.execute(waiting.where(jobs.c.kind != kind).values(due_at=far)))
    count = house.store.write(lambda txn: txn.execute(waiting.where(jobs.c.kind == kind).values(due_at=1)).rowcount)
    house.worker._only = None

    def ended() -> bool:
        # One of a ticket at a time, as the daemon's ticks have it.
        house.worker.wake()
        return _open(desk, kind) == 0 if end else _due(desk, kind) == 0

    wait_until(ended, within=60, what=f"the end of {kind}")
    return count


def set_forward(desk: InProcessDesk, by: timedelta) -> None:
    """Note that the clock was set forward this moment."""
    ms = by // timedelta(milliseconds=1)
    now = clock_steps.ClockSteps.begun()
    step = clock_steps.Step(at=clock.now_ms(), by=ms, left=ms, boot_at=clock.boot_ms())
    desk.backend.houses()[0].store.write(lambda txn: clock_steps.keep(txn, replace(now, steps=(step,))))


def test_a_question_does_not_end_because_the_clock_was_set_and_is_answered_as_long_as_before(make) -> None:
    desk = make()
    story = Story(desk).called()
    # It was put long ago, and of all that time only two days have passed.
    set_forward(desk, datetime.now(UTC) - story.at - timedelta(days=2))
    run_due(desk, end=False)
    assert "confirmation expired" not in story.events()
    story.mail(answers=story.question, after=timedelta(days=9))
    assert is_free(story)


def _due(desk: InProcessDesk, kind: str) -> int:
    query = sa.select(sa.func.count()).where(jobs.c.kind == kind, jobs.c.state != "done", jobs.c.due_at == 1)
    with desk.backend.houses()[0].store.read() as connection:
        return int(connection.execute(query).scalar_one())


def _open(desk: InProcessDesk, kind: str) -> int:
    query = sa.select(sa.func.count()).where(jobs.c.kind == kind, jobs.c.state != "done")
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


def away(make: Make) -> InProcessDesk:
    """A desk whose name server does not answer."""
    return make(dns={"nameservers": [f"127.0.0.1:{free_port()}"]})


def back(desk: InProcessDesk, server: NameServer) -> None:
    """The name server answers, and what could not be proven is looked at again."""
    desk.backend.houses()[0].checker._resolver = Resolver([("127.0.0.1", server.port)])
    assert run_due(desk, authenticate_again.KIND) > 0


@pytest.mark.parametrize(
    ("body", "head", "free", "ends"),
    [
        ("Yes.\r\n", "", True, "confirmed"),
        ("No.\r\n", "", False, "confirmation refused"),
        ("I am away.\r\n", "Auto-Submitted: auto-replied\r\n", False, "not confirmed"),
    ],
)
def test_an_answer_that_is_proven_later_counts_from_then(make, server, body, head, free, ends) -> None:
    desk = away(make)
    story = Story(desk).called()
    story.mail(answers=story.question, body=body, tail=head)
    assert is_held(story)
    assert "confirmed" not in story.events()
    back(desk, server)
    assert (is_free(story), is_held(story)) == (free, not free)
    assert story.events()[-1] == ends
    kinds = [each["kind"] for each in story.ticket["entries"]]
    assert kinds == ["voicemail", "confirmation" if free else "email"]


def test_a_mail_that_is_proven_later_needs_no_answer_any_more(make, server) -> None:
    desk = away(make)
    story = Story(desk)
    story.at = datetime.now(UTC) - timedelta(hours=1)
    story.first = story.mail(subject="No mail arrives", body="No mail arrives here.\r\n", after=timedelta(0))
    assert is_held(story)
    assert story.question["state"] == "queued"
    back(desk, server)
    assert is_free(story)
    assert (story.question["state"], story.question["reason"]) == (
        "suppressed", "what it asks about is proven meanwhile",
    )  # fmt: skip
    assert "confirmation withdrawn" in story.events()
    assert run_due(desk) == 1
    assert "confirmation expired" not in story.events()


def test_a_second_copy_that_is_proven_confirms_as_well(desk) -> None:
    story = Story(desk).called()
    story.mail(answers=story.question, signed=False)
    assert is_held(story)
    story.sent -= 1
    assert story.mail(answers=story.question)["status"] == "duplicate"
    assert is_free(story)
    assert [each["kind"] for each in story.ticket["entries"]] == ["voicemail", "confirmation"]


def test_on_postgresql_it_is_the_same(make, postgres_url) -> None:
    desk = make(store={"url": postgres_url})
    story = Story(desk).called()
    story.mail(answers=story.question, signed=False)
    assert is_held(story)
    story.mail(answers=story.question, after=timedelta(hours=1))
    assert is_free(story)
    other = Story(desk).called()
    other.mail(answers=other.question, body="Not us.\r\n")
    assert is_held(other)
    assert run_due(desk) == 2


def test_a_question_that_a_limit_stops_is_told_to_staff(make) -> None:
    desk = make()
    stories = [Story(desk) for _ in range(21)]
    for story in stories:
        story.at = stories[0].at
        story.called()
    assert [each.question["state"] for each in stories] == ["queued"] * 20 + ["suppressed"]
    assert "question not sent" in stories[-1].events()
    assert "A question was not sent." in stories[-1].notices()[0]
    stories[-1].mail()
    assert is_free(stories[-1])


def asked_twice(desk: InProcessDesk) -> Story:
    """A ticket with two open questions: staff allowed what the first one frees, and an unproven mail took it away."""
    story = Story(desk).called()
    desk.call("tickets.allow", ref=story.ref, action="credentials", because="Known voice.")
    story.mail(signed=False, body="And mail it to me.\r\n", after=timedelta(minutes=20))
    assert len(story.items("confirmation")) == 2
    return story


def test_an_answer_to_the_newer_question_ends_the_older_one(make) -> None:
    desk = make()
    for body in ("Yes.\r\n", "No.\r\n"):
        story = asked_twice(desk)
        first, second = story.items("confirmation")
        story.mail(answers=second, body=body, after=timedelta(hours=1))
        assert is_free(story) == (body == "Yes.\r\n")
        if body == "No.\r\n":
            story.mail(answers=first, after=timedelta(hours=2))
            assert is_held(story)
            assert "confirmed" not in story.events()
    run_due(desk)
    assert [each for each in story.notices() if "Nobody confirmed" in each] == []
