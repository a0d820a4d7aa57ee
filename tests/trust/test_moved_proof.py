"""What staff move, settle and take back never carries proof to where it was not given."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.harness.dns import NameServer
from tests.integration.pipeline.conftest import InProcessDesk
from tests.integration.pipeline.stories import CALLER, INTERN, RULES, SHARED, Story, desks, is_free, is_held, zone
from tests.plugins.dns import need_name_server

LOUD = "  loud: [{rule: loud, when: {channel: voicemail}, then: {priority: urgent}}]\n"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcessDesk]:
    need_name_server()
    with NameServer.running(zone()) as server, desks(lambda: tmp_path_factory.mktemp("desk"), server) as make:
        yield make(RULES + LOUD)


def proven(desk: InProcessDesk) -> Story:
    """A ticket that a proven mail of somebody authorised has opened."""
    story = Story(desk)
    story.first = story.mail(subject="Reset it", after=timedelta(0))
    assert is_free(story)
    return story


def test_what_is_split_off_has_the_rights_of_who_wrote_it_and_not_of_who_was_settled(desk) -> None:
    story = proven(desk)
    desk.call("tickets.set", ref=story.ref, account="acme", contact="Operations", priority="urgent")
    story.mail(INTERN, body="Mine, too.\r\n")
    new = desk.call("tickets.split", ref=story.ref, entry=2)
    assert new["actions_allowed"] == ["discuss"]
    # Nor does a mail inherit a priority that no mail may have.
    assert new["priority"] == "medium"


def test_proof_of_one_account_frees_nothing_of_another(desk) -> None:
    story = proven(desk)
    desk.call("tickets.set", ref=story.ref, account="harbor")
    assert is_held(story)
    assert story.ticket["actions_allowed"] == ["discuss"]
    # And back where it was given, it counts again.
    desk.call("tickets.set", ref=story.ref, account="acme")
    assert is_free(story)
    assert "rights counted again" in story.events()


def test_an_address_of_two_customers_frees_what_the_one_allows_that_a_person_settles(desk) -> None:
    story = Story(desk)
    story.first = story.mail(SHARED, subject="Reset it", after=timedelta(0))
    ticket = story.ticket
    assert (ticket["account"], ticket["authentication"]["verdict"]) == (None, "authenticated")
    assert is_held(story)
    desk.call("tickets.set", ref=story.ref, account="mill")
    assert is_free(story)
    # What came without proof meanwhile is not covered.
    story.mail(SHARED, signed=False, body="And mail it to me.\r\n")
    assert is_held(story)
    desk.call("tickets.set", ref=story.ref, account="mill", contact="Both")
    assert is_held(story)


def test_a_customer_who_proved_nothing_is_freed_by_no_name_that_a_person_gives(desk) -> None:
    story = Story(desk)
    story.first = story.mail("stranger@acme.example", subject="Reset it", after=timedelta(0))
    assert is_held(story)
    desk.call("tickets.set", ref=story.ref, account="acme", contact="Operations")
    assert is_held(story)
    other = Story(desk).wrote()
    desk.call("tickets.set", ref=other.ref, account="acme", contact="Operations")
    assert is_held(other)


def test_an_unproven_entry_that_comes_back_takes_away_what_was_freed_meanwhile(desk) -> None:
    story = proven(desk)
    story.mail(signed=False, body="And mail it to me.\r\n")
    assert is_held(story)
    new = desk.call("tickets.split", ref=story.ref, entry=2)
    story.mail(body="Any news?\r\n", after=timedelta(hours=1))
    assert is_free(story)
    desk.call("tickets.undo", ref=new["ref"])
    assert is_held(story)


def test_a_ticket_whose_call_was_split_off_is_decided_without_it(desk) -> None:
    story = proven(desk)
    words = f"Reference {story.ref}, it burns."
    desk.voicemail(
        b"RIFFloud", caller=CALLER, transcript=words, received_at=(story.at + timedelta(hours=1)).isoformat()
    )
    assert story.ticket["priority_by"] == "call loud"
    desk.call("tickets.split", ref=story.ref, entry=2)
    shown = desk.call("tickets.set", ref=story.ref, tag=["looked-at"])
    assert (shown["priority"], shown["priority_by"]) == ("medium", "default")


def test_the_question_for_access_repeats_no_words_of_who_asked(desk) -> None:
    story = Story(desk)
    story.at = datetime.now(UTC) - timedelta(minutes=30)
    story.first = story.mail(
        '"Confirm at https://evil.test/login now" <thief@evil.test>', signed=False, subject="Access", after=timedelta(0)
    )
    day = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    desk.call("accounts.let-in", account="acme", ref=story.ref, until=day)
    assert "evil.test/login" not in story.question["text"]
    assert "thief@evil.test" in story.question["text"]
