"""A call at night wakes somebody: the daemon as a whole, the provider's calls and keys, and kills between the steps."""

import io
import json
import sqlite3
import wave
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pytest

from tests.harness.desk import Daemon, Desk, wait_until
from tests.harness.phone_provider import ACCOUNT, Caller, Provider

PUBLIC = "https://desk.example.com"
RULES = """
lines:
  private: {number: "+15550191", default: true}
oncall:
  people:
    engineer-1: {call: "+15550171"}
    lead:       {sms: "+15550179"}
  rota:     {turns: [engineer-1], each: week, from: 2026-01-05 08:00}
  escalate: [{page: rota, wait: 1h}, {page: lead, wait: 1h}, {page: rota, wait: 1h}]
decide:
  page:
    - {rule: at-night, when: {channel: voicemail, line: private}, then: {page: rota}}
"""


@pytest.fixture
def paging(desk: Desk, provider: Provider) -> Desk:
    """A desk with a rota and a provider; nothing but pages leaves it."""
    (desk.folder / "rules.yaml").write_text(RULES, "utf-8")
    desk.change({"twilio": provider.section(desk.folder), "http": {"public_url": PUBLIC}, "rules": None})
    desk.config.write_text(json.dumps({**desk.settings(), "rules": "rules.yaml"}), "utf-8")
    return desk


@pytest.fixture
def on_duty(paging: Desk) -> Iterator[Daemon]:
    running = paging.start()
    yield running
    running.kill()


def silence(folder_name: str) -> bytes:
    content = io.BytesIO()
    with wave.open(content, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000))
    return content.getvalue() + folder_name.encode()


def leave_voicemail(desk: Desk, caller: str = "+15550199") -> str:
    """Hand in a recording that nobody has listened to; give the ticket's reference, recogniser included."""
    path = desk.folder / f"{caller}.wav"
    path.write_bytes(silence(caller))
    (outcome,) = desk.json("ingest", str(path), "--caller", caller, "--called", "+15550191")
    return str(outcome["ticket"]["ref"])


def placed(provider: Provider) -> list[str]:
    return [call["to"] for call in provider.state.calls.values() if call["direction"].startswith("outbound")]


def events(desk: Desk, ref: str) -> list[str]:
    return [str(event["what"]) for event in desk.json("tickets", "show", ref)[0]["events"]]


def pages(desk: Desk) -> list[tuple[str, str]]:
    return [(item["to"], item["state"]) for item in desk.json("outbox", "list") if item["kind"] == "page"]


def steps_left(desk: Desk) -> int:
    with sqlite3.connect(f"file:{desk.folder}/inboxd.db?mode=ro", uri=True) as database:
        query = "SELECT count(*) FROM jobs WHERE kind = 'escalate' AND state <> 'done'"
        return int(database.execute(query).fetchone()[0])


def let_the_wait_end(desk: Desk) -> None:
    """Let the step that waits be due now: a shortened wait that hangs on no machine's speed."""
    with sqlite3.connect(f"{desk.folder}/inboxd.db", timeout=30) as database:
        database.execute("UPDATE jobs SET due_at = 1 WHERE kind = 'escalate' AND state = 'ready'")


def press(provider: Provider, daemon: Daemon, sid: str, digit: str) -> str:
    """Answer the call and press a key, as the TwiML asks for it; give what is said back."""
    twiml = ET.fromstring(provider.state.twiml[sid])
    gather = twiml.find("Gather")
    assert gather is not None
    caller = Caller(provider, ("127.0.0.1", daemon.ports["http"]), PUBLIC)
    form = {"CallSid": sid, "AccountSid": ACCOUNT, "Digits": digit, "From": "+15550191", "To": "+15550171"}
    status, answer = caller.deliver(caller.delivery(gather.attrib["action"], form))
    assert status == 200, answer
    return answer


def test_a_call_wakes_the_engineer_before_anybody_listened_and_key_1_ends_it(
    paging: Desk, on_duty: Daemon, provider: Provider
) -> None:
    ref = leave_voicemail(paging)
    wait_until(lambda: placed(provider) == ["+15550171"], within=120, what="a call to the engineer")
    told = events(paging, ref)
    assert told.index("paged engineer-1") < next(at for at, what in enumerate(told) if "transcribed" in what)
    (ticket,) = paging.json("tickets", "show", ref)
    assert ticket["priority"] == "urgent"
    (sid,) = [sid for sid, call in provider.state.calls.items() if call["direction"].startswith("outbound")]
    assert "Reference" in provider.state.twiml[sid]
    # Nobody answers: the lead gets a text message.
    let_the_wait_end(paging)
    wait_until(lambda: len(provider.state.messages) == 1, within=120, what="a text message to the lead")
    assert ref in next(iter(provider.state.messages.values()))["body"]
    assert "yours" in press(provider, on_duty, sid, "1")
    items = [item for item in paging.json("outbox", "list") if item["kind"] == "page"]
    assert {item["acknowledged_by"] for item in items} == {"engineer-1"}
    assert paging.json("oncall", "now")[0]["pages"] == []
    # The step that waits finds nothing to do when its time comes.
    let_the_wait_end(paging)
    wait_until(lambda: steps_left(paging) == 0, within=120, what="the last step to be looked at")
    assert placed(provider) == ["+15550171"]
    assert [to for to, _ in pages(paging)] == ["tel:+15550171", "sms:+15550179"]


def test_a_daemon_that_is_killed_between_the_steps_goes_on_and_takes_each_once(
    paging: Desk, on_duty: Daemon, provider: Provider
) -> None:
    ref = leave_voicemail(paging)
    wait_until(lambda: placed(provider) == ["+15550171"], within=120, what="a call to the engineer")
    on_duty.kill()
    let_the_wait_end(paging)
    again = paging.start()
    try:
        wait_until(lambda: "paged lead" in events(paging, ref), within=120, what="the second step")
        again.kill()
        let_the_wait_end(paging)
        again = paging.start()
        wait_until(lambda: events(paging, ref).count("paged engineer-1") == 2, within=120, what="the third step")
        wait_until(lambda: {state for _, state in pages(paging)} == {"sent"}, within=120, what="all of it to be sent")
        assert [to for to, _ in pages(paging)] == ["tel:+15550171", "sms:+15550179", "tel:+15550171"]
        assert [call["ticket"] for call in paging.json("oncall", "now")[0]["pages"]] == [ref]
        (taken,) = paging.json("oncall", "ack", ref)
        assert taken["state"] == "acknowledged"
    finally:
        again.kill()
