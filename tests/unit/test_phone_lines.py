"""What a person has to know of a number at the provider before it is called."""

import pytest

from inboxd.phone.lines import Compared, compare
from inboxd.phone_api import LineAt, NumberAt
from rules.load import loads

(LINE,) = loads('lines: {help: {number: "+19525550190", default: true}}', "rules.yaml", zone="UTC").lines
DESK = "https://desk.example.com"
BIN = "https://handler.twilio.com/twiml/EH00000000000000000000000000000000"


def compared(at: LineAt, *, public_url: str | None, fallback_url: str | None = None) -> Compared:
    number = NumberAt(sid="PN1", number=LINE.number, name="", at=at, application=None)
    (found,) = compare([LINE], [number], public_url=public_url, fallback_url=fallback_url)
    return found


def test_a_number_that_nobody_answers_is_told_before_it_is_called() -> None:
    found = compared(LineAt(), public_url=None)
    assert found.changes == LineAt()
    assert found.problem is not None
    assert "nothing answers its calls" in found.problem[1]
    assert "twilio.fallback_url" in found.problem[1]


def test_a_number_that_still_leads_to_webhooks_which_are_off_is_answered_by_nobody() -> None:
    before = LineAt(voice_url="https://desk.example.com/twilio/voice", voice_method="POST")
    found = compared(before, public_url=None)
    assert found.unanswered
    assert found.problem is not None
    assert "nothing answers its calls" in found.problem[1]
    assert not compared(before, public_url=None, fallback_url=BIN).unanswered


def test_a_fallback_answers_without_webhooks_and_needs_no_other() -> None:
    assert not compared(LineAt(), public_url=None, fallback_url=BIN).unanswered
    assert compared(LineAt(voice_url=BIN, voice_method="POST"), public_url=None, fallback_url=BIN).problem is None


@pytest.mark.parametrize("own", ["https://studio.example.com/flow"])
def test_what_somebody_set_by_hand_answers_too(own: str) -> None:
    assert compared(LineAt(voice_url=own), public_url=None).problem is None


def test_a_line_with_webhooks_and_no_fallback_is_a_warning() -> None:
    there = compared(LineAt(), public_url=DESK).wanted
    found = compared(there, public_url=DESK)
    assert found.problem is not None
    assert found.problem[0] == "warning"
    assert "no fallback" in found.problem[1]
