"""A correction teaches; the next recording shows what is probably meant, and the rules find it; no word is changed."""

from collections.abc import Callable

import pytest

from inboxd.errors import InboxdError
from tests.integration.pipeline.conftest import InProcessDesk

RULES = """
phrases:
  fax down: ["fax server"]
decide:
  calls:
    - rule: fax is down
      when: {channel: voicemail, says: fax down}
      then: {priority: high, tag: fax}
"""


def voicemail(desk: InProcessDesk, words: str) -> dict:
    taken = desk.voicemail(b"RIFF" + words.encode(), caller="+15550111", transcript=words)
    return desk.show(taken)


def test_what_was_put_right_is_probably_meant_the_next_time(make_desk: Callable[..., InProcessDesk]) -> None:
    desk = make_desk(rules=RULES)
    before = voicemail(desk, "the facts sever is clown")
    assert (before["priority"], before["entries"][0]["transcript"]["probably"]) == ("medium", [])
    corrected = desk.call("tickets.correct", ref=before["ref"], text="the fax server is down")
    assert (
        corrected["events"][-1]["why"]
        == 'Learnt: heard "facts sever", meant "fax server"; heard "clown", meant "down".'
    )

    ticket = voicemail(desk, "Hello, facts sever again")
    transcript = ticket["entries"][0]["transcript"]
    assert transcript["text"] == "Hello, facts sever again"
    assert transcript["probably"] == [{"heard": "facts sever", "meant": "fax server"}]
    assert (ticket["priority"], ticket["tags"]) == ("high", ["fax"])
    assert "fax server (probably)" in desk.call("why", ref=ticket["ref"])["text"]


def test_a_recording_teaches_once_whatever_is_corrected_and_what_is_removed_is_found_no_more(
    desk: InProcessDesk,
) -> None:
    ref = voicemail(desk, "write facts is clown")["ref"]
    desk.call("tickets.correct", ref=ref, text="write fax is down")
    desk.call("tickets.correct", ref=ref, text="RightFax is down")
    other = voicemail(desk, "everything is clown")["ref"]
    desk.call("tickets.correct", ref=other, text="everything is down")
    listed = desk.call("phone.phrases")
    assert [(each["heard"], each["meant"], each["times"]) for each in listed] == [
        ("clown", "down", 2),
        ("write facts", "RightFax", 1),
    ]
    assert listed[0]["taught_by"] == "engineer"
    assert desk.call("phone.forget", heard="Clown")["removed"] == 1
    assert voicemail(desk, "it is clown")["entries"][0]["transcript"]["probably"] == []
    with pytest.raises(InboxdError, match="nobody has taught"):
        desk.call("phone.forget", heard="clown")


def test_a_number_that_was_put_right_is_the_one_to_call(make_desk: Callable[..., InProcessDesk]) -> None:
    desk = make_desk(rules=RULES)
    ref = voicemail(desk, "the printer is on fire, call me at 612 555 0142")["ref"]

    def called(words: str) -> str | None:
        return desk.call("tickets.correct", ref=ref, text=words)["callback"]["number"]

    assert called("the printer is on fire, call me at 612 555 0143") == "+16125550143"
    assert called("the printer is on fire! Call me at 612 555 0143.") == "+16125550143"
    assert called("the printer is on fire, extension 143") == "+15550111", "the one that was called from"
