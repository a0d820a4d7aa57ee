"""Clients that are too big, too many, too slow or too chatty."""

import socket
import time

import aiosmtpd.smtp
import pytest


def test_a_message_above_the_limit_is_heard_out_and_refused_with_552(open_desk):
    desk = open_desk(max_size=1000)
    talk = desk.session()
    assert talk.send(b"x" * 1500) == "552 5.3.4 Message too big"
    assert desk.acceptor.spools[0].discarded
    (refused,) = desk.events("refused")
    assert (refused["reason"], refused["mail_from"], refused["recipients"], refused["size"]) == (
        "message-too-big", "customer@example.org", "support@example.com", 1502,
    )  # fmt: skip
    assert talk.send(b"x" * 998) == "250 2.0.0 Q1"
    assert desk.bodies == [b"x" * 998 + b"\r\n"]


def test_a_message_of_twice_the_limit_is_cut_and_its_client_hears_552(open_desk):
    desk = open_desk(max_size=100_000)
    talk = desk.session().begin()
    try:
        for _ in range(400):
            talk.say(b"x" * 100_000)
    except (BrokenPipeError, ConnectionResetError):
        pytest.fail("the client was reset before it could hear why")
    talk.socket.shutdown(socket.SHUT_WR)
    assert talk.hear_all() == ["552 5.3.4 Message too big"]
    assert [entry["reason"] for entry in desk.events("refused")] == ["message-too-big"]
    assert desk.acceptor.accepted == []


def test_the_limit_counts_the_message_not_its_transparency_dots(open_desk):
    desk = open_desk(max_size=1000)
    assert desk.session().send(b"..\r\n" * 332 + b"..") == "250 2.0.0 Q1"
    assert len(desk.bodies[0]) == 999


def test_recipients_beyond_the_limit_are_deferred_and_the_others_get_the_mail(open_desk):
    addresses = tuple(f"desk{number}@example.com" for number in range(120))
    desk = open_desk(recipients=addresses)
    talk = desk.session()
    talk.ask("MAIL FROM:<customer@example.org>")
    replies = [talk.ask(f"RCPT TO:<{address}>")[:9] for address in addresses]
    assert replies == ["250 2.1.5"] * 100 + ["452 4.5.3"] * 20
    talk.ask("DATA")
    assert talk.ask(".") == "250 2.0.0 Q1"
    assert desk.acceptor.accepted[0][0].rcpt_tos == addresses[:100]


def test_a_good_recipient_after_a_hundred_unknown_ones_still_gets_its_mail(desk):
    talk = desk.session()
    talk.ask("MAIL FROM:<customer@example.org>")
    for number in range(100):
        assert talk.ask(f"RCPT TO:<nobody{number}@example.com>").startswith("550 5.1.1")
    assert talk.ask("RCPT TO:<support@example.com>").startswith("250")


def test_noop_for_ever_is_ended_with_421(desk):
    talk = desk.session()
    talk.say(b"NOOP\r\n" * 5000)
    replies = talk.hear_all()
    assert replies[-1] == "421 4.7.0 Too many commands without a message, closing"
    assert len(replies) <= 201


def test_guessing_recipients_for_ever_is_ended_with_421(desk):
    talk = desk.session()
    talk.ask("MAIL FROM:<customer@example.org>")
    talk.say(b"".join(b"RCPT TO:<guess%d@example.com>\r\n" % number for number in range(1000)))
    assert talk.hear_all()[-1].startswith("421 4.7.0")


def test_a_client_that_does_not_speak_the_protocol_is_ended_with_421(desk):
    talk = desk.session()
    talk.say(b"what?\r\n" * 50)
    replies = talk.hear_all()
    assert replies[:-1] == ["500 5.5.2 Command not recognized"] * 21
    assert replies[-1] == "421 4.7.0 Too many errors, closing"


def test_a_command_line_without_end_is_ended_with_421(desk):
    talk = desk.session()
    talk.say(b"x" * 200_000)
    assert talk.hear_all() == ["421 4.7.0 Too many errors, closing"]


def test_many_messages_in_one_session_are_no_junk(desk):
    talk = desk.session()
    for _ in range(30):
        for _ in range(10):
            assert talk.ask("RSET").startswith("250")
        assert talk.send(b"x").startswith("250")
    assert len(desk.bodies) == 30


def test_saying_ehlo_again_and_again_does_not_widen_the_limit_of_a_command(desk):
    too_long = "MAIL FROM:<customer@example.org> SIZE=1" + " " * 2010
    talk = desk.session()
    for _ in range(100):
        assert talk.ask("EHLO client.example").startswith("250")
    assert talk.ask(too_long).startswith("500 5.5.2")
    assert desk.session().ask(too_long).startswith("500 5.5.2")
    assert dict(aiosmtpd.smtp.SMTP.command_size_limits) == {}


def test_a_steady_sender_may_take_longer_than_the_timeout(open_desk):
    desk = open_desk(command_timeout=1.5)
    talk = desk.session().begin()
    for _ in range(10):
        talk.say(b"a line\r\n")
        time.sleep(0.25)
    talk.say(b".\r\n")
    assert talk.hear() == "250 2.0.0 Q1"
    assert desk.bodies == [b"a line\r\n" * 10]


@pytest.mark.parametrize("state", ["greeted", "in-mail", "in-data", "in-line"])
def test_a_silent_client_is_told_421_and_closed(open_desk, state):
    desk = open_desk(command_timeout=0.3)
    talk = desk.session()
    if state == "in-mail":
        talk.ask("MAIL FROM:<customer@example.org>")
    elif state == "in-data":
        talk.begin().say(b"Subject: x")
    elif state == "in-line":
        talk.say(b"MAIL FR")
    assert talk.hear_all() == ["421 4.4.2 Too slow, closing"]
    assert desk.acceptor.accepted == []


@pytest.mark.parametrize("state", ["commands", "data"])
def test_a_dripping_client_meets_the_limit_of_the_whole_session(open_desk, state):
    desk = open_desk(command_timeout=30, session_seconds=1.0)
    talk = desk.session()
    if state == "data":
        talk.begin()
    talk.socket.settimeout(0.05)
    ended = ""
    deadline = time.monotonic() + 25
    while not ended and time.monotonic() < deadline:
        try:
            talk.say(b"x" if state == "data" else b"\r\n" * 0 + b"N")
            ended = talk.hear()
        except TimeoutError:
            continue
    assert ended == "421 4.4.2 Too slow, closing"


def test_a_client_that_never_fetches_its_replies_is_cut(open_desk):
    desk = open_desk(command_timeout=0.5, max_junk=10**9, max_errors=10**9, linger=0.5)
    talk = desk.session()
    talk.socket.settimeout(0.2)
    try:
        while True:
            talk.say(b"EHLO client.example\r\n" * 5000)
    except (TimeoutError, BrokenPipeError, ConnectionResetError):
        pass
    desk.wait_until(lambda: desk.events("disconnection"))


def test_one_client_cannot_take_all_places(open_desk):
    desk = open_desk(max_connections_per_client=3)
    sessions = [desk.session() for _ in range(3)]
    assert desk.call().hear_all() == ["421 4.7.0 Too many connections, come again"]
    sessions[0].ask("QUIT")
    assert sessions[0].hear() == ""
    desk.session()


def test_no_more_than_all_places_are_given(open_desk):
    desk = open_desk(max_connections=3)
    sessions = [desk.session() for _ in range(3)]
    assert desk.call().hear_all() == ["421 4.7.0 Too many connections, come again"]
    assert all(talk.ask("NOOP").startswith("250") for talk in sessions)


def test_a_newcomer_gets_the_place_of_the_session_that_was_silent_longest(open_desk):
    desk = open_desk(max_connections=3, idle_grace=0.0)
    silent, sending, talking = desk.session(), desk.session().begin(), desk.session()
    assert talking.ask("NOOP").startswith("250")
    assert desk.session().send(b"new") == "250 2.0.0 Q1"
    assert silent.hear_all() == ["421 4.7.0 Too many connections, come again"]
    assert sending.ask("old\r\n.") == "250 2.0.0 Q2"
    assert talking.ask("NOOP").startswith("250")


def test_the_places_of_clients_that_vanish_at_once_are_free_again(open_desk):
    desk = open_desk(max_connections=10)
    for number in range(200):
        talk = desk.call()
        if number % 2:
            talk.say(b"EHLO c\r\n")
        talk.reset()

    def served():
        talk = desk.call()
        greeting = talk.hear()
        talk.close()
        return greeting.startswith("220")

    desk.wait_until(served)
    desk.wait_until(lambda: len(desk.receiver._sessions) == 0)


def test_three_hundred_idle_and_fifty_dripping_clients_keep_nobody_out(desk):
    for _ in range(300):
        desk.call()
    for _ in range(50):
        desk.session().begin().say(b"drip")
    assert desk.session().send(b"in time") == "250 2.0.0 Q1"
