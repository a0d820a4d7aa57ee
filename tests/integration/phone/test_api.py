"""The conversation with the phone provider: twilio's real client, and a provider judged by its own description."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from inboxd.phone_api import LineAt, MediaTooLarge, NotThere, PhoneApi
from inboxd.remote.trouble import Troubled
from inboxd.settings import Settings
from tests.harness.phone_provider import Provider


def test_the_whole_conversation_holds_to_the_published_description(judged_provider: Provider, api: PhoneApi) -> None:
    state = judged_provider.state
    number = state.add_number("+15550190", "help line")
    call = state.add_call("+15550100", "+15550190")
    first, second = (state.add_recording(call["sid"], b"RIFF" + bytes(4000), seconds=n) for n in (4, 5))
    yesterday = datetime.now(UTC) - timedelta(days=1)

    assert api.account_status() == "active"
    assert [each.number for each in api.numbers()] == ["+15550190"]
    api.set_number(number["sid"], LineAt(voice_url="https://desk.example.com/twilio/voice", voice_method="POST"))
    assert api.numbers()[0].at.voice_url == "https://desk.example.com/twilio/voice"
    found = api.call(call["sid"])
    assert (found.caller, found.called, found.direction) == ("+15550100", "+15550190", "inbound")
    assert [each.sid for each in api.calls_to("+15550190", yesterday)] == [call["sid"]]
    assert [each.sid for each in api.recordings(yesterday)] == [second["sid"], first["sid"]]
    assert [each.seconds for each in api.recordings_of(call["sid"])] == [5, 4]
    assert api.recording(first["sid"]).status == "completed"
    sound = io.BytesIO()
    api.fetch_media(first["sid"], sound)
    assert len(sound.getvalue()) == 4004
    api.delete_recording(first["sid"])
    api.delete_recording(first["sid"])  # gone already is deleted
    assert api.place_call(to="+15550111", from_="+15550190", twiml="<Response/>", status_callback="https://a.example/x")
    assert api.send_sms(to="+15550111", from_="+15550190", body="Answer 1 to take it.")

    assert judged_provider.complaints == []
    assert len(judged_provider.questions) == 14


def test_the_judge_finds_what_the_description_does_not_allow(judged_provider: Provider, api: PhoneApi) -> None:
    call = judged_provider.state.add_call("+15550100", "+15550190")
    recording = judged_provider.state.add_recording(call["sid"], b"")
    recording["duration"] = 4  # a number, where the provider gives text
    api.recording(recording["sid"])
    call["mood"] = "cheerful"
    api.call(call["sid"])
    with pytest.raises(NotThere):
        api.recording("RE123")
    assert len(judged_provider.complaints) == 3
    judged_provider.complaints.clear()


def test_more_recordings_than_a_page_holds_are_all_listed(provider: Provider, api: PhoneApi) -> None:
    call = provider.state.add_call("+15550100", "+15550190")
    made = [provider.state.add_recording(call["sid"], b"")["sid"] for _ in range(1001)]
    listed = [each.sid for each in api.recordings(datetime.now(UTC) - timedelta(days=2))]
    assert listed == made[::-1]


@pytest.mark.parametrize(
    ("status", "code", "kind", "words"),
    [
        (401, 20003, "credentials", "auth_token_file"),
        (403, 20003, "credentials", "auth_token_file"),
        (429, 20429, "temporary", "too many"),
        (500, 20500, "temporary", "cannot answer"),
        (0, 0, "temporary", "no connection"),
        (400, 21211, "refused", "21211"),
    ],
)
def test_each_way_of_failing_has_its_kind_and_says_what_helps(
    provider: Provider, api: PhoneApi, status: int, code: int, kind: str, words: str
) -> None:
    call = provider.state.add_call("+15550100", "+15550190")
    provider.fail("GET", status, code, times=None)
    for ask in (
        lambda: api.call(call["sid"]),
        lambda: list(api.recordings(datetime.now(UTC))),
        lambda: api.fetch_media("RE" + "0" * 32, io.BytesIO()),
    ):
        with pytest.raises(Troubled) as troubled:
            ask()
        assert troubled.value.trouble.kind == kind
        # A page of a list and the sound say no more than the status.
        assert words in str(troubled.value) or str(status) in str(troubled.value)
        assert "0123456789abcdef" not in str(troubled.value)


def test_a_token_that_was_changed_in_its_file_is_used_at_the_next_question(
    provider: Provider, api: PhoneApi, tmp_path: Path
) -> None:
    assert api.account_status() == "active"
    provider.token = "another"
    with pytest.raises(Troubled):
        api.account_status()
    (tmp_path / "token").write_text("another\n", "utf-8")
    assert api.account_status() == "active"


def test_an_answer_cannot_lead_to_another_host(provider: Provider, api: PhoneApi) -> None:
    call = provider.state.add_call("+15550100", "+15550190")
    record = provider.state.add_recording(call["sid"], b"sound")
    record["media_url"] = "http://192.0.2.1/elsewhere"
    into = io.BytesIO()
    api.fetch_media(record["sid"], into)
    assert into.getvalue() == b"sound"


def test_a_recording_that_is_too_large_is_not_read_to_its_end(
    provider: Provider, phone_settings: Callable[..., Settings]
) -> None:
    call = provider.state.add_call("+15550100", "+15550190")
    record = provider.state.add_recording(call["sid"], bytes(2_000_000))
    twilio = phone_settings(max_size=1_048_576).twilio
    assert twilio is not None
    with pytest.raises(MediaTooLarge, match="1,048,576"):
        PhoneApi(twilio).fetch_media(record["sid"], io.BytesIO())


@pytest.mark.parametrize("empty", [False, True])
def test_pages_that_lead_round_in_a_circle_end(provider: Provider, api: PhoneApi, *, empty: bool) -> None:
    call = provider.state.add_call("+15550100", "+15550190")
    provider.state.add_recording(call["sid"], b"")

    def to_itself(_: str, page: dict[str, Any]) -> dict[str, Any]:
        return {**page, "next_page_uri": page["uri"]} | ({"recordings": []} if empty else {})

    provider.alter = to_itself
    with pytest.raises(Troubled) as troubled:
        list(api.recordings(datetime.now(UTC) - timedelta(days=1)))
    assert troubled.value.trouble.kind == "temporary"
    assert len(provider.questions) == 2


@pytest.mark.parametrize("address", ["https://evil.example/steal", "http://127.0.0.1:9/steal", "file:///etc/passwd"])
def test_a_page_elsewhere_is_never_asked_for(provider: Provider, api: PhoneApi, address: str) -> None:
    provider.alter = lambda _, page: {**page, "meta": {"key": "recordings", "next_page_url": address}}
    with pytest.raises(Troubled):
        list(api.recordings(datetime.now(UTC) - timedelta(days=1)))
    assert len(provider.questions) == 1


def test_a_record_with_nonsense_in_it_hides_no_other(provider: Provider, api: PhoneApi) -> None:
    call = provider.state.add_call("+15550100", "+15550190")
    made = [provider.state.add_recording(call["sid"], b"") for _ in range(2)]
    nonsense = {"date_created": "yesterday", "start_time": "??", "duration": ["4"], "status": "cheerful"}
    provider.alter = lambda _, page: {**page, "recordings": [page["recordings"][0] | nonsense, page["recordings"][1]]}
    odd, sound = api.recordings(datetime.now(UTC) - timedelta(days=1))
    assert (odd.sid, odd.created_at, odd.seconds, odd.status) == (made[1]["sid"], None, None, "processing")
    assert (sound.sid, sound.seconds) == (made[0]["sid"], 4)


NONSENSE = {
    "from": ["+15550100"], "to": {}, "forwarded_from": 1, "caller_name": ["x"], "direction": None, "duration": "9" * 30,
    "call_sid": ["CA"], "error_code": {}, "stir_verstat": {},
}  # fmt: skip


def test_nonsense_in_a_record_is_nothing_and_an_answer_about_something_else_is_none(
    provider: Provider, api: PhoneApi
) -> None:
    call = provider.state.add_call("+15550100", "+15550190")
    made = provider.state.add_recording(call["sid"], b"")
    provider.alter = lambda _, found: found | NONSENSE
    told = api.call(call["sid"])
    assert (told.caller, told.called, told.direction, told.seconds) == ("", "", "", None)
    assert (told.forwarded_from, told.caller_name, told.attestation) == (None, None, None)
    sound = api.recording(made["sid"])
    assert (sound.call_sid, sound.seconds, sound.error_code) == ("", None, None)
    provider.alter = lambda _, found: found | {"sid": call["sid"][:-1] + "x"}
    for ask in (lambda: api.call(call["sid"]), lambda: api.recording(made["sid"])):
        with pytest.raises(Troubled, match="not what the API gives"):
            ask()
