"""What a person permits by hand: an action that waits for proof, and somebody's access until a day."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from inboxd.errors import InboxdError, UsageWrong
from tests.harness.dns import NameServer
from tests.integration.pipeline.conftest import InProcessDesk
from tests.integration.pipeline.stories import INTERN, OPS, STANDIN, Make, Story, desks, is_held, zone
from tests.plugins.dns import need_name_server

HELPER = "helper@contractor.example"


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    need_name_server()
    with NameServer.running(zone()) as server, desks(lambda: tmp_path_factory.mktemp("desk"), server) as make:
        yield make


@pytest.fixture(scope="module")
def desk(make: Make) -> InProcessDesk:
    return make()


def test_an_action_is_allowed_with_a_reason_where_the_rules_permit_it(desk) -> None:
    story = Story(desk).called()
    shown = desk.call("tickets.allow", ref=story.ref, action="credentials", because="Known by voice and by face.")
    assert shown["actions_allowed"] == ["discuss", "credentials"]
    assert set(shown["actions_blocked_because"]) == {"account-changes"}
    event = shown["events"][-1]
    assert (event["actor"], event["what"]) == ("engineer", "allowed credentials")
    assert event["why"].startswith("Known by voice and by face.")
    with pytest.raises(InboxdError, match=r"allowed on .* already"):
        desk.call("tickets.allow", ref=story.ref, action="credentials", because="Again.")
    story.mail(signed=False, body="One thing more.\r\n")
    assert is_held(story)


@pytest.mark.parametrize(
    ("action", "because", "wrong", "said"),
    [
        ("account-changes", "Please.", InboxdError, "let nobody allow account-changes by hand"),
        ("root", "Please.", UsageWrong, "they know: discuss, credentials, account-changes"),
        ("credentials", "  ", UsageWrong, "say why"),
    ],
)
def test_what_the_rules_do_not_permit_nobody_allows(desk, action, because, wrong, said) -> None:
    story = Story(desk).called()
    with pytest.raises(wrong, match=said):
        desk.call("tickets.allow", ref=story.ref, action=action, because=because)
    assert is_held(story)


def test_only_those_who_are_named_may_allow(make) -> None:
    rules = "actions: {credentials: {needs: {proof: authenticated}, else: No., override: [lead]}}\n"
    story = Story(make(rules)).called()
    with pytest.raises(InboxdError, match="by lead alone; this is engineer"):
        story.desk.call("tickets.allow", ref=story.ref, action="credentials", because="Please.")


def until(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def asks_to_be_let_in(desk: InProcessDesk) -> Story:
    """A stranger asks for access; the story's hour is now, for staff act on it now."""
    story = Story(desk)
    story.at = datetime.now(UTC) - timedelta(minutes=30)
    story.first = story.mail(
        f"Helper <{HELPER}>", signed=False, subject="Temporary access", body="Please let me in.\r\n",
        after=timedelta(0),
    )  # fmt: skip
    return story


def contacts(desk: InProcessDesk) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in desk.call("accounts.show", id="acme")["contacts"]}


def test_the_primary_contact_lets_somebody_in_until_a_day(make) -> None:
    desk = make()
    story = asks_to_be_let_in(desk)
    day = until(14)
    done = desk.call("accounts.let-in", account="acme", ref=story.ref, until=day, because="The fax server is theirs.")
    assert done["asked"] == OPS
    asked = story.question
    assert (asked["to"], asked["state"]) == (OPS, "queued")
    assert HELPER in asked["text"]
    assert f"until {day}" in asked["text"]
    assert "Acme Widgets" in asked["text"]
    assert "Please let me in" not in asked["text"]
    thefts: tuple[dict[str, Any], ...] = (
        {"sender": HELPER, "signed": False},
        {"sender": INTERN},
        {"sender": STANDIN},
        {"sender": OPS, "signed": False},
        {"sender": OPS, "tail": "Auto-Submitted: auto-replied\r\n"},
    )
    for theft in thefts:
        story.mail(**theft, answers=asked, after=timedelta(minutes=40))
        desk.backend.houses()[-1].on_file.refresh()
        assert HELPER not in contacts(desk)
    assert story.mail(answers=asked, after=timedelta(minutes=50))["status"] == "threaded"
    desk.backend.houses()[-1].on_file.refresh()
    helper = contacts(desk)[HELPER]
    assert (helper["authorized"], helper["valid_until"], helper["role"]) == (True, day, "temporary")
    event = desk.call("accounts.show", id="acme")["events"][-1]
    assert event["actor"] == OPS
    assert story.ref in event["why"]
    assert story.ticket["entries"][-1]["kind"] == "confirmation"
    assert f"asked {OPS} about access for {HELPER}" in desk.call("why", ref=story.ref)["text"]
    again = story.mail(f"Helper <{HELPER}>", signed=False, subject="It is me", after=timedelta(minutes=60))
    assert again["ticket"]["account"]["id"] == "acme"
    assert again["ticket"]["contact"]["authorized"] is True


def test_a_question_back_lets_nobody_in_and_a_yes_after_it_does(make) -> None:
    desk = make()
    story = asks_to_be_let_in(desk)
    desk.call("accounts.let-in", account="acme", ref=story.ref, until=until(3))
    asked = story.question
    story.mail(answers=asked, body="Who is this?\r\n", after=timedelta(minutes=40))
    desk.backend.houses()[-1].on_file.refresh()
    assert HELPER not in contacts(desk)
    assert "not confirmed" in story.events()
    assert any("A confirmation failed." in each for each in story.notices())
    story.mail(answers=asked, body="Ah, them. Hm.\r\n", after=timedelta(minutes=45))
    story.mail(answers=asked, body="Yes.\r\n", after=timedelta(minutes=50))
    desk.backend.houses()[-1].on_file.refresh()
    assert contacts(desk)[HELPER]["authorized"] is True


def test_a_no_lets_nobody_in(make) -> None:
    desk = make()
    story = asks_to_be_let_in(desk)
    desk.call("accounts.let-in", account="acme", ref=story.ref, until=until(3))
    with pytest.raises(InboxdError, match="has been asked about"):
        desk.call("accounts.let-in", account="acme", ref=story.ref, until=until(3))
    story.mail(answers=story.question, body="No, we do not know them.\r\n", after=timedelta(minutes=40))
    desk.backend.houses()[-1].on_file.refresh()
    assert HELPER not in contacts(desk)
    assert "confirmation refused" in story.events()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"until": "2020-01-01"}, "is over already"),
        ({"until": "2099-01-01"}, "more than a year away"),
        ({"until": "soon"}, "until: "),
        ({"until": "DAY", "account": "nobody"}, 'no account "nobody"'),
        ({"until": "DAY", "account": "mill"}, "Nobody of Mill Works may be asked"),
        ({"until": "DAY", "address": "not an address"}, "not a"),
        ({"until": "DAY", "address": INTERN}, "stands in accounts.yaml"),
        ({"until": "DAY", "address": "ops@acme.example.org"}, "is on file for harbor"),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_asked(desk, given, said) -> None:
    story = Story(desk).called("+15550188")
    given = {"account": "acme", "address": HELPER, **given}
    given["until"] = given["until"].replace("DAY", until(3))
    with pytest.raises(InboxdError, match=said):
        desk.call("accounts.let-in", ref=story.ref, **given)
    assert story.items() == []
