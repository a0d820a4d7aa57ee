"""A PBX's voicemail by mail: a call where it comes from the configured machine, a mail with sound from anybody else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from sqlalchemy import Connection

from inboxd.call_story.place_call import no_sound_key
from inboxd.intake.envelope import NOTHING_SAID, Envelope
from store import calls, recordings
from tests.integration.pipeline.conftest import InProcessDesk

PBX = {
    "from": "asterisk@pbx.example.com",
    "networks": ["192.0.2.20"],
    "line": "+15550190",
    "lines": {"1002": "+15550191"},
}
CALL = {"caller": "+15550100", "called": "+15550190"}
# Asterisk's own template, with its mailbox, caller and length.
BODY = (
    "Dear Operations:\n\n\tJust wanted to let you know you were just left a 0:02 long message (number 3)\n"
    'in mailbox {mailbox} from "ACME" <{caller}>, on Tuesday, November 17, 2026 at 10:02:11 AM so you might\n'
    "want to check it when you get a chance.  Thanks!\n\n\t\t\t\t--Asterisk\n"
)


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """One kind of store will do: what differs between them is tested below."""
    return f"sqlite:///{tmp_path}/inboxd.db"


@pytest.fixture(scope="session")
def wav49(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two seconds of a hum as Asterisk keeps them: GSM 6.10 in WAV."""
    path = tmp_path_factory.mktemp("sound") / "msg0000.WAV"
    hum = 0.2 * np.sin(2 * np.pi * 200 * np.arange(16000) / 8000)
    soundfile.write(path, hum, 8000, format="WAV", subtype="GSM610")
    return path.read_bytes()


@pytest.fixture
def voicemail_mail(wav49: bytes) -> Callable[..., bytes]:
    def made(
        *, caller: str = "+15550100", mailbox: str = "1001", at: datetime | None = None, body: str = BODY,
        **headers: str,
    ) -> bytes:  # fmt: skip
        message = EmailMessage()
        message["From"] = headers.pop("From", "Asterisk PBX <asterisk@pbx.example.com>")
        message["To"] = "support@example.com"
        message["Subject"] = headers.pop("Subject", f"[PBX]: New message 3 in mailbox {mailbox}")
        message["Date"] = format_datetime(at or datetime.now(UTC))
        message["Message-ID"] = headers.pop("Message-ID", f"<Asterisk-3-1-{mailbox}-77@pbx.example.com>")
        for name, value in headers.items():
            message[name] = value
        message.set_content(body.format(mailbox=mailbox, caller=caller))
        message.add_attachment(wav49, maintype="audio", subtype="x-wav", filename="msg0000.WAV")
        return message.as_bytes()

    return made


def take(desk: InProcessDesk, raw: bytes, client_ip: str = "192.0.2.20") -> dict[str, Any]:
    envelope = {"mail_from": "asterisk@pbx.example.com", "rcpt_tos": ["support@example.com"], "client_ip": client_ip}
    return desk._through(desk.call("ingest.accept", raw, kind="mail", envelope=envelope, name="mail"), 60)


@pytest.fixture
def pbx_desk(make_desk: Callable[..., InProcessDesk]) -> InProcessDesk:
    return make_desk(voicemail_mail=[PBX])


def test_a_mail_of_the_configured_pbx_is_a_call_with_caller_line_length_and_sound(
    pbx_desk: InProcessDesk, voicemail_mail: Callable[..., bytes]
) -> None:
    outcome = take(pbx_desk, voicemail_mail())
    assert outcome["status"] == "filed"
    ticket = pbx_desk.show(outcome)
    assert ticket["channel"] == "voicemail"
    assert ticket["source"] == "+15550190"
    assert ticket["requester"] == {"address": None, "name": ticket["requester"]["name"], "phone": "+15550100"}
    assert any("phone system (asterisk, mailbox 1001)" in each for each in ticket["identity"]["evidence"])
    (entry,) = ticket["entries"]
    assert entry["kind"] == "voicemail"
    assert entry["author"] == "+15550100"
    assert entry["attachments"][0]["filename"].endswith(".wav")
    assert entry["transcript"]["duration"] == pytest.approx(2.0, abs=0.1)  # GSM in WAV was decoded
    # A phone system is nobody to write to.
    assert all("pbx.example.com" not in each["to"] for each in pbx_desk.call("outbox.list"))


def test_a_mailbox_can_stand_for_another_line(pbx_desk: InProcessDesk, voicemail_mail: Callable[..., bytes]) -> None:
    assert pbx_desk.show(take(pbx_desk, voicemail_mail(mailbox="1002")))["source"] == "+15550191"


@pytest.mark.parametrize(
    ("from_", "client_ip"),
    [("Asterisk PBX <asterisk@pbx.example.com>", "198.51.100.7"), ("Asterisk <asterisk@evil.example>", "192.0.2.20")],
    ids=["another machine", "another sender"],
)
def test_the_same_mail_by_anybody_else_is_a_mail(
    pbx_desk: InProcessDesk, voicemail_mail: Callable[..., bytes], from_: str, client_ip: str
) -> None:
    outcome = take(pbx_desk, voicemail_mail(From=from_), client_ip)
    ticket = pbx_desk.show(outcome)
    assert ticket["channel"] == "email"
    assert ticket["priority"] in ("medium", "low")


def test_the_same_mail_twice_is_one_ticket(pbx_desk: InProcessDesk, voicemail_mail: Callable[..., bytes]) -> None:
    raw = voicemail_mail()
    first = take(pbx_desk, raw)
    again = take(pbx_desk, b"Received: by mx.example.com; Tue, 17 Nov 2026 16:03:00 +0000\r\n" + raw)
    assert again["status"] == "duplicate"
    assert again["ticket"]["ref"] == first["ticket"]["ref"]


def by_provider(desk: InProcessDesk, sound: bytes, number: int, began: datetime, *, seconds: int, **call: str) -> Any:
    """A call that came by the provider, as its story leaves it: the intake, and the line in the ledger."""
    what = {"caller": "+15550100", "called": "+15550190", **call}
    outcome = desk.voicemail(sound, **what, way="provider", seconds=seconds, received_at=began.isoformat())
    (house,) = desk.backend.houses()
    sid, at = f"RE{number:032}", round(began.timestamp() * 1000)
    told = {"line": what["called"], "caller": what["caller"], "started_at": at, "seconds": seconds}
    house.store.write(
        lambda txn: (
            recordings.note(txn, sid),
            recordings.change(txn, sid, state="stored", intake_id=outcome["intake_id"], **told),
        )
    )
    return outcome


@pytest.mark.parametrize("first", ["provider", "pbx"])
def test_the_same_call_by_provider_and_pbx_is_one_ticket_whichever_comes_first(
    pbx_desk: InProcessDesk, voicemail_mail: Callable[..., bytes], wav49: bytes, first: str
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    ways = [
        lambda: by_provider(pbx_desk, wav49, 1, now, seconds=3),
        lambda: take(pbx_desk, voicemail_mail(at=now)),  # its Date is when the call ended, its length 0:02
    ]
    one, other = (way() for way in (ways if first == "provider" else reversed(ways)))
    assert (one["status"], other["status"]) == ("filed", "duplicate")
    assert one["ticket"]["ref"] == other["ticket"]["ref"]


@pytest.mark.parametrize("first", ["provider", "pbx"])
def test_who_calls_twice_within_minutes_has_two_tickets_also_where_only_one_call_came_by_both_ways(
    pbx_desk: InProcessDesk, voicemail_mail: Callable[..., bytes], wav49: bytes, first: str
) -> None:
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    later = now + timedelta(seconds=60)
    one = [
        lambda: by_provider(pbx_desk, wav49, 1, now, seconds=3),
        lambda: take(pbx_desk, voicemail_mail(at=now)),
    ]
    told = [way() for way in (one if first == "provider" else reversed(one))]
    if first == "provider":
        other = take(pbx_desk, voicemail_mail(at=later, **{"Message-ID": "<Asterisk-4@pbx.example.com>"}))
    else:
        other = by_provider(pbx_desk, wav49, 2, later, seconds=3)
    assert [each["status"] for each in (*told, other)] == ["filed", "duplicate", "filed"]


def silent_call(desk: InProcessDesk, silent: str, began: datetime, sid: str = "CA" + "0" * 32) -> dict[str, Any]:
    """A call of the provider that stands without its sound, as its story keeps it."""
    desk.call("phone.block", number="+15550166")  # the store is there
    (house,) = desk.backend.houses()
    envelope = Envelope(way="provider", call_sid=sid, silent=silent, **CALL)
    spool = house.intake.spool()
    spool.write(b"{}")
    at, key = round(began.timestamp() * 1000), no_sound_key(sid)

    def enter(txn: Connection, _queue_id: str) -> bool:
        calls.note(txn, sid, **CALL)
        return True

    queue_id = house.intake.keep_call(envelope, spool, enter, key=key, received_at=at)
    spool.discard()
    assert queue_id is not None
    house.intake.announce([queue_id])
    return desk._through({"intake_id": queue_id}, 60)


def test_two_calls_without_a_word_in_one_second_are_two_tickets(pbx_desk: InProcessDesk) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    calls = [silent_call(pbx_desk, NOTHING_SAID, now, f"CA{number:032}") for number in range(2)]
    assert [each["status"] for each in calls] == ["filed", "filed"]
    assert calls[0]["ticket"]["ref"] != calls[1]["ticket"]["ref"]


@pytest.mark.parametrize(("silent", "joins"), [("its recording is still being made", True), (NOTHING_SAID, False)])
def test_the_sound_that_the_provider_does_not_hand_out_comes_by_the_phone_system(
    pbx_desk: InProcessDesk, voicemail_mail: Callable[..., bytes], wav49: bytes, silent: str, *, joins: bool
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    first = silent_call(pbx_desk, silent, now)
    mailed = take(pbx_desk, voicemail_mail(at=now))
    assert (mailed["ticket"]["ref"] == first["ticket"]["ref"]) is joins
    assert mailed["status"] == ("threaded" if joins else "filed")
    # And when the provider hands it out after all, it is the same once more.
    told = {**CALL, "way": "provider", "call_sid": "CA" + "0" * 32, "received_at": now.isoformat()}
    late = pbx_desk.voicemail(wav49 + b"2", **told, seconds=2)
    assert late["status"] == "duplicate"
    assert late["ticket"]["ref"] == mailed["ticket"]["ref"]


def test_a_sound_follows_its_call_into_the_ticket_it_was_merged_into_and_back_again(
    pbx_desk: InProcessDesk, voicemail_mail: Callable[..., bytes], wav49: bytes
) -> None:
    began = datetime.now(UTC).replace(microsecond=0)
    stays = pbx_desk.voicemail(wav49, caller="+15550100")["ticket"]["ref"]
    gone = silent_call(pbx_desk, "its recording is still being made", began)["ticket"]["ref"]
    pbx_desk.call("tickets.merge", ref=gone, into=stays)
    mailed = take(pbx_desk, voicemail_mail(at=began))
    assert (mailed["status"], mailed["ticket"]["ref"]) == ("threaded", stays)
    back = pbx_desk.call("tickets.undo", ref=gone)
    assert [len(each["attachments"]) for each in back["entries"]] == [0, 1]
    assert back["subject"].startswith("Voicemail, 0:02, ")
    assert [len(each["attachments"]) for each in pbx_desk.call("tickets.show", ref=stays)["entries"]] == [1]
    assert pbx_desk.call("intake.show", id=mailed["intake_id"])["ticket"] == gone


@pytest.mark.parametrize(
    ("late", "longer", "call", "same"),
    # The store's own test has each limit (`recordings.twin`).
    [
        (0, 0, {"caller": "anonymous"}, True),
        (45, 0, {"caller": "anonymous"}, False),
        (119, 2, {}, True),
        (123, 0, {}, False),
    ],
)
def test_how_like_two_calls_must_be_to_be_one(
    pbx_desk: InProcessDesk, voicemail_mail: Callable[..., bytes], wav49: bytes,
    late: int, longer: int, call: dict[str, str], *, same: bool,
) -> None:  # fmt: skip
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=30)
    caller = "anonymous" if call.get("caller") == "anonymous" else "+15550100"
    by_provider(pbx_desk, wav49, 1, now, seconds=2, **call)
    ended = now + timedelta(seconds=late + 2 + longer)
    raw = voicemail_mail(at=ended, caller=caller).replace(b"0:02", f"0:0{2 + longer}".encode())
    assert (take(pbx_desk, raw)["status"] == "duplicate") is same


def test_own_patterns_read_own_templates(
    make_desk: Callable[..., InProcessDesk], voicemail_mail: Callable[..., bytes], tmp_path: Path
) -> None:
    (tmp_path / "own.yaml").write_text(
        "ours:\n  signs: [{in: subject, matches: '^Neue Nachricht'}]\n"
        "  reads: [{in: subject, matches: 'von (?P<caller>[+0-9]+) in (?P<mailbox>[0-9]+)'}]\n"
    )
    desk = make_desk(voicemail_mail=[{**PBX, "patterns": "own.yaml"}])
    raw = voicemail_mail().replace(b"[PBX]: New message 3 in mailbox 1001", b"Neue Nachricht von +15550100 in 1002")
    ticket = desk.show(take(desk, raw))
    assert (ticket["source"], ticket["requester"]["phone"]) == ("+15550191", "+15550100")
    assert any("(ours, mailbox 1002)" in each for each in ticket["identity"]["evidence"])


def test_own_patterns_read_the_fields_that_machines_write(
    make_desk: Callable[..., InProcessDesk], voicemail_mail: Callable[..., bytes], tmp_path: Path
) -> None:
    (tmp_path / "own.yaml").write_text(
        "ours:\n  signs: [{header: X-Our-PBX, matches: .}]\n"
        "  reads: [{header: X-Our-Caller, matches: '(?P<who>.+)'}, {header: X-Our-Box, matches: '(?P<mailbox>.+)'}]\n"
    )
    desk = make_desk(voicemail_mail=[{**PBX, "patterns": "own.yaml"}])
    fields = {"X-Our-PBX": "1", "X-Our-Caller": '"Desk, Front" <+15550100>', "X-Our-Box": "1002"}
    ticket = desk.show(take(desk, voicemail_mail(**fields)))
    assert (ticket["source"], ticket["requester"]["phone"]) == ("+15550191", "+15550100")
    assert any('the name "Desk, Front"' in each for each in ticket["identity"]["evidence"])


def test_what_nobody_can_read_of_a_trusted_phone_system_is_a_call_all_the_same(
    pbx_desk: InProcessDesk, voicemail_mail: Callable[..., bytes]
) -> None:
    fields = {"Subject": "For you", "Message-ID": "<3@pbx.example.com>"}
    ticket = pbx_desk.show(take(pbx_desk, voicemail_mail(body="You know what.\n", **fields)))
    assert (ticket["channel"], ticket["source"]) == ("voicemail", "+15550190")
    assert ticket["requester"]["phone"] is None
    assert ticket["account"] is None
    assert any("nothing in the mail is written as inboxd knows it" in each for each in ticket["identity"]["evidence"])
    assert pbx_desk.call("outbox.list") == []


@pytest.mark.parametrize("client_ip", ["192.0.2.20", "198.51.100.7"], ids=["the machine", "somebody else"])
def test_a_phone_system_is_never_answered_whatever_it_sends(pbx_desk: InProcessDesk, client_ip: str) -> None:
    raw = (
        b"From: Asterisk PBX <asterisk@pbx.example.com>\r\nTo: support@example.com\r\nSubject: Mailbox 1001 is full\r\n"
        b"Message-ID: <full@pbx.example.com>\r\nDate: Tue, 17 Nov 2026 10:03:00 -0600\r\n\r\nPlease delete some.\r\n"
    )
    ticket = pbx_desk.show(take(pbx_desk, raw, client_ip))
    assert ticket["channel"] == "email"
    (item,) = pbx_desk.call("outbox.list")
    assert (item["state"], "phone system" in item["reason"]) == ("suppressed", True)


def test_a_number_without_its_country_is_one_of_the_line_that_was_called(
    make_desk: Callable[..., InProcessDesk], voicemail_mail: Callable[..., bytes]
) -> None:
    desk = make_desk(voicemail_mail=[{**PBX, "line": "+493023125000", "lines": {}}])
    for written, number in (("0302312501", "+49302312501"), ("+15550100", "+15550100"), ("00493023125014",) * 2):
        ticket = desk.show(take(desk, voicemail_mail(caller=written)))
        assert ticket["requester"]["phone"] == number.replace("00", "+", 1 if number.startswith("00") else 0)


def test_two_phone_systems_may_write_under_one_address(
    make_desk: Callable[..., InProcessDesk], voicemail_mail: Callable[..., bytes]
) -> None:
    other = {"from": PBX["from"], "networks": ["192.0.2.21"], "line": "+15550191"}
    desk = make_desk(voicemail_mail=[PBX, other])
    assert desk.show(take(desk, voicemail_mail(), "192.0.2.20"))["source"] == "+15550190"
    assert desk.show(take(desk, voicemail_mail(caller="+15550101"), "192.0.2.21"))["source"] == "+15550191"


def test_the_caller_in_the_from_field_of_a_whole_domain_is_no_author(
    make_desk: Callable[..., InProcessDesk], voicemail_mail: Callable[..., bytes]
) -> None:
    desk = make_desk(voicemail_mail=[{**PBX, "from": "@pbx.example.com"}])
    fields = {
        "From": '"Desk, Front" <15550100@pbx.example.com>', "Message-ID": "<3@pbx.example.com>",
        "Subject": 'Voicemail from "Desk, Front" <+15550100> 00:00:02', "X-Mailer": "FreeSWITCH mod_voicemail",
    }  # fmt: skip
    ticket = desk.show(take(desk, voicemail_mail(body="Play it.\n", **fields)))
    assert (ticket["channel"], ticket["requester"]["phone"]) == ("voicemail", "+15550100")
    assert ticket["requester"]["address"] is None
    assert desk.call("outbox.list") == []


@pytest.mark.parametrize(("length", "date"), [("999999:00:00", None), ("0:02", "Mon, 01 Jan 0001 00:00:00 +0000")])
def test_a_length_or_a_date_that_cannot_be_is_left_out(
    pbx_desk: InProcessDesk, voicemail_mail: Callable[..., bytes], length: str, date: str | None
) -> None:
    raw = voicemail_mail().replace(b"0:02", length.encode())
    if date is not None:
        raw = b"".join(line for line in raw.splitlines(keepends=True) if not line.startswith(b"Date:"))
        raw = f"Date: {date}\n".encode() + raw
    ticket = pbx_desk.show(take(pbx_desk, raw))
    assert ticket["channel"] == "voicemail"
    created = datetime.fromisoformat(ticket["created_at"])
    assert abs((created - datetime.now(UTC)).total_seconds()) < 600


def test_a_phone_system_whose_clock_stands_ahead_lets_no_call_begin_later_than_its_mail_came(
    pbx_desk: InProcessDesk, voicemail_mail: Callable[..., bytes]
) -> None:
    outcome = take(pbx_desk, voicemail_mail(at=datetime.now(UTC) + timedelta(hours=5)))
    assert datetime.fromisoformat(pbx_desk.show(outcome)["created_at"]) <= datetime.now(UTC)
