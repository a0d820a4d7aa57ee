"""What stands inside: winmail.dat, files written into a text, and mail that is signed or encrypted."""

import base64
import random

import pytest

from inboxd.message import attachment, calendar, parse, rtf, tnef
from tests.harness.winmail import attribute, winmail

# `openssl cms -sign -nodetach -nocerts -noattr` over a mail of a text and a file: in one piece, and with open ends.
SIGNED = (
    "MIIBcgYJKoZIhvcNAQcCoIIBYzCCAV8CAQExDTALBglghkgBZQMEAgEwgakGCSqGSIb3DQEHAaCBmwSBmENvbnRlbnQtVHlwZTogbXVsdGlwYX"
    "J0L21peGVkOyBib3VuZGFyeT1iDQoNCi0tYg0KQ29udGVudC1UeXBlOiB0ZXh0L3BsYWluDQoNCnNpZ25lZCB3b3Jkcw0KLS1iDQpDb250ZW50"
    "LVR5cGU6IGFwcGxpY2F0aW9uL3BkZjsgbmFtZT1hLnBkZg0KDQp4DQotLWItLQ0KMYGeMIGbAgEBMDQwHDEaMBgGA1UEAwwRZnJvbnRAZXhhbX"
    "BsZS5jb20CFH3PmjDAFwo2U/hTG3AcBIel6fhdMAsGCWCGSAFlAwQCATAKBggqhkjOPQQDAgRHMEUCIArBv+qtafOlk7dXj4ymOn4uKfnEHyFo"
    "IU96Fr6fwmk8AiEApDOPVFrercDwU2/Wf7WheS9tMcvH28djWxmDWUHR6Z0="
)
SIGNED_IN_PIECES = (
    "MIAGCSqGSIb3DQEHAqCAMIACAQExDTALBglghkgBZQMEAgEwgAYJKoZIhvcNAQcBoIAkgASBmENvbnRlbnQtVHlwZTogbXVsdGlwYXJ0L21peG"
    "VkOyBib3VuZGFyeT1iDQoNCi0tYg0KQ29udGVudC1UeXBlOiB0ZXh0L3BsYWluDQoNCnNpZ25lZCB3b3Jkcw0KLS1iDQpDb250ZW50LVR5cGU6"
    "IGFwcGxpY2F0aW9uL3BkZjsgbmFtZT1hLnBkZg0KDQp4DQotLWItLQ0KAAAAAAAAMYGfMIGcAgEBMDQwHDEaMBgGA1UEAwwRZnJvbnRAZXhhbX"
    "BsZS5jb20CFH3PmjDAFwo2U/hTG3AcBIel6fhdMAsGCWCGSAFlAwQCATAKBggqhkjOPQQDAgRIMEYCIQDEy3hWiORGcqVBoU9oK4CJTOf3Kvk9"
    "ZWLFL+rkUpGN+wIhANCHj1L0j/l8jyDZrwKtc3SSvr5LrO5AEwPU1tSquVswAAAAAAAA"
)
ENCRYPTED = (
    "MIIBuwYJKoZIhvcNAQcDoIIBrDCCAagCAQIxgduhgdgCAQOgUaFPMAkGByqGSM49AgEDQgAE2aMbMPSNoV2zl8V0lro1UOIy6CKK8PVlYJ1mvQ=="
)


def with_winmail(mail, data: bytes) -> bytes:
    header = "Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64"
    return mail(header, base64.encodebytes(data))


def test_a_winmail_is_opened_and_stays_whole(mail):
    data = winmail(("Übersicht.pdf", b"%PDF-1"), ("b.txt", b"two"), text="It works.")
    raw = with_winmail(mail, data)
    parsed = parse(raw)
    assert parsed.text == "It works."
    (outer,) = parsed.attachments
    assert (outer.filename, outer.size, outer.dangerous) == ("winmail.dat", len(data), False)
    assert [(file.filename, file.content_type, file.size) for file in outer.contains] == [
        ("Übersicht.pdf", "application/pdf", 6),
        ("b.txt", "application/pdf", 3),
    ]
    assert attachment(raw, 0) == data
    assert [attachment(raw, 0, number) for number in (0, 1)] == [b"%PDF-1", b"two"]
    with pytest.raises(IndexError):
        attachment(raw, 0, 2)


def test_the_text_of_a_winmail_counts_where_the_mail_has_no_other(multipart):
    packed = base64.encodebytes(winmail(text="From the inside.")).decode()
    part = f"Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\n{packed}"
    assert parse(multipart("mixed", "\nFrom the outside.\n", part)).text == "From the outside."
    assert parse(multipart("mixed", "\n\n", part)).text == "From the inside."


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"html": "<p>It <b>works</b>.</p>"}, "It works."),
        (
            {"rtf": rb"{\rtf1\ansi\ansicpg1251{\fonttbl{\f0 Arial;}}It works: \'e4\'e0\par {\*\x y}\u8364?}"},
            "It works: да\n€",
        ),
        (
            {"rtf": rb"{\rtf1\fromhtml1{\*\htmltag64 <p>}It works.\htmlrtf {\f1 twice}\htmlrtf0 {\*\htmltag72 </p>}}"},
            "It works.",
        ),
    ],
)
def test_the_text_is_found_in_each_form(body, text, mail):
    assert parse(with_winmail(mail, winmail(**body))).text == text


def test_a_file_inside_that_runs_makes_its_wrapping_dangerous(mail):
    (outer,) = parse(with_winmail(mail, winmail(("invoice.pdf.exe", b"MZ")))).attachments
    assert (outer.dangerous, outer.contains[0].dangerous) == (True, True)


def test_names_inside_harm_no_disk(mail):
    (outer,) = parse(with_winmail(mail, winmail(("..\\..\\etc\\passwd", b"x"), ("", b"y")))).attachments
    assert [file.filename for file in outer.contains] == ["passwd", "part-2.bin"]


def test_what_is_no_winmail_or_cut_off_says_so(mail):
    parsed = parse(with_winmail(mail, b"not one"))
    assert "a winmail.dat cannot be opened" in parsed.defects
    parsed = parse(with_winmail(mail, winmail(("a.txt", b"one"), ("b.txt", b"two" * 100))[:-200]))
    assert "a winmail.dat is cut off or damaged" in parsed.defects
    assert parsed.attachments[0].contains[0].filename == "a.txt"


def test_a_damaged_winmail_is_read_without_an_exception():
    rng = random.Random(7)
    whole = winmail(("a.pdf", b"x" * 50), text="It works.", rtf=rb"{\rtf1 It \'e4 works.\par}")
    for _ in range(3_000):
        data = bytearray(whole)
        for _ in range(rng.randint(1, 8)):
            data[rng.randrange(6, len(data))] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
        opened = tnef.read(bytes(data[: rng.randrange(6, len(data) + 1)]))
        assert opened is not None


@pytest.mark.parametrize("repeated", [b"{", b"}", b"\\", b"\\'", b"\\u1 ", b"{\\*", b"\\par", b"a", b"\\htmlrtf "])
def test_hostile_rtf_costs_no_more_than_its_length(repeated):
    assert len(rtf.text_of(repeated * (1_000_000 // len(repeated)))) <= 1_000_000


@pytest.mark.parametrize(
    ("stream", "text"),
    [
        # The two examples of MS-OXRTFCP.
        (
            "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0",
            "hello world",
        ),
        ("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0", "WXYZ" * 5),
    ],
)
def test_compressed_rtf_is_unpacked(stream, text):
    assert rtf.text_of_compressed(bytes.fromhex(stream)) == text


def test_many_attributes_without_content_cost_no_more_than_their_length():
    data = b"\x78\x9f\x3e\x22\x01\x00" + attribute(2, 0x00069002, b"") * 100_000
    opened = tnef.read(data)
    assert opened is not None
    assert len(opened.files) == 500


@pytest.mark.parametrize(
    "written",
    [
        "begin 644 notes.txt\n#0V%T\n`\nend",
        "begin-base64 644 notes.txt\nQ2F0\n====",
        b"=ybegin line=128 size=3 name=notes.txt\nm\x8b\n\x9e\n=yend size=3".decode("latin-1"),
        b"=ybegin part=1 line=9 size=9 name=notes.txt\n=ypart begin=1 end=3\n=\xad\x8b\x9e\n=yend size=3".decode(
            "latin-1"
        ),
    ],
    ids=["uuencode", "uuencode-m", "yenc", "yenc-part"],
)
def test_a_file_written_into_the_text_is_an_attachment(written, mail):
    raw = mail("", f"See below.\n\n{written}\n\nBye.\n".encode("latin-1"))
    parsed = parse(raw)
    assert parsed.text.split() == ["See", "below.", "Bye."]
    (file,) = parsed.attachments
    assert (file.filename, attachment(raw, 0)) == ("notes.txt", b"Cat")


@pytest.mark.parametrize(
    "text",
    [
        "begin 644 a.txt\nno end",
        "We begin 644 a\n#0V%T\nend",
        "begin 644 a\n\nend",
        "begin\nend",
        "=ybegin line=128 size=3 name=a\nno end",
        "=ybegin line=128 size=3 name=a\nfour\n=yend size=3",
        "=ybegin\n=yend size=0",
    ],
)
def test_what_only_looks_like_a_written_file_stays_text(text, mail):
    parsed = parse(mail("", text))
    assert (parsed.text, parsed.attachments) == (text, ())


@pytest.mark.parametrize("written", [SIGNED, SIGNED_IN_PIECES], ids=["one-piece", "pieces"])
def test_a_mail_that_is_only_signed_is_read(written, mail):
    header = "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n"
    raw = mail(header + "Content-Transfer-Encoding: base64", written)
    parsed = parse(raw)
    assert (parsed.text, parsed.is_signed, parsed.is_encrypted) == ("signed words", True, False)
    assert [file.filename for file in parsed.attachments] == ["smime.p7m", "a.pdf"]
    assert attachment(raw, 1) == b"x"


def test_a_signed_envelope_that_is_cut_anywhere_is_an_attachment(mail):
    data = base64.b64decode(SIGNED_IN_PIECES)
    for size in range(len(data)):
        raw = mail(
            "Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64", base64.b64encode(data[:size])
        )
        assert parse(raw).attachments[0].size == size


@pytest.mark.parametrize(
    ("header", "body", "signed", "encrypted"),
    [
        ("Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64", ENCRYPTED, False, True),
        ("Content-Type: application/x-pkcs7-mime; smime-type=enveloped-data", "x", False, True),
        ("", "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello\n", True, False),
        ("", "-----BEGIN PGP MESSAGE-----\n\nhQ\n-----END PGP MESSAGE-----\n", False, True),
        ("", "> -----BEGIN PGP MESSAGE-----\n", False, False),
    ],
)
def test_signed_and_encrypted_mail_is_known(header, body, signed, encrypted, mail):
    parsed = parse(mail(header, body))
    assert (parsed.is_signed, parsed.is_encrypted) == (signed, encrypted)
    assert any("encrypted" in each for each in parsed.defects) == encrypted


@pytest.mark.parametrize(("kind", "signed", "encrypted"), [("signed", True, False), ("encrypted", False, True)])
def test_the_multiparts_of_openpgp_are_known(kind, signed, encrypted, multipart):
    parsed = parse(multipart(kind, "\nHello\n", "Content-Type: application/pgp-signature\n\nx\n"))
    assert (parsed.is_signed, parsed.is_encrypted) == (signed, encrypted)


INVITATION = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:16010101T030000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
SUMMARY;LANGUAGE=en:Repair of the printer\\, room 12
DTSTART;TZID=Europe/Berlin:20250603T100000
DTEND;TZID="Europe/Berlin":20250603T110000
LOCATION:Room 12
ORGANIZER;CN=Front Desk:MAILTO:front@example.com
ATTENDEE;CN="Support";PARTSTAT=ACCEPTED:mailto:support@example.org
DESCRIPTION:Please be there.\\nBring
  paper.
BEGIN:VALARM
DESCRIPTION:Reminder
END:VALARM
END:VEVENT
END:VCALENDAR
"""


def test_an_invitation_is_told_in_words():
    assert calendar.summary(INVITATION).split("\n") == [
        "Invitation: Repair of the printer, room 12",
        "When: 2025-06-03 10:00 (Europe/Berlin) to 2025-06-03 11:00 (Europe/Berlin)",
        "Where: Room 12",
        "By: Front Desk <front@example.com>",
        "",
        "Please be there.",
        "Bring paper.",
    ]


@pytest.mark.parametrize(
    ("was", "becomes", "line"),
    [
        ("METHOD:REQUEST", "METHOD:REPLY", "Support <support@example.org>: accepted"),
        ("METHOD:REQUEST", "METHOD:CANCEL", "Cancelled: Repair of the printer, room 12"),
        (":20250603T100000", ":20250603T100000Z", "When: 2025-06-03 10:00 (UTC) to 2025-06-03 11:00 (Europe/Berlin)"),
        (
            ";TZID=Europe/Berlin:20250603T100000",
            ";VALUE=DATE:20250603",
            "When: 2025-06-03 to 2025-06-03 11:00 (Europe/Berlin)",
        ),
        ("LOCATION", "RRULE:FREQ=DAILY\nLOCATION", "Repeated: every day"),
        (
            "LOCATION",
            "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;WKST=MO;COUNT=4\nLOCATION",
            "Repeated: every 2 weeks on Mon, Fri, 4 times",
        ),
        ("LOCATION", "RRULE:FREQ=YEARLY;UNTIL=20301231T000000Z\nLOCATION", "Repeated: every year, until 2030-12-31"),
        ("LOCATION", "RRULE:FREQ=MONTHLY;BYDAY=2TU\nLOCATION", "Repeated: FREQ=MONTHLY;BYDAY=2TU"),
        ("LOCATION", "RRULE:=;FREQ\nLOCATION", "Repeated: =;FREQ"),
    ],
)
def test_answers_cancellations_and_days_are_told(was, becomes, line):
    assert line in calendar.summary(INVITATION.replace(was, becomes)).split("\n")


@pytest.mark.parametrize(
    ("ends", "when"),
    [("20250604", "2025-06-03"), ("20250606", "2025-06-03 to 2025-06-05"), ("20259999", "2025-06-03 to 2025-99-99")],
)
def test_the_day_on_which_whole_days_end_is_the_last_of_them(ends, when):
    event = f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20250603\nDTEND;VALUE=DATE:{ends}\nEND:VEVENT\n"
    assert f"When: {when}" in calendar.summary(event).split("\n")


def test_an_invitation_is_the_text_of_a_mail_that_has_no_other(mail, multipart):
    parsed = parse(mail("Content-Type: text/calendar; method=REQUEST; charset=utf-8", INVITATION))
    assert parsed.text.startswith("Invitation: Repair")
    assert parsed.attachments[0].content_type == "text/calendar"
    part = f"Content-Type: text/calendar\n\n{INVITATION}"
    beside = parse(multipart("alternative", "\nPlease come.\n", part))
    assert beside.text == "Please come."
    assert beside.attachments[0].about == "\n".join(calendar.summary(INVITATION).split("\n")[:4])


@pytest.mark.parametrize(
    "text", ["", "BEGIN:VEVENT", "BEGIN:VEVENT\nEND:VEVENT", "BEGIN:VCALENDAR\nSUMMARY:x", "END:VEVENT"]
)
def test_a_calendar_without_an_event_says_nothing(text):
    assert calendar.summary(text) == ""


@pytest.mark.parametrize("repeated", ["BEGIN:VEVENT\n", "A;B=", 'A;B="', "A;B=c;", "A:\n b", "ATTENDEE:x\n", ":", ";"])
def test_a_hostile_calendar_costs_no_more_than_its_length(repeated):
    calendar.summary("BEGIN:VEVENT\n" + repeated * (1_000_000 // len(repeated)))
