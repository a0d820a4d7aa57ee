"""Calls become tickets: by webhooks in any order, by looking alone, and however much goes wrong on the way."""

import os
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from inboxd.call_story.process_call import RECORDING
from inboxd.errors import NotYet
from inboxd.joining import merging
from inboxd.joining.merging import By
from store import calls, tickets
from store.job import Job
from store.schema import jobs as jobs_table
from tests.harness.phone_provider import ACCOUNT, Caller, Provider, sign
from tests.integration.phone.conftest import LINE, PUBLIC, PhoneDesk

SOUND = b"RIFF" + bytes(8000)
MONDAY_NOON = datetime(2026, 1, 12, 18, 0, tzinfo=UTC)  # 12:00 in Chicago


def test_a_call_becomes_a_ticket_under_the_reference_that_its_caller_was_told(phone_desk: PhoneDesk) -> None:
    caller = phone_desk.caller
    call = caller.call("+15550100", LINE, says=SOUND, seconds=42, told={"StirVerstat": "TN-Validation-Passed-A"})
    action = next(each for each in caller.pending if each.url.endswith("/recorded"))
    status, twiml = caller.deliver(action)
    assert status == 200
    caller.deliver_all()
    phone_desk.settle()

    (ticket,) = phone_desk.tickets()
    said = ticket["ref"].replace("-", "")
    assert " ".join(said[:-1]) in twiml
    assert ticket["channel"] == "voicemail"
    assert ticket["source"] == LINE
    assert ticket["account"]["id"] == "acme"
    assert ticket["requester"]["phone"] == "+15550100"
    assert ticket["subject"].startswith("Voicemail, 0:")
    (entry,) = ticket["entries"]
    assert entry["transcript"]["text"] == "8004 bytes were said"
    assert entry["attachments"][0]["size"] == 8004
    assert any("TN-Validation-Passed-A" in each for each in ticket["identity"]["evidence"])
    found = phone_desk.call(call["sid"])
    assert found is not None
    assert (found.state, found.ref) == ("filed", ticket["ref"])
    # The clock runs from the call, not from when its sound was here.
    began = phone_desk.intakes()[0].received_at
    assert abs(began / 1000 - datetime.now(UTC).timestamp()) < 60


def test_a_call_that_began_long_ago_has_the_time_of_its_beginning(phone_desk: PhoneDesk) -> None:
    phone_desk.caller.call("+15550100", LINE, says=SOUND, at=MONDAY_NOON)
    phone_desk.caller.deliver_all()
    phone_desk.settle()
    assert phone_desk.tickets()[0]["created_at"] == "2026-01-12T18:00:00Z"


def test_no_call_begins_after_it_was_heard_of(phone_desk: PhoneDesk) -> None:
    phone_desk.caller.call("+15550100", LINE, says=SOUND, at=datetime.now(UTC) + timedelta(days=400))
    phone_desk.caller.deliver_all()
    phone_desk.settle()
    assert datetime.fromisoformat(phone_desk.tickets()[0]["created_at"]) <= datetime.now(UTC)


def test_shuffled_repeated_dropped_and_forged_deliveries_make_one_ticket_for_each_recording(
    phone_desk: PhoneDesk, chance: random.Random
) -> None:
    # `INBOXD_STORM=1000`: as large as the figure that is promised; the usual run is a tenth of it.
    deliveries = int(os.environ.get("INBOXD_STORM", "150"))
    storm(phone_desk, chance, calls_placed=max(12, deliveries // 10), deliveries=deliveries)


def storm(desk: PhoneDesk, chance: random.Random, *, calls_placed: int, deliveries: int) -> None:
    """Deliver so many webhooks in chance order, then look; every real call is one ticket, no other is."""
    caller = desk.caller
    placed = [
        caller.call(f"+155501{number % 100:02}", LINE, says=None if number % 6 == 5 else SOUND + bytes(number))
        for number in range(calls_placed)
    ]
    real = list(caller.pending)
    chance.shuffle(real)
    real = real[: len(real) * 3 // 4]  # the rest is never delivered
    forged = [_forged(caller, chance) for _ in range(deliveries // 5)]
    waiting = [chance.choice(real) for _ in range(deliveries - len(forged))] + forged
    chance.shuffle(waiting)
    caller.pending = waiting
    answers = caller.deliver_all()
    assert set(answers) == {200, 204, 403}
    desk.age(3600)
    desk.settle()
    desk.phone.poller.look()
    desk.settle()

    tickets = desk.tickets()
    assert len(tickets) == len(placed)
    filed = {desk.call(call["sid"]).ref for call in placed}
    assert {ticket["ref"] for ticket in tickets} == filed
    spoken = [ticket for ticket in tickets if ticket["entries"][0]["attachments"]]
    assert len(spoken) == sum(1 for number in range(calls_placed) if number % 6 != 5)
    assert all(len(ticket["entries"]) == 1 for ticket in tickets)


def test_two_daemons_on_one_database_make_one_ticket_of_each_call(
    make_phone_desk: Callable[..., PhoneDesk], postgres_url: str, chance: random.Random
) -> None:
    first, second = make_phone_desk(postgres_url), make_phone_desk(postgres_url)
    placed = [
        desk.caller.call(f"+155501{number:02}", LINE, says=None if number % 3 == 2 else SOUND + bytes(number))
        for number, desk in enumerate((first, second) * 6)
    ]
    waiting = [*first.caller.pending, *second.caller.pending]
    with ThreadPoolExecutor(4) as hands:
        for desk in (first, second):
            desk.caller.pending = chance.sample(waiting, len(waiting))  # each hears of every call
        list(hands.map(lambda desk: desk.caller.deliver_all(), (first, second)))
        list(hands.map(lambda desk: desk.phone.poller.look(), (first, second)))
    for desk in (first, second):
        desk.settle()
    tickets = first.tickets()
    assert sorted(ticket["ref"] for ticket in tickets) == sorted(first.call(call["sid"]).ref for call in placed)
    assert all(len(ticket["entries"]) == 1 for ticket in tickets)
    assert sum(bool(ticket["entries"][0]["attachments"]) for ticket in tickets) == 8


def _forged(caller: Caller, chance: random.Random):
    """A webhook nobody real has sent; every third one bears a good signature, of somebody who has the token."""
    form = {
        "AccountSid": ACCOUNT, "CallSid": f"CA{chance.getrandbits(128):032x}",
        "RecordingSid": f"RE{chance.getrandbits(128):032x}", "RecordingStatus": "completed",
        "From": "+15550166", "To": LINE, "CallStatus": "completed",
    }  # fmt: skip
    url = PUBLIC + chance.choice(["/twilio/recording", "/twilio/recorded", "/twilio/status"])
    delivery = caller.delivery(url, form)
    if chance.random() < 2 / 3:
        return type(delivery)(url, form, sign("another token", url, form))
    return delivery


@pytest.mark.parametrize("lost", [("recording",), ("recorded",), ("status",), ("recording", "recorded", "status")])
def test_whatever_webhook_is_lost_the_call_is_a_ticket_once(phone_desk: PhoneDesk, lost: tuple[str, ...]) -> None:
    caller = phone_desk.caller
    caller.call("+15550100", LINE, says=SOUND)
    caller.pending = [each for each in caller.pending if each.url.rpartition("/")[2] not in lost]
    caller.deliver_all()
    phone_desk.phone.poller.look()
    phone_desk.settle()
    assert len(phone_desk.tickets()) == 1


def test_a_caller_who_hangs_up_without_a_word_is_a_ticket_too(phone_desk: PhoneDesk) -> None:
    phone_desk.caller.call("+15550100", LINE, says=None)
    phone_desk.caller.deliver_all()
    phone_desk.settle()
    (ticket,) = phone_desk.tickets()
    assert "called, left no message" in ticket["subject"]
    assert ticket["account"]["id"] == "acme"
    assert ticket["entries"][0]["attachments"] == []


def test_nothing_at_all_is_lost_where_the_desk_was_away_during_the_call(phone_desk: PhoneDesk) -> None:
    state = phone_desk.provider.state
    spoken, silent = (state.add_call(number, LINE) for number in ("+15550100", "+15550101"))
    state.add_recording(spoken["sid"], SOUND)  # by the fallback, which stands at the provider
    for each in (spoken, silent):
        state.end_call(each["sid"], 9)
    state.add_call("+15550190", "+15550111", direction="outbound-api")
    phone_desk.phone.poller.look()
    phone_desk.phone.poller.look()
    phone_desk.settle()
    assert sorted(len(each["entries"][0]["attachments"]) for each in phone_desk.tickets()) == [0, 1]


def test_what_was_said_before_the_desk_began_to_look_is_noted_and_not_filed(phone_desk: PhoneDesk) -> None:
    # (The provider is asked for whole days: what is older than this may lie on one that nobody asks for.)
    long_ago = (datetime.now(UTC) - timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    call = phone_desk.provider.state.add_call("+15550100", LINE, at=long_ago)
    old = phone_desk.provider.state.add_recording(call["sid"], SOUND, at=long_ago)
    phone_desk.provider.state.end_call(call["sid"], 9)
    phone_desk.phone.poller.look()
    phone_desk.settle()
    assert phone_desk.tickets() == []
    assert phone_desk.recording(old["sid"]).state == "old"
    assert phone_desk.call(call["sid"]).state == "old"


def test_a_recording_that_is_not_of_a_caller_to_the_desk_is_none_of_its_business(phone_desk: PhoneDesk) -> None:
    state = phone_desk.provider.state
    outbound = state.add_call("+15550190", "+15550111", direction="outbound-api")
    made = state.add_recording(outbound["sid"], SOUND)
    conference = state.add_recording(outbound["sid"], SOUND, source="Conference")
    phone_desk.phone.poller.look()
    phone_desk.settle()
    assert phone_desk.tickets() == []
    assert {phone_desk.recording(each["sid"]).state for each in (made, conference)} == {"foreign"}


def test_what_the_provider_does_not_know_is_never_a_ticket(phone_desk: PhoneDesk) -> None:
    caller = phone_desk.caller
    form = {"AccountSid": ACCOUNT, "CallSid": "CA" + "a" * 32, "RecordingSid": "RE" + "b" * 32, "From": "+15550166"}
    assert caller.deliver(caller.delivery(f"{PUBLIC}/twilio/voice", form))[0] == 200
    assert caller.deliver(caller.delivery(f"{PUBLIC}/twilio/recording", form))[0] == 204
    phone_desk.age(3600)
    phone_desk.settle()
    assert phone_desk.tickets() == []
    assert phone_desk.recording(form["RecordingSid"]).state == "unknown"
    assert phone_desk.call(form["CallSid"]).state == "unknown"


def test_a_recording_whose_call_was_deleted_at_the_provider_is_a_ticket_of_nobody(phone_desk: PhoneDesk) -> None:
    state = phone_desk.provider.state
    call = state.add_call("+15550100", LINE)
    state.add_recording(call["sid"], SOUND)
    state.calls.clear()
    phone_desk.phone.poller.look()
    phone_desk.age(11 * 60)
    phone_desk.settle()
    (ticket,) = phone_desk.tickets()
    assert ticket["entries"][0]["transcript"]["text"] == "8004 bytes were said"
    assert (ticket["account"], ticket["callback"]["number"], ticket["identity"]["by"]) == (None, None, None)
    assert any("does not know its call any more" in each for each in ticket["identity"]["evidence"])


def test_there_is_no_ticket_while_the_caller_still_speaks(phone_desk: PhoneDesk) -> None:
    state = phone_desk.provider.state
    call = state.add_call("+15550100", LINE)
    recording = state.add_recording(call["sid"], SOUND, status="in-progress")
    phone_desk.phone.poller.look()
    phone_desk.age(200)

    def looked_at() -> int:
        return sum(f"/Calls/{call['sid']}.json" in each for each in phone_desk.provider.questions)

    for _ in range(2):  # who looks for the second time is through with the first
        before = looked_at()
        phone_desk.hurry()
        phone_desk.wait_until(lambda before=before: looked_at() > before, "the call is looked at")
    assert phone_desk.tickets() == []
    recording["status"] = "completed"
    state.end_call(call["sid"], 240)
    phone_desk.settle()
    (ticket,) = phone_desk.tickets()
    assert len(ticket["entries"]) == 1, "the sound came with the ticket, not after it"


def test_who_speaks_long_is_asked_about_less_often_and_never_waited_for_long(phone_desk: PhoneDesk) -> None:
    state = phone_desk.provider.state
    call = state.add_call("+15550100", LINE)
    state.add_recording(call["sid"], SOUND, status="in-progress")
    phone_desk.phone.poller.look()
    waits: list[float] = []
    while sum(waits) < 3600:
        with phone_desk.store.read() as txn:
            (job,) = txn.execute(select(jobs_table).where(jobs_table.c.kind == RECORDING)).mappings()
        taken = Job(**{each.name: job[each.name] for each in fields(Job)})
        with pytest.raises(NotYet) as later:
            phone_desk.phone.handlers[RECORDING](taken)
        waits.append(later.value.seconds)
        phone_desk.age(round(waits[-1]))
    assert max(waits) <= 15
    assert len(waits) <= 3600 / 15 + 30


def test_what_the_provider_knows_later_than_was_waited_for_is_a_ticket_all_the_same(phone_desk: PhoneDesk) -> None:
    call = phone_desk.caller.call("+15550100", LINE, says=SOUND)
    held = dict(phone_desk.provider.state.recordings)
    phone_desk.provider.state.recordings.clear()
    phone_desk.caller.deliver_all()
    phone_desk.age(3600)
    phone_desk.settle()
    (sid,) = held
    assert phone_desk.recording(sid).state == "unknown"
    phone_desk.provider.state.recordings.update(held)
    for _ in range(2):
        phone_desk.phone.poller.look()
        phone_desk.settle()
    assert phone_desk.recording(sid).state == "stored"
    heard = [ticket for ticket in phone_desk.tickets() if any(each["attachments"] for each in ticket["entries"])]
    assert [ticket["ref"] for ticket in heard] == [phone_desk.call(call["sid"]).ref]


@pytest.mark.parametrize("looks", [0, 1])
@pytest.mark.parametrize("days", [40, -400])
def test_a_clock_that_is_wrong_hides_no_recording_and_files_none_that_others_have_heard(
    phone_desk: PhoneDesk, monkeypatch: pytest.MonkeyPatch, looks: int, days: int
) -> None:
    state = phone_desk.provider.state
    long_ago = datetime.now(UTC) - timedelta(days=30)
    state.add_recording(state.add_call("+15550100", LINE, at=long_ago)["sid"], SOUND, at=long_ago)
    for _ in range(looks):
        phone_desk.phone.poller.look()
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + days * 24 * 3600 * 10**9)
    phone_desk.phone.poller.look()
    call = state.add_call("+15550100", LINE)
    state.add_recording(call["sid"], SOUND)
    state.end_call(call["sid"], 9)
    phone_desk.phone.poller.look()
    phone_desk.settle()
    assert len(phone_desk.tickets()) == 1
    ahead = phone_desk.phone.poller.view()["clock_ahead_seconds"]
    assert round(ahead / 86400) == days


def test_a_provider_that_does_not_say_what_time_it_is_is_asked_by_our_clock(
    phone_desk: PhoneDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone_desk.phone.api, "now", lambda: None)
    phone_desk.phone.poller.look()
    assert phone_desk.phone.poller.view()["clock_ahead_seconds"] is None


def test_the_ticket_stands_while_the_sound_is_late_and_the_sound_joins_it(phone_desk: PhoneDesk) -> None:
    caller = phone_desk.caller
    call = caller.call("+15550100", LINE, says=SOUND, status="processing")
    caller.deliver_all()
    phone_desk.wait_until(lambda: phone_desk.knows_call(call["sid"]), "the call is noted")
    assert phone_desk.tickets() == []
    phone_desk.age(180)
    phone_desk.hurry()
    phone_desk.worker.wake()
    phone_desk.wait_until(phone_desk.tickets, "a ticket without the sound")
    (ticket,) = phone_desk.tickets()
    assert "goes on looking" in ticket["entries"][0]["transcript"]["note"]

    for record in phone_desk.provider.state.recordings.values():
        record["status"] = "completed"
    phone_desk.settle()
    (ticket,) = phone_desk.tickets()
    assert [len(each["attachments"]) for each in ticket["entries"]] == [0, 1]
    assert ticket["entries"][1]["transcript"]["text"] == "8004 bytes were said"
    assert "8004 bytes" in ticket["subject"]
    assert ticket["type"] == "incident", "the rules decide with its words as with those of any call"


def _late(phone_desk: PhoneDesk, sound: bytes = SOUND, number: str = "+15550199") -> dict[str, Any]:
    """Give the ticket of a call whose sound is not there yet, and let it come: `_comes`."""
    before = len(phone_desk.tickets())
    phone_desk.caller.call(number, LINE, says=sound, status="processing")
    phone_desk.caller.deliver_all()
    phone_desk.age(180)
    phone_desk.hurry()
    phone_desk.wait_until(lambda: len(phone_desk.tickets()) == before + 1, "a ticket without the sound")
    return phone_desk.tickets()[-1]


def _comes(phone_desk: PhoneDesk) -> None:
    for record in phone_desk.provider.state.recordings.values():
        record["status"] = "completed"
    phone_desk.settle()


def _merge(phone_desk: PhoneDesk, gone: dict[str, Any], stays: dict[str, Any]) -> None:
    def merged(txn: Connection) -> None:
        into, ticket = (tickets.get(txn, each["ref"], for_update=True) for each in (stays, gone))
        merging.merge(txn, ticket, into, by=By(name="engineer", actor="engineer", calendars={}), at=ticket.created_at)

    phone_desk.store.write(merged)


def test_a_late_sound_does_not_rename_the_ticket_that_its_call_was_merged_into(phone_desk: PhoneDesk) -> None:
    phone_desk.caller.call("+15550100", LINE, says=None)
    phone_desk.caller.deliver_all()
    phone_desk.settle()
    (before,) = phone_desk.tickets()
    _merge(phone_desk, _late(phone_desk, SOUND + SOUND), before)
    _comes(phone_desk)
    after = phone_desk.tickets()[0]
    assert len(after["entries"]) == 3
    assert after["entries"][2]["transcript"]["text"].endswith("bytes were said")
    assert (after["subject"], after["account"]) == (before["subject"], before["account"])


@pytest.mark.parametrize("number", ["+15550199", "+15550100"])
def test_a_late_sound_belongs_to_the_ticket_its_call_was_merged_into_though_another_call_there_has_its_own(
    phone_desk: PhoneDesk, number: str
) -> None:
    phone_desk.caller.call("+15550100", LINE, says=SOUND)
    phone_desk.caller.deliver_all()
    phone_desk.settle()
    (before,) = phone_desk.tickets()
    gone = _late(phone_desk, SOUND + SOUND, number)
    _merge(phone_desk, gone, before)
    _comes(phone_desk)
    stays, closed = phone_desk.tickets()
    assert closed["ref"] == gone["ref"]
    heard = ["8004 bytes were said", "", "16008 bytes were said"]
    assert [each["transcript"]["text"] for each in stays["entries"]] == heard
    assert stays["subject"] == before["subject"]


def test_a_second_recording_is_no_late_sound_wherever_the_call_stands(phone_desk: PhoneDesk) -> None:
    state = phone_desk.provider.state
    first = _late(phone_desk)
    (call,) = state.calls
    _comes(phone_desk)
    state.add_recording(call, SOUND + SOUND)
    phone_desk.phone.poller.look()
    phone_desk.settle()
    assert [len(each["entries"]) for each in phone_desk.tickets()] == [2, 1]
    assert phone_desk.tickets()[0]["ref"] == first["ref"]


def test_a_sound_that_comes_after_the_ticket_was_closed_is_filed_anew_and_each_names_the_other(
    phone_desk: PhoneDesk,
) -> None:
    closed = _late(phone_desk)

    def close(txn: Connection) -> None:
        ticket = tickets.get(txn, closed["ref"], for_update=True)
        tickets.update(txn, ticket.id, at=ticket.created_at, status="closed", closed_at=ticket.created_at)

    phone_desk.store.write(close)
    _comes(phone_desk)
    old, new = phone_desk.tickets()
    assert (old["status"], len(old["entries"])) == ("closed", 1)
    assert (new["status"], [len(each["attachments"]) for each in new["entries"]]) == ("open", [1])
    assert any(f"{old['ref']}, where it stands without, is closed" in each for each in new["identity"]["evidence"])
    for one, other in ((old, new), (new, old)):
        assert f"linked with {other['ref']}" in [each["what"] for each in one["events"]]


@pytest.mark.parametrize("status", [302, 403, 429, 500])
def test_the_ticket_stands_while_the_sound_cannot_be_fetched_whatever_the_reason(
    phone_desk: PhoneDesk, status: int
) -> None:
    fault = phone_desk.provider.fail(r"\.wav", status, 0, times=None)
    phone_desk.caller.call("+15550100", LINE, says=SOUND)
    phone_desk.caller.deliver_all()
    phone_desk.wait_until(lambda: any(".wav" in each for each in phone_desk.provider.questions), "the sound is wanted")
    phone_desk.age(180)
    phone_desk.hurry()
    phone_desk.wait_until(phone_desk.tickets, "a ticket without the sound")
    (ticket,) = phone_desk.tickets()
    assert "cannot be fetched" in ticket["entries"][0]["transcript"]["note"]
    phone_desk.provider.faults.remove(fault)
    phone_desk.settle()
    (ticket,) = phone_desk.tickets()
    assert [len(each["attachments"]) for each in ticket["entries"]] == [0, 1]
    assert ticket["subject"].endswith("8004 bytes were said")


def test_a_sound_that_never_comes_is_waited_for_a_week_and_then_said_so(phone_desk: PhoneDesk) -> None:
    phone_desk.caller.call("+15550100", LINE, says=SOUND, status="processing")
    phone_desk.caller.deliver_all()
    phone_desk.age(8 * 24 * 3600)
    phone_desk.settle()
    (ticket,) = phone_desk.tickets()
    assert "nobody looks any more" in ticket["entries"][0]["transcript"]["note"]
    assert phone_desk.recording(next(iter(phone_desk.provider.state.recordings))).state == "absent"


def test_webhooks_that_come_again_after_all_is_done_change_nothing(
    phone_desk: PhoneDesk, chance: random.Random
) -> None:
    caller = phone_desk.caller
    caller.call("+15550100", LINE, says=SOUND)
    caller.call("+15550101", LINE, says=None)
    again = list(caller.pending)
    caller.deliver_all()
    phone_desk.settle()
    before = phone_desk.tickets()
    caller.pending = again * 3
    assert set(caller.deliver_all(shuffled=chance)) <= {200, 204}
    phone_desk.settle()
    assert phone_desk.tickets() == before


def test_a_signed_webhook_cannot_give_a_recording_to_another_call(phone_desk: PhoneDesk) -> None:
    caller = phone_desk.caller
    first = caller.call("+15550100", LINE, says=SOUND)
    second = caller.call("+15550101", "+15550191", says=SOUND + b"1")
    for delivery in caller.pending:
        mixed = {
            **delivery.form,
            "CallSid": second["sid"] if delivery.form["CallSid"] == first["sid"] else first["sid"],
        }
        caller.deliver(caller.delivery(delivery.url, mixed))
    phone_desk.settle()
    found = {ticket["requester"]["phone"]: (ticket["ref"], ticket["source"]) for ticket in phone_desk.tickets()}
    assert found == {
        "+15550100": (phone_desk.call(first["sid"]).ref, LINE),
        "+15550101": (phone_desk.call(second["sid"]).ref, "+15550191"),
    }


@pytest.mark.parametrize(
    ("more", "note"),
    [({"status": "deleted"}, "no sound of it (deleted"), ({"status": "absent", "error_code": 16101}, "left no")],
)
def test_a_recording_that_will_never_be_there_leaves_a_ticket_that_says_so(
    phone_desk: PhoneDesk, more: dict[str, object], note: str
) -> None:
    phone_desk.caller.call("+15550100", LINE, says=SOUND, **more)  # type: ignore[arg-type]
    phone_desk.caller.deliver_all()
    phone_desk.settle()
    (ticket,) = phone_desk.tickets()
    assert note in ticket["entries"][0]["transcript"]["note"]


def test_a_recording_larger_than_is_fetched_leaves_a_ticket_that_says_where_it_is(
    make_phone_desk: Callable[..., PhoneDesk],
) -> None:
    desk = make_phone_desk(max_size=1_048_576)
    desk.caller.call("+15550100", LINE, says=bytes(1_048_577))
    desk.caller.deliver_all()
    desk.settle()
    (ticket,) = desk.tickets()
    sid = next(iter(desk.provider.state.recordings))
    assert sid in ticket["entries"][0]["transcript"]["note"]


@pytest.mark.parametrize(("status", "code"), [(429, 20429), (500, 20500), (401, 20003), (0, 0)])
def test_while_the_provider_cannot_be_asked_jobs_wait_and_webhooks_are_answered(
    phone_desk: PhoneDesk, status: int, code: int
) -> None:
    fault = phone_desk.provider.fail("GET", status, code, times=None)
    phone_desk.caller.call("+15550100", LINE, says=SOUND)
    assert set(phone_desk.caller.deliver_all()) == {200, 204}
    phone_desk.wait_until(
        lambda: any("Recordings/" in each for each in phone_desk.provider.questions), "the recording is asked for"
    )
    assert phone_desk.tickets() == []
    phone_desk.provider.faults.remove(fault)
    phone_desk.settle()
    assert len(phone_desk.tickets()) == 1


def test_recordings_are_deleted_at_the_provider_after_the_commit_where_that_is_wanted(
    make_phone_desk: Callable[..., PhoneDesk],
) -> None:
    desk = make_phone_desk(recordings="delete")
    desk.caller.call("+15550100", LINE, says=SOUND)
    desk.caller.deliver_all()
    desk.settle()
    (row,) = [desk.recording(row.envelope["recording_sid"]) for row in desk.intakes()]
    assert desk.provider.state.recordings == {}
    assert row is not None
    assert row.after is None
    assert desk.tickets()[0]["entries"][0]["attachments"][0]["size"] == 8004


def test_a_blocked_caller_is_turned_away_and_what_comes_all_the_same_is_tagged(phone_desk: PhoneDesk) -> None:
    phone_desk.store.write(lambda txn: calls.block(txn, "+15550166", until=None, by="engineer-1"))
    caller = phone_desk.caller
    call = caller.call("+15550166", LINE, says=SOUND)
    assert caller.heard == []
    caller.deliver_all()
    phone_desk.settle()
    assert phone_desk.tickets() == []
    assert phone_desk.call(call["sid"]).state == "blocked"
    phone_desk.provider.state.add_recording(call["sid"], SOUND)
    phone_desk.phone.poller.look()
    phone_desk.settle()
    assert phone_desk.tickets()[0]["tags"] == ["blocked"]


def test_a_withheld_number_and_a_forged_one_are_told_apart_from_a_callers_own(phone_desk: PhoneDesk) -> None:
    caller = phone_desk.caller
    for number in ("+266696687", LINE, "sip:someone@pbx.example"):
        caller.call(number, LINE, says=SOUND)
    caller.deliver_all()
    phone_desk.settle()
    said = [" ".join(ticket["identity"]["evidence"]) for ticket in phone_desk.tickets()]  # in whatever order they came
    assert len(said) == 3
    for words in ("is withheld", "own lines", '"sip:someone@pbx.example" is no number'):
        assert sum(words in each for each in said) == 1
    assert sorted(each["requester"]["phone"] or "" for each in phone_desk.tickets()) == ["", "", LINE]


def test_two_recordings_of_one_call_are_two_tickets(phone_desk: PhoneDesk, provider: Provider) -> None:
    call = provider.state.add_call("+15550100", LINE)
    provider.state.end_call(call["sid"], 60)
    for length in (1000, 2000):
        provider.state.add_recording(call["sid"], b"RIFF" + bytes(length))
    phone_desk.phone.poller.look()
    phone_desk.settle()
    assert [len(each["entries"]) for each in phone_desk.tickets()] == [1, 1]
