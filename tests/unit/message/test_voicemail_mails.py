"""Mails of phone systems as their templates write them: who called, which box, how long."""

from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import yaml

from inboxd.message import caller_line, parse

MAILS = yaml.safe_load((Path(__file__).parent / "voicemail-mails.yaml").read_text("utf-8"))


def raw(mail: dict[str, Any]) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = mail.get("from", "PBX <pbx@pbx.example>"), "support@example.com"
    message["Subject"], message["Date"] = mail["subject"], "Tue, 17 Nov 2026 10:03:00 -0600"
    for name, value in mail.get("header", {}).items():
        message[name] = value
    if "html" in mail:
        message.set_content(mail["html"], subtype="html")
    else:
        message.set_content(mail.get("body", ""))
    sound = mail.get("sound", "msg0000.WAV")
    kind = "mpeg" if sound.endswith("mp3") else "x-wav"
    message.add_attachment(b"RIFF" + bytes(400), maintype="audio", subtype=kind, filename=sound)
    return message.as_bytes()


@pytest.mark.parametrize("mail", MAILS.values(), ids=MAILS.keys())
def test_each_template_is_read(mail: dict[str, Any]) -> None:
    found = parse(raw(mail)).voicemail
    assert found is not None
    assert [found.system, found.caller, found.mailbox, found.duration, found.name] == mail["reads"]


@pytest.mark.parametrize(
    ("text", "number", "name"),
    [
        ('"Desk, Front" <9525550142>', "9525550142", "Desk, Front"),
        ("Front ((952) 555-0142)", "(952) 555-0142", "Front"),
        ("9525550142 (Front Desk)", "9525550142", "Front Desk"),
        ("7-Eleven 9525550142", "9525550142", "7-Eleven"),
        ("<sip:9525550142@pbx.example>", "9525550142", None),
        # What a caller can choose is the name: a number in it is not the one that called.
        ('"Front <+15550166>" <9525550142>', "9525550142", "Front <+15550166>"),
        ("Unknown <unknown>", "unknown", None),
        ("Front Desk", None, "Front Desk"),
        ("", None, None),
        ("x " * 10_000 + "9525550142", None, ("x " * 100).strip()),
    ],
)
def test_number_and_name_are_told_apart(text: str, number: str | None, name: str | None) -> None:
    assert caller_line.split(text) == (number, name)
