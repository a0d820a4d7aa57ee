"""Start and end of the listener."""

import asyncio
import errno
import socket
import threading

import pytest
import structlog

from inboxd.smtp_receiver import Receiver, SmtpOptions


def test_idle_sessions_hear_421_at_once_when_the_daemon_stops(desk):
    fresh, greeted, in_mail = desk.call(), desk.session(), desk.session()
    fresh.hear()
    in_mail.ask("MAIL FROM:<customer@example.org>")
    desk.drain()
    for talk in (fresh, greeted, in_mail):
        assert talk.hear_all() == ["421 4.3.2 Shutting down, come again"]


def test_a_message_under_way_is_finished_and_answered_before_the_daemon_stops(desk):
    desk.acceptor.go_on.clear()
    sending, committing = desk.session().begin(), desk.session().begin()
    committing.say(b"two\r\n.\r\n")
    assert desk.acceptor.began.wait(20)
    drain = desk.start_to_drain()
    sending.say(b"one\r\n.\r\n")
    desk.acceptor.go_on.set()
    for talk in (sending, committing):
        first, second = talk.hear_all()
        assert first.startswith("250 2.0.0 Q")
        assert second == "421 4.3.2 Shutting down, come again"
    drain.join(30)
    assert sorted(desk.bodies) == [b"one\r\n", b"two\r\n"]


def test_a_message_that_does_not_end_is_cut_when_the_time_to_stop_is_over(desk):
    talk = desk.session().begin()
    talk.say(b"half")
    desk.drain(0.2)
    assert talk.hear_all() == []
    assert desk.acceptor.accepted == []
    assert desk.events("drain_incomplete")


def test_a_pipelined_group_cut_by_the_stop_is_not_half_obeyed(desk):
    desk.acceptor.go_on.clear()
    talk = desk.session().begin()
    talk.say(b"one\r\n.\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<support@example.com>\r\nDATA\r\ntwo\r\n.\r\n")
    assert desk.acceptor.began.wait(20)
    drain = desk.start_to_drain()
    desk.acceptor.go_on.set()
    drain.join(30)
    assert desk.bodies == [b"one\r\n"]
    assert talk.hear_all() == ["250 2.0.0 Q1", "421 4.3.2 Shutting down, come again"]


def test_a_port_that_is_taken_raises_the_systems_error():
    async def start_twice():
        options = SmtpOptions(hostname="mail.example.com", recipients=("support@example.com",), max_size=1000)
        one, two = (Receiver(options, None, structlog.get_logger()) for _ in range(2))
        await one.start("127.0.0.1", 0)
        try:
            with pytest.raises(OSError, match=f"Errno {errno.EADDRINUSE}"):
                await two.start("127.0.0.1", one.addresses[0][1])
        finally:
            await one.drain(1)

    asyncio.run(start_twice())


def test_a_recipient_that_is_no_address_is_refused_by_name():
    options = SmtpOptions(hostname="mail.example.com", recipients=("support",), max_size=1000)
    with pytest.raises(ValueError, match="'support'"):
        Receiver(options, None, structlog.get_logger())


def test_the_start_asks_no_dns_and_runs_in_the_callers_loop(monkeypatch):
    def no_dns(*_):
        raise AssertionError("the name of the host was looked up")

    async def start_and_talk():
        options = SmtpOptions(hostname="mail.example.com", recipients=("support@example.com",), max_size=1000)
        receiver = Receiver(options, None, structlog.get_logger())
        threads = threading.active_count()
        await receiver.start("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*receiver.addresses[0])
        greeting = await reader.readline()
        assert threading.active_count() <= threads
        writer.close()
        await writer.wait_closed()
        await receiver.drain(5)
        assert greeting == b"220 mail.example.com ESMTP\r\n"

    for name in ("getfqdn", "gethostbyaddr", "gethostname"):
        monkeypatch.setattr(socket, name, no_dns)
    asyncio.run(start_and_talk())


def test_an_ipv4_client_on_an_ipv6_socket_is_an_ipv4_client():
    from inboxd.smtp_receiver.session import _address_of

    assert _address_of(("::ffff:192.0.2.7", 2525, 0, 0)) == ("192.0.2.7", 2525)
    assert _address_of(("fe80::1%eth0", 25, 0, 2)) == ("fe80::1", 25)
    assert _address_of(("192.0.2.7", 25)) == ("192.0.2.7", 25)
