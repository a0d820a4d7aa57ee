"""Who may tell the desk of calls, and what callers hear."""

import asyncio
import random
import socket
from dataclasses import replace
from datetime import UTC, date, datetime
from http.client import HTTPConnection
from typing import Any
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import pytest
from aiohttp.test_utils import make_mocked_request

import inboxd.web
from inboxd.phone import webhooks
from inboxd.phone.spoken import Voice, digits
from store.clock import now_ms
from tests.harness.phone_provider import ACCOUNT, Delivery, sign
from tests.integration.phone.conftest import LINE, PUBLIC, PhoneDesk

CALL = {
    "CallSid": "CA" + "a" * 32, "AccountSid": ACCOUNT, "From": "+15550100", "To": LINE, "CallStatus": "ringing",
    "CallerName": "", "FromCity": "",
}  # fmt: skip
VOICE = f"{PUBLIC}/twilio/voice"


def test_a_signed_call_is_greeted_and_answered_after_the_commit(phone_desk: PhoneDesk) -> None:
    caller = phone_desk.caller
    status, twiml = caller.deliver(caller.delivery(VOICE, CALL))
    assert status == 200
    assert f'action="{PUBLIC}/twilio/recorded"' in twiml
    assert f'recordingStatusCallback="{PUBLIC}/twilio/recording"' in twiml
    assert 'recordingStatusCallbackEvent="completed absent"' in twiml
    assert 'trim="do-not-trim"' in twiml
    assert phone_desk.knows_call(CALL["CallSid"])


@pytest.mark.parametrize(
    "wrong",
    [
        Delivery(VOICE, CALL, ""),
        Delivery(VOICE, CALL, "no signature"),
        Delivery(VOICE, CALL, "ü"),
        Delivery(VOICE, CALL, sign("another token", VOICE, CALL)),
        Delivery(VOICE, {**CALL, "From": "+15550101"}, sign("0123456789abcdef0123456789abcdef", VOICE, CALL)),
        # Signed for another path, or for the address that the proxy has inside.
        Delivery(VOICE, CALL, sign("0123456789abcdef0123456789abcdef", f"{PUBLIC}/twilio/status", CALL)),
        Delivery(VOICE, CALL, sign("0123456789abcdef0123456789abcdef", "http://127.0.0.1:8080/twilio/voice", CALL)),
    ],
    ids=["none", "nonsense", "not ASCII", "another token", "changed", "another path", "another host"],
)
def test_what_the_provider_did_not_sign_is_turned_away_and_leaves_nothing(
    phone_desk: PhoneDesk, wrong: Delivery
) -> None:
    assert phone_desk.caller.deliver(wrong)[0] == 403
    assert not phone_desk.knows_call(CALL["CallSid"])


@pytest.mark.parametrize(
    "form",
    [
        {**CALL, "AccountSid": "AC" + "f" * 32},
        {**CALL, "CallSid": "CA123"},
        {k: v for k, v in CALL.items() if k != "CallSid"},
    ],
)
def test_a_good_signature_alone_is_not_enough(phone_desk: PhoneDesk, form: dict[str, str]) -> None:
    assert phone_desk.caller.deliver(phone_desk.caller.delivery(VOICE, form))[0] == 403


def test_a_signed_text_message_of_nobody_who_was_paged_is_not_answered(phone_desk: PhoneDesk) -> None:
    said = {"MessageSid": "SM" + "a" * 32, "AccountSid": ACCOUNT, "From": "+15550100", "To": LINE, "Body": "1"}
    caller, url = phone_desk.caller, f"{PUBLIC}/twilio/sms"
    status, twiml = caller.deliver(caller.delivery(url, said))
    assert (status, "<Message>" in twiml) == (200, False)
    assert caller.deliver(caller.delivery(url, {**said, "MessageSid": "1"}))[0] == 403
    assert caller.deliver(Delivery(url, said, ""))[0] == 403


def test_the_host_that_a_request_names_plays_no_part_in_its_signature(phone_desk: PhoneDesk) -> None:
    delivery = phone_desk.caller.delivery(VOICE, CALL)
    assert phone_desk.caller.deliver(delivery, Host="elsewhere.example")[0] == 200


def test_under_the_public_name_nothing_answers_but_the_webhooks(phone_desk: PhoneDesk) -> None:
    def status(path: str, **headers: str) -> int:
        line = HTTPConnection(*phone_desk.caller.listener, timeout=10)
        line.request("GET", path, headers=headers)
        found = line.getresponse().status
        line.close()
        return found

    assert status("/healthz") == 200
    assert status("/readyz") == 200
    for headers in (
        {"Host": "desk.example.com"},
        {"Host": "DESK.example.com:443"},
        {"X-Forwarded-For": "192.0.2.1"},
        {"Forwarded": "for=192.0.2.1"},
    ):
        assert status("/healthz", **headers) == 404
        assert status("/readyz", **headers) == 404
        assert status("/", **headers) == 404
        assert status("/twilio/voice", **headers) == 405


def test_a_body_that_is_too_large_or_no_form_is_turned_away(phone_desk: PhoneDesk) -> None:
    large = {**CALL, "Body": "x" * 70_000}
    assert phone_desk.caller.deliver(phone_desk.caller.delivery(VOICE, large))[0] == 413
    delivery = phone_desk.caller.delivery(VOICE, CALL)
    assert phone_desk.caller.deliver(delivery, **{"Content-Type": "application/json"})[0] == 403


@pytest.mark.parametrize(
    ("charset", "body"),
    [
        ("bogus", b"a=b"),
        ("zlib_codec", b"a=b"),
        ("unicode_escape", rb"a=\ud800"),
        ("punycode", b"a=b-zz9"),
        ("utf-8", b"a=\xff"),
    ],
)
def test_a_form_that_nobody_can_read_is_turned_away(phone_desk: PhoneDesk, charset: str, body: bytes) -> None:
    line = HTTPConnection(*phone_desk.caller.listener, timeout=10)
    content_type = f"application/x-www-form-urlencoded; charset={charset}"
    line.request("POST", "/twilio/voice", body, {"Content-Type": content_type, "X-Twilio-Signature": "x"})
    assert line.getresponse().status == 403
    line.close()


def test_a_body_that_does_not_come_is_not_waited_for(phone_desk: PhoneDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "_FORM_SECONDS", 0.2)
    with socket.create_connection(phone_desk.caller.listener, timeout=10) as line:
        head = "POST /twilio/voice HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        line.sendall(f"{head}Content-Length: 100\r\n\r\na=".encode())
        assert line.recv(100).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("said", [b"", b"POST /twilio/voice HTTP/1.1\r\nHost: h\r\n"])
def test_a_connection_that_asks_nothing_ends(monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    monkeypatch.setattr(inboxd.web, "_IDLE_SECONDS", 0.2)

    async def ask() -> bytes:
        listener = inboxd.web.Web(lambda: None)
        (address,) = await listener.start("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*address)
        writer.write(said)
        heard = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        await listener.close()
        return heard

    assert asyncio.run(ask()) == b""


def test_only_so_many_connections_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inboxd.web, "_MOST_CONNECTIONS", 2)

    async def ask() -> tuple[bytes, bytes]:
        listener = inboxd.web.Web(lambda: None)
        (address,) = await listener.start("127.0.0.1", 0)
        lines = [await asyncio.open_connection(*address) for _ in range(3)]
        refused = await asyncio.wait_for(lines[2][0].read(), 10)
        lines[0][1].write(b"GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        answered = await asyncio.wait_for(lines[0][0].read(), 10)
        for _, writer in lines:
            writer.close()
        await listener.close()
        return refused, answered

    refused, answered = asyncio.run(ask())
    assert (refused, answered.split(b" ")[1]) == (b"", b"200")


@pytest.mark.parametrize(("peer", "outside"), [("9.9.9.9", True), ("2620:fe::9", True), ("10.1.2.3", False)])
def test_the_internet_sees_no_health_whatever_host_it_names(peer: str, outside: bool) -> None:
    transport = Mock()
    transport.get_extra_info = lambda name, default=None: (peer, 4711) if name == "peername" else default
    request = make_mocked_request("GET", "/healthz", headers={"Host": "localhost"}, transport=transport)
    assert inboxd.web._is_outside(request, "desk.example.com") is outside


def test_the_greeting_follows_line_and_hours(phone_desk: PhoneDesk) -> None:
    policy = phone_desk.phone._policy.current
    voice = Voice(settings=phone_desk.phone._settings, public_url=PUBLIC)
    monday_noon, sunday = datetime(2026, 1, 12, 18, 0, tzinfo=UTC), datetime(2026, 1, 11, 18, 0, tzinfo=UTC)
    assert "after the tone" in voice.greet(policy, LINE, monday_noon)
    closed = voice.greet(policy, LINE, sunday)
    assert "We open again Monday, 08:00." in closed
    assert "We open again Monday, 08:00." in voice.greet(policy, "+15559999", sunday)  # the default line's
    early = datetime(2026, 1, 12, 12, 0, tzinfo=UTC)  # 06:00 of that Monday, in Chicago
    assert "We open again today, 08:00." in voice.greet(policy, LINE, early)
    assert "Your reference is 4 8 2 1 3, 7." in voice.thank(policy, LINE, "48213-7")
    assert "reference" not in voice.thank(policy, LINE, None)
    assert "reference" not in voice.thank(policy, "+15550191", "48213-7")  # `after: thank-you`
    assert "desk.example.com" not in voice.fallback(policy.greetings)
    assert "<Record" in voice.fallback(policy.greetings)


def test_an_opening_is_told_in_the_calendars_zone_and_only_within_a_week(phone_desk: PhoneDesk) -> None:
    policy = phone_desk.phone._policy.current
    voice = Voice(settings=phone_desk.phone._settings, public_url=PUBLIC)
    office = policy.rules.calendars["office"]

    def greeted(at: datetime, **changed: Any) -> str:
        calendars = {"office": replace(office, _days={}, **changed)}
        return voice.greet(replace(policy, rules=replace(policy.rules, calendars=calendars)), LINE, at)

    sunday = datetime(2026, 1, 11, 23, 30, tzinfo=UTC)
    # In Tokyo it is Monday by then, whatever the desk's own zone says.
    assert "We open again today, 09:00." in greeted(sunday, zone=ZoneInfo("Asia/Tokyo"), week=(((540, 1020),),) * 7)
    break_ = (date(2026, 1, 12), date(2026, 1, 23))
    said = greeted(sunday, closed=(break_,))
    assert "We are closed now." in said
    assert "We open again" not in said, "Monday would be taken for tomorrow"


def test_a_reference_is_said_digit_by_digit() -> None:
    assert digits("48213-7") == "4 8 2 1 3, 7"


def test_the_same_webhook_again_and_again_is_one_call_and_one_job(phone_desk: PhoneDesk, chance: random.Random) -> None:
    delivery = phone_desk.caller.delivery(VOICE, CALL)
    heard = {phone_desk.caller.deliver(delivery)[1] for _ in range(20)}
    assert len(heard) == 1
    with phone_desk.store.read() as txn:
        from store import jobs

        (phone,) = [each for each in jobs.counts(txn) if each.lane == "phone"]
        assert (phone.ready, phone.later) == (0, 1)
    assert now_ms() - phone_desk.call(CALL["CallSid"]).at < 60_000
