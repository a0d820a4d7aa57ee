"""What a person sees of a mail that was read."""

from inboxd.cli import parse_page
from inboxd.message import parse, to_json

ASTERISK = b"""\
From: Asterisk PBX <asterisk@pbx.example.com>
Subject: [PBX]: New message 3 in mailbox 1001
Message-ID: <Asterisk-3-1804289383-1001-4711@pbx.example.com>
X-Asterisk-CallerID: 5550100
X-Asterisk-CallerIDName: Operations
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain

You were just left a 0:42 long message (number 3)
in mailbox 1001 from Operations <5550100>, on Tuesday, January 13, 2026.

--b
Content-Type: audio/x-wav; name="msg0002.WAV"

RIFF
--b--
"""


def test_a_phone_systems_mail_shows_the_call_that_is_read_in_it() -> None:
    page = parse_page.render({"path": "m.eml", **to_json(parse(ASTERISK))})
    assert '  voicemail:    asterisk, from +15550100 "Operations", mailbox 1001, length 0:42' in page.splitlines()
    plain = parse_page.render({"path": "m.eml", **to_json(parse(b"Subject: x\n\nx\n"))})
    assert "voicemail" not in plain
