"""Faults on our side, and clients that leave: nothing lost, nothing refused for good, nothing told."""

import asyncio
import errno
import socket
import threading

import pytest

from inboxd.errors import Deferred

SECRET = "no space on /srv/inboxd/secret"
NO_SPACE = OSError(errno.ENOSPC, SECRET)


@pytest.mark.parametrize("step", ["fail_spool", "fail_write", "fail_accept"])
@pytest.mark.parametrize(
    ("fault", "reply"),
    [
        (RuntimeError(SECRET), "451 4.3.0 Local fault, come again"),
        (OSError(errno.EIO, SECRET), "451 4.3.0 Local fault, come again"),
        (OSError(errno.ENOSPC, SECRET), "452 4.3.1 No space left, come again"),
        (OSError(errno.EDQUOT, SECRET), "452 4.3.1 No space left, come again"),
        (TimeoutError(SECRET), "451 4.3.0 Local fault, come again"),
        (Deferred("The desk is busy"), "451 4.3.0 The desk is busy"),
        (Deferred("The desk is full", enhanced="4.3.1"), "452 4.3.1 The desk is full"),
    ],
)
def test_a_fault_of_ours_is_temporary_keeps_its_text_and_the_session_goes_on(desk, step, fault, reply):
    talk = desk.session()
    setattr(desk.acceptor, step, fault)
    talk.ask("MAIL FROM:<customer@example.org>")
    talk.ask("RCPT TO:<support@example.com>")
    answer = talk.ask("DATA")
    if step != "fail_spool":
        assert answer.startswith("354")
        answer = talk.ask("Subject: x\r\n\r\nRSET\r\n.")
    assert answer == reply
    # The envelope is reset: the next mail of the session is not "nested".
    setattr(desk.acceptor, step, None)
    assert talk.send(b"second") == "250 2.0.0 Q1"
    assert desk.bodies == [b"second\r\n"]
    assert all(spool.discarded for spool in desk.acceptor.spools)


def test_an_exception_in_our_code_is_logged_with_its_traceback(desk):
    desk.acceptor.fail_accept = RuntimeError("boom")
    desk.session().send(b"x")
    (event,) = desk.events("deferred")
    assert event["exc_info"] is desk.acceptor.fail_accept
    assert event["exc_info"].__traceback__ is not None


def test_a_disk_that_fills_in_the_middle_of_a_large_body_is_told_after_its_end(desk):
    talk = desk.session().begin()
    talk.say(b"x" * 300_000)
    desk.wait_until(lambda: desk.acceptor.spools[0].size == 300_000)
    desk.acceptor.fail_write = NO_SPACE
    talk.say(b"y" * 300_000 + b"\r\nQUIT\r\n.\r\n")
    assert talk.hear() == "452 4.3.1 No space left, come again"
    assert desk.acceptor.spools[0].discarded
    desk.acceptor.fail_write = None
    assert talk.send(b"again") == "250 2.0.0 Q1"


@pytest.mark.parametrize("leave", ["close", "reset"])
def test_a_client_that_vanishes_during_the_commit_does_not_cancel_it(desk, leave):
    desk.acceptor.go_on.clear()
    talk = desk.session().begin()
    talk.say(b"kept\r\n.\r\n")
    assert desk.acceptor.began.wait(20)
    getattr(talk, leave)()
    # The receiver has seen the client go when a second session is served.
    assert desk.session().ask("NOOP").startswith("250")
    desk.acceptor.go_on.set()
    assert desk.acceptor.finished.wait(20)
    assert desk.bodies == [b"kept\r\n"]


def test_a_client_that_closes_its_half_still_gets_its_250(desk):
    desk.acceptor.go_on.clear()
    talk = desk.session().begin()
    talk.say(b"kept\r\n.\r\n")
    talk.socket.shutdown(socket.SHUT_WR)
    assert desk.acceptor.began.wait(20)
    desk.acceptor.go_on.set()
    assert talk.hear_all() == ["250 2.0.0 Q1"]


@pytest.mark.parametrize("leave", ["close", "reset"])
@pytest.mark.parametrize("part", [b"", b"Subject: half", b"Subject: half\r\n", b"Subject: half\r\n."])
def test_half_a_message_is_dropped_when_its_client_leaves(desk, leave, part):
    talk = desk.session().begin()
    talk.say(part)
    getattr(talk, leave)()
    desk.wait_until(lambda: desk.events("disconnection"))
    assert desk.acceptor.accepted == []
    assert all(spool.discarded for spool in desk.acceptor.spools)


def test_the_time_of_the_commit_does_not_count_as_the_clients_silence(open_desk):
    desk = open_desk(command_timeout=0.5, session_seconds=0.8)
    desk.acceptor.go_on.clear()
    talk = desk.session().begin()
    talk.say(b"slow store\r\n.\r\n")
    assert desk.acceptor.began.wait(20)
    threading.Timer(2.0, desk.acceptor.go_on.set).start()
    assert talk.hear() == "250 2.0.0 Q1"
    assert talk.ask("QUIT").startswith("221")


def test_a_store_that_gives_its_work_up_is_answered_451_and_the_session_goes_on(desk):
    desk.acceptor.fail_accept = asyncio.CancelledError()
    talk = desk.session()
    assert talk.send(b"x") == "451 4.3.0 Local fault, come again"
    desk.acceptor.fail_accept = None
    assert talk.send(b"x") == "250 2.0.0 Q1"


def test_a_disk_so_full_that_even_giving_up_fails_leaves_the_session_usable(desk):
    desk.acceptor.fail_write = desk.acceptor.fail_discard = NO_SPACE
    talk = desk.session()
    assert talk.send(b"x") == "452 4.3.1 No space left, come again"
    desk.acceptor.fail_write = desk.acceptor.fail_discard = None
    assert talk.send(b"x") == "250 2.0.0 Q1"
    assert desk.events("discard_failed")


def test_a_fault_of_ours_within_a_body_ends_the_session_before_its_rest_is_taken_for_commands(desk, monkeypatch):
    def broken(_self, _chunk):
        raise RuntimeError(SECRET)

    talk = desk.session()
    monkeypatch.setattr("inboxd.smtp_receiver.unstuffing.Unstuffer.feed", broken)
    talk.begin().say(b"QUIT\r\nNOOP\r\n.\r\n")
    talk.socket.shutdown(socket.SHUT_WR)
    assert talk.hear_all() == ["451 4.3.0 Local fault, come again"]
    assert desk.acceptor.spools[0].discarded


def test_a_permanent_code_from_the_store_is_made_temporary(desk):
    desk.acceptor.fail_accept = Deferred("Never again", enhanced="5.7.1")
    assert desk.session().send(b"x") == "451 4.3.0 Never again"


def test_a_fault_while_a_command_is_worked_on_leaves_the_session_usable(desk, monkeypatch):
    def broken(_text, _size):
        raise RuntimeError(SECRET)

    talk = desk.session()
    with monkeypatch.context() as patch:
        patch.setattr("inboxd.smtp_receiver.parameters.refusal_of_mail", broken)
        assert talk.ask("MAIL FROM:<customer@example.org>") == "451 4.3.0 Local fault, come again"
    assert talk.send(b"x") == "250 2.0.0 Q1"
    assert len(desk.events("session_failed")) == 1
