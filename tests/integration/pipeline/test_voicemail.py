"""A voicemail's way: the ticket first, the words after, the rules again."""

import io
import os
import signal
import time
import wave
from pathlib import Path

import moonshine_voice
import pytest

from tests.harness.processes import forked

RULES = """
phrases:
  best: [best of times]
decide:
  who:
    - {rule: nobody-known, when: {account.known: false}, then: {queue: look-up, tag: needs-lookup}}
    - {rule: known, then: {queue: tech}}
  priority:
    - {rule: heard, when: {channel: voicemail, says: best}, then: {priority: urgent}}
    - {rule: default, then: {priority: medium}}
"""


@pytest.fixture(scope="session")
def speech() -> bytes:
    """Six seconds of a human voice, out of the engine's own package."""
    source = next(Path(moonshine_voice.__file__).parent.rglob("two_cities.wav"))
    with wave.open(str(source)) as whole:
        parameters, frames = whole.getparams(), whole.readframes(whole.getframerate() * 6)
    out = io.BytesIO()
    with wave.open(out, "wb") as cut:
        cut.setparams(parameters)
        cut.writeframes(frames)
    return out.getvalue()


def test_the_words_of_a_recording_stand_on_the_ticket_and_the_rules_decide_with_them(make_desk, speech):
    outcome = make_desk(RULES).voicemail(speech, caller="+15550101")
    ticket = outcome["ticket"]
    transcript = ticket["entries"][0]["transcript"]
    assert "best of times" in transcript["text"].lower()
    assert transcript["engine"] == "moonshine"
    assert ticket["account"]["id"] == "acme"
    assert ticket["queue"] == "tech"
    assert (ticket["priority"], ticket["priority_by"]) == ("urgent", "rule heard")
    assert [event["what"] for event in ticket["events"]] == ["opened", "transcribed", "decided again"]


def test_caller_id_identifies_and_proves_nothing(desk, speech):
    ticket = desk.voicemail(speech, caller="+15550101", transcript="hello")["ticket"]
    assert ticket["identity"]["by"] == "caller-id"
    assert ticket["authentication"]["verdict"] == "none"
    assert ticket["callback"]["number"] == "+15550101"


def test_a_withheld_number_is_nobody_and_cannot_be_called_back(desk, speech):
    ticket = desk.voicemail(speech, caller="anonymous", transcript="hello")["ticket"]
    assert ticket["account"] is None
    assert ticket["callback"]["number"] is None


def test_words_that_are_known_already_run_no_recogniser(make_desk, speech):
    ticket = make_desk(RULES).voicemail(speech, caller="+15550199", transcript="the best of times")["ticket"]
    assert ticket["entries"][0]["transcript"]["engine"] == "given"
    assert ticket["priority"] == "urgent"
    assert ticket["tags"] == ["needs-lookup"]


def test_the_same_recording_twice_is_one_ticket_and_at_another_time_another(desk, speech):
    said = {"caller": "+15550101", "transcript": "hello"}
    first = desk.voicemail(speech, **said, received_at="2026-01-13T16:00:00Z")
    again = desk.voicemail(speech, **said, received_at="2026-01-13T16:00:00Z")
    later = desk.voicemail(speech, **said, received_at="2026-01-13T17:00:00Z")
    assert (first["status"], again["status"], later["status"]) == ("filed", "duplicate", "filed")
    assert again["ticket"]["ref"] == first["ticket"]["ref"]


def test_what_is_no_recording_is_a_ticket_that_says_so(desk):
    ticket = desk.voicemail(b"<html>not a recording</html>" * 40, caller="+15550101")["ticket"]
    transcript = ticket["entries"][0]["transcript"]
    assert transcript["text"] == ""
    assert "HTML" in transcript["note"]
    assert ticket["subject"].endswith("the file looks like an HTML page, which is not readable here")
    assert ticket["entries"][0]["attachments"][0]["size"] == 28 * 40


def test_two_empty_recordings_are_two_calls_with_their_callers(desk):
    first, second = (desk.voicemail(b"", caller=caller)["ticket"] for caller in ("+15550101", "+15550104"))
    assert first["ref"] != second["ref"]
    assert (first["callback"]["number"], second["callback"]["number"]) == ("+15550101", "+15550104")
    assert first["entries"][0]["transcript"]["note"]


def test_a_recording_in_which_nobody_speaks_has_no_words(desk):
    out = io.BytesIO()
    with wave.open(out, "wb") as silence:
        silence.setnchannels(1)
        silence.setsampwidth(2)
        silence.setframerate(8000)
        silence.writeframes(bytes(2 * 8000 * 3))
    ticket = desk.voicemail(out.getvalue(), caller="+15550101")["ticket"]
    assert ticket["entries"][0]["transcript"]["text"] == ""
    assert ticket["entries"][0]["transcript"]["note"] == "no speech was heard"
    assert ticket["subject"].endswith(": no speech was heard")


def test_a_priority_that_staff_set_outlives_the_words(make_desk, speech):
    desk = make_desk(RULES)
    accepted = desk.call(
        "ingest.accept", speech, kind="voicemail", envelope={"caller": "+15550101", "called": "+15550190"}, name="x"
    )
    ticket = _standing(desk)
    desk.call("tickets.set", ref=ticket["ref"], priority="low")
    assert desk.call("ingest.outcome", intake_id=accepted["intake_id"], wait_seconds=60) is not None
    ticket = desk.call("tickets.show", ref=ticket["ref"])
    assert ticket["entries"][0]["transcript"]["text"]
    assert (ticket["priority"], ticket["priority_by"]) == ("low", "staff engineer")


def test_a_killed_speech_child_costs_no_words(desk, speech):
    accepted = desk.call(
        "ingest.accept", speech, kind="voicemail", envelope={"caller": "+15550101", "called": "+15550190"}, name="x"
    )
    os.kill(_speech_child(), signal.SIGKILL)
    outcome = desk.call("ingest.outcome", intake_id=accepted["intake_id"], wait_seconds=60)
    assert outcome is not None
    assert "best of times" in outcome["ticket"]["entries"][0]["transcript"]["text"].lower()


def _standing(desk):
    """The ticket as soon as it stands: before its words."""
    for _ in range(500):
        found = desk.call("tickets.list")
        if found:
            return found[0]
        time.sleep(0.01)
    raise AssertionError("no ticket stands")


def _speech_child() -> int:
    for _ in range(1000):
        if found := forked(os.getpid(), "transcribe.child"):
            return found[0]
        time.sleep(0.005)
    raise AssertionError("no recogniser runs")
