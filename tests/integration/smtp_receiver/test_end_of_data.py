"""Where a message ends, and that its bytes are kept as they came."""

import hashlib
import random

import pytest

# What other servers have taken for the end of a message (CVE-2023-51764, -51765, -51766, CVE-2024-27305).
FALSE_ENDS = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r.\r",
    b"\r\n.\r",
    b"\r.\r\n",
    b"\n.\r",
    b"\r.\n",
    b"\r\r\n.\r\r\n",
    b"\r\n\x00.\r\n",
    b"\r\n.\x00\r\n",
]


@pytest.mark.parametrize("end", FALSE_ENDS)
def test_no_false_end_of_data_smuggles_a_second_message(desk, end):
    smuggled = b"MAIL FROM:<boss@example.com>\r\nRCPT TO:<support@example.com>\r\nDATA\r\nfalse\r\n"
    talk = desk.session()
    assert talk.send(b"Subject: one\r\n\r\nbody" + end + smuggled) == "250 2.0.0 Q1"
    assert talk.ask("NOOP").startswith("250")
    assert len(desk.acceptor.accepted) == 1
    assert b"MAIL FROM:<boss@example.com>" in desk.bodies[0]


def test_bare_line_ends_are_content_and_kept_byte_for_byte(desk):
    body = b"Subject: x\n\nbare feed\nbare return\rboth\r\n..\n.\r.\n"
    desk.session().send(body)
    # Only a dot after CRLF is transparent (RFC 5321 4.5.2).
    assert desk.bodies == [b"Subject: x\n\nbare feed\nbare return\rboth\r\n.\n.\r.\n\r\n"]


@pytest.mark.parametrize("seed", range(8))
def test_the_bytes_of_an_accepted_message_are_the_bytes_that_were_sent(desk, seed):
    chance = random.Random(seed)
    alphabet = [b"\r\n", b".", b"\r\n.", b"\r", b"\n", b"\x00", b"\xff", b"text " * 50, b"x" * 5000]
    body = b"".join(chance.choices(alphabet, k=400)) + b"\r\n"
    stuffed = (b"\r\n" + body).replace(b"\r\n.", b"\r\n..")[2:]
    talk = desk.session().begin()
    sent = stuffed + b".\r\n"
    at = 0
    while at < len(sent):
        size = chance.choice([1, 2, 3, 5, 1000, 70_000])
        talk.say(sent[at : at + size])
        at += size
    assert talk.hear() == "250 2.0.0 Q1"
    assert hashlib.sha256(desk.bodies[0]).hexdigest() == hashlib.sha256(body).hexdigest()


def test_an_empty_message_is_a_message(desk):
    talk = desk.session().begin()
    talk.say(b".\r\n")
    assert talk.hear() == "250 2.0.0 Q1"
    assert desk.bodies == [b""]


def test_lines_beyond_a_thousand_octets_are_accepted(desk):
    body = b"Subject: " + b"x" * 998 + b"\r\n\r\n" + b"y" * 500_000
    assert desk.session().send(body) == "250 2.0.0 Q1"
    assert desk.bodies == [body + b"\r\n"]


def test_what_follows_a_message_in_the_same_packet_is_the_next_command(desk):
    talk = desk.session().begin()
    talk.say(b"one\r\n.\r\nNOOP\r\nMAIL FROM:<a@b.example>\r\nQUIT\r\n")
    assert [reply[:9] for reply in talk.hear_all()] == ["250 2.0.0", "250 2.0.0", "250 2.1.0", "221 2.0.0"]
