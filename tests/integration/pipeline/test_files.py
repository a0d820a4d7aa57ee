"""The files of a ticket, as people take them out: attachments, recordings, a PBX's recording; and words put right."""

from base64 import b64decode
from email.message import EmailMessage

import pytest

from inboxd.errors import InboxdError
from tests.harness.winmail import winmail
from tests.integration.pipeline.conftest import InProcessDesk


def taken(desk: InProcessDesk, ref: str, number: int) -> bytes:
    return b64decode(desk.call("tickets.file", ref=ref, number=number)["data"])


def test_attachments_of_mails_come_out_as_they_were_sent(desk: InProcessDesk) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@client.example", "support@example.com", "two files"
    message.set_content("see there")
    message.add_attachment(b"first", maintype="application", subtype="pdf", filename="one.pdf")
    message.add_attachment(b"MZ\x90", maintype="application", subtype="octet-stream", filename="two.exe")
    ref = desk.mail(message.as_bytes())["ticket"]["ref"]
    listed = desk.call("tickets.files", ref=ref)
    assert [(each["number"], each["filename"], each["dangerous"]) for each in listed] == [
        (1, "one.pdf", False),
        (2, "two.exe", True),
    ]
    assert (taken(desk, ref, 1), taken(desk, ref, 2)) == (b"first", b"MZ\x90")
    with pytest.raises(InboxdError, match="none with the number 3"):
        desk.call("tickets.file", ref=ref, number=3)


def test_what_a_winmail_dat_holds_comes_out_behind_it(desk: InProcessDesk) -> None:
    packed = winmail(("one.pdf", b"first"), ("two.exe", b"MZ\x90"), text="See there.")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@client.example", "support@example.com", "Outlook's"
    message.set_content("\n")
    message.add_attachment(packed, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    message.add_attachment(b"last", maintype="application", subtype="pdf", filename="last.pdf")
    ref = desk.mail(message.as_bytes())["ticket"]["ref"]
    listed = desk.call("tickets.files", ref=ref)
    assert [(each["filename"], each["inside"], each["dangerous"]) for each in listed] == [
        ("winmail.dat", None, True),
        ("one.pdf", "winmail.dat", False),
        ("two.exe", "winmail.dat", True),
        ("last.pdf", None, False),
    ]
    assert [taken(desk, ref, number) for number in range(1, 5)] == [packed, b"first", b"MZ\x90", b"last"]


def test_a_recording_comes_out_as_it_came_in(desk: InProcessDesk) -> None:
    sound = b"RIFF\x24\x00\x00\x00WAVE" + bytes(400)
    ref = desk.voicemail(sound, caller="+15550111", transcript="hello")["ticket"]["ref"]
    (file,) = desk.call("tickets.files", ref=ref)
    assert (file["entry"], file["size"]) == ("voicemail", len(sound))
    assert taken(desk, ref, 1) == sound


def test_a_correction_keeps_what_the_machine_heard(desk: InProcessDesk) -> None:
    ref = desk.voicemail(b"RIFF", caller="+15550111", transcript="facts sever is clown")["ticket"]["ref"]
    ticket = desk.call("tickets.correct", ref=ref, text="fax server is down")
    transcript = ticket["entries"][0]["transcript"]
    assert transcript["text"] == "fax server is down"
    assert ticket["subject"].endswith(": fax server is down")
    assert transcript["machine"]["text"] == "facts sever is clown"
    assert transcript["corrected_by"] == "engineer"
    again = desk.call("tickets.correct", ref=ref, text="the fax server is down")["entries"][0]["transcript"]
    assert again["machine"]["text"] == "facts sever is clown"
    assert [each["ref"] for each in desk.call("tickets.search", words="fax server")] == [ref]
    with pytest.raises(InboxdError, match="empty"):
        desk.call("tickets.correct", ref=ref, text=" ")
