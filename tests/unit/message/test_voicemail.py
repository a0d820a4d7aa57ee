"""Mails of phone systems: who called, which box, how long; and mails that only look like one."""

from email.message import EmailMessage

import pytest

from inboxd.message import parse
from inboxd.message.voicemail import seconds

# Asterisk's own template (apps/app_voicemail.c), as it writes it when nothing is configured.
ASTERISK = (
    "Dear Operations:\n\n\tJust wanted to let you know you were just left a 0:27 long message (number 3)\n"
    'in mailbox 1001 from "ACME" <9525550142>, on Tuesday, November 17, 2026 at 10:02:11 AM so you might\n'
    "want to check it when you get a chance.  Thanks!\n\n\t\t\t\t--Asterisk\n"
)
FREESWITCH = 'Created: Tuesday\nFrom: "Bill" <9525550142>\nDuration: 00:00:27\nAccount: 1001@pbx.example\n'


def mail(
    subject: str, body: str, *, from_: str = "PBX <pbx@pbx.example>", sound: str | None = "msg0000.WAV", **headers: str
) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = from_, "support@example.com", subject
    message["Date"] = "Tue, 17 Nov 2026 10:03:00 -0600"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    if sound is not None:
        message.add_attachment(b"RIFF" + bytes(400), maintype="audio", subtype="x-wav", filename=sound)
    return message.as_bytes()


@pytest.mark.parametrize(
    ("raw", "system", "caller", "mailbox", "duration"),
    [
        (mail("[PBX]: New message 3 in mailbox 1001", ASTERISK), "asterisk", "+19525550142", "1001", 27),
        (
            mail("New message", "no more", X_Asterisk_CallerID="9525550142", X_Asterisk_CallerIDName="ACME"),
            "asterisk", "+19525550142", None, None,
        ),
        (
            mail("[PBX]: New message 1 in mailbox 1001", ASTERISK.replace('"ACME" <9525550142>', "an unknown caller")),
            "asterisk", "anonymous", "1001", 27,
        ),
        (
            mail("[PBX]: New Urgent message 1 in mailbox 1001", ASTERISK, X_Asterisk_VM_Caller_ID_Num="+15550100"),
            "asterisk", "+15550100", "1001", 27,
        ),
        (mail('Voicemail from "Bill" <9525550142> 00:00:27', FREESWITCH), "freeswitch", "+19525550142", "1001", 27),
        (mail("27 sec Voicemail from Bill 9525550142", "x"), "freeswitch", "+19525550142", None, 27),
        (
            mail("Message from 9525550142", "x", from_="UnityConnection@ucx.example", sound="VoiceMessage.wav"),
            "cisco-unity", "+19525550142", None, None,
        ),
        (
            mail("New voicemail from (917) 555-0185 at 3:18 PM", "x", from_="voice-noreply@google.com", sound="a.mp3"),
            "google-voice", "+19175550185", None, None,
        ),
        (
            mail(
                "Voice Mail (12 seconds)", "x", sound="audio.mp3",
                X_CallingTelephoneNumber="+19525550142", X_VoiceMessageDuration="12",
            ),
            "microsoft", "+19525550142", None, 12,
        ),
        (
            mail(
                "New Voice Message from (952) 555-0142 on 11/17/2026 10:02 AM",
                "You Have a New Voice Message\nFrom: (952) 555-0142\nLength: 00:27\nTo: (952) 555-0190",
            ),
            "ringcentral", "+19525550142", None, 27,
        ),
        (
            mail("3CX: new voicemail", "From: Bill (9525550142)\nExtension: 1001\nDuration: 00:27\n"),
            "3cx", "+19525550142", "1001", 27,
        ),
        (
            mail("Voicemail for you", "Caller: 952-555-0142\nMailbox: 12\nDuration: 27 seconds\n"),
            "generic", "+19525550142", "12", 27,
        ),
    ],
)  # fmt: skip
def test_each_systems_mail_is_read(
    raw: bytes, system: str, caller: str | None, mailbox: str | None, duration: int | None
) -> None:
    found = parse(raw).voicemail
    assert found is not None
    assert (found.system, found.caller, found.mailbox, found.duration) == (system, caller, mailbox, duration)
    assert found.received_at == "2026-11-17T16:03:00Z"


def test_the_number_called_is_read_where_it_is_said() -> None:
    body = "From: (952) 555-0142\nLength: 00:27\nTo: (952) 555-0190"
    found = parse(mail("New Voice Message from (952) 555-0142 on 11/17/2026", body)).voicemail
    assert found is not None
    assert found.called == "+19525550190"


@pytest.mark.parametrize(
    "raw",
    [
        mail("[PBX]: New message 3 in mailbox 1001", ASTERISK, sound=None),
        mail("Recall: minutes", "x", X_CallingTelephoneNumber="IPM.Note", X_VoiceMessageDuration="1"),
        mail("Re: your message from Monday", "I got your message from 12 November and we have 3 questions"),
        mail("A song", "listen to this"),
        mail("[PBX]: New message 1 in mailbox 1001", ASTERISK, sound="msgintro0000.wav"),
    ],
    ids=["no sound", "a recalled mail", "a mail with sound", "a song", "a prologue alone"],
)
def test_what_only_looks_like_one_is_none(raw: bytes) -> None:
    assert parse(raw).voicemail is None


@pytest.mark.parametrize(
    ("text", "length"),
    [("42", 42), ("0:42", 42), ("00:01:02", 62), ("42 sec", 42), (None, None), ("", None), ("1:2:3:4", None)],
)
def test_lengths_are_read_as_phone_systems_write_them(text: str | None, length: int | None) -> None:
    assert seconds(text) == length
